import type { Life } from "./life.js";
import { runIn } from "./namespaces.js";

/** What pods run from, as against what `ctr` itself would see. */
const ctr = ["-n", "k8s.io"];

export async function runtimeAnswers(first: Life): Promise<string | undefined> {
  await runIn(first, "ctr", ["version"]);
  return undefined;
}

/** Each under all the names that are in its archive. */
export async function importInto(first: Life, archives: readonly string[]): Promise<void> {
  const importing = [...new Set(archives)].map((archive) => runIn(first, "ctr", [...ctr, "images", "import", archive]));
  await Promise.all(importing);
}
