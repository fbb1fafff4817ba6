import { packAgents } from "./agent.js";
import { type PackedImage, pack, type Say } from "./pack.js";
import { type ImageRow, table } from "./table.js";

export type { PackedImage } from "./pack.js";

/** Every image of the node and of the suite's stack, one after the other: what is in the cache stays. */
export async function packImages(say: Say): Promise<readonly PackedImage[]> {
  const packed: PackedImage[] = [];
  for (const [name, row] of Object.entries<ImageRow>(table)) packed.push(await pack(name, row, say));
  return [...packed, ...(await packAgents(say))];
}

/** The archives of those that no registry has: every cluster has to be given them. */
export const ownArchives = (images: readonly PackedImage[]): readonly string[] => [
  ...new Set(
    images.filter(({ references }) => references.some((name) => ours.test(name))).map(({ archive }) => archive),
  ),
];

const ours = /^localhost\//;
