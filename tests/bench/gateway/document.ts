import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

const file = join(import.meta.dirname, "../../../docs/benchmarks.md");

/** Puts what a command found into its place in docs/benchmarks.md. */
export function writeFindings(command: string, findings: readonly string[]): void {
  const [begin, end] = [`<!-- written by: ${command} -->`, "<!-- end -->"];
  const text = readFileSync(file, "utf8");
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end, from);
  if (!text.includes(begin) || to < 0) throw new Error(`${file} has no place for it: expected ${begin} and ${end}`);
  writeFileSync(file, `${text.slice(0, from)}\n\n${findings.join("\n\n")}\n\n${text.slice(to)}`);
}

export const machine = (): string =>
  `On ${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform} ${process.arch}.`;
