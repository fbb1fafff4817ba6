import { packAgents } from "./agent.js";
import { type PackedImage, pack, type Say } from "./pack.js";
import { nodeImages } from "./references.js";
import { type ImageRow, table } from "./table.js";

export type { PackedImage } from "./pack.js";

/** Every image of the suite's stack, one after the other: what is in the cache stays. */
export async function packImages(say: Say): Promise<readonly PackedImage[]> {
  return [...(await packed((name) => !(name in nodeImages), say)), ...(await packAgents(say))];
}

/** Those of the node itself: without them no pod runs, no name is known and no claim is met. */
export const packNodeImages = (say: Say): Promise<readonly PackedImage[]> => packed((name) => name in nodeImages, say);

async function packed(wanted: (name: string) => boolean, say: Say): Promise<readonly PackedImage[]> {
  const images: PackedImage[] = [];
  for (const [name, row] of Object.entries<ImageRow>(table)) if (wanted(name)) images.push(await pack(name, row, say));
  return images;
}

/** The archives of those that no registry has: every cluster has to be given them. */
export const ownArchives = (images: readonly PackedImage[]): readonly string[] => [
  ...new Set(
    images.filter(({ references }) => references.some((name) => ours.test(name))).map(({ archive }) => archive),
  ),
];

const ours = /^localhost\//;
