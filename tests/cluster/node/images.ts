import { type PackedImage, pack, type Say } from "../images/pack.js";
import { table } from "../images/table.js";
import type { Life } from "./life.js";
import { runIn } from "./namespaces.js";

/** Without these no pod runs, no name is known and no claim is met. */
const names = ["pause", "coredns", "local-path", "busybox"] as const;

export async function packNodeImages(say: Say): Promise<readonly PackedImage[]> {
  const packed: PackedImage[] = [];
  for (const name of names) packed.push(await pack(name, table[name], say));
  return packed;
}

/** What pods run from, as against what `ctr` itself would see. */
const ctr = ["-n", "k8s.io"];

export async function runtimeAnswers(first: Life): Promise<string | undefined> {
  await runIn(first, "ctr", ["version"]);
  return undefined;
}

/** Each under all the names that are in its archive. */
export async function importInto(first: Life, archives: readonly string[]): Promise<void> {
  for (const archive of new Set(archives)) await runIn(first, "ctr", [...ctr, "images", "import", archive]);
}
