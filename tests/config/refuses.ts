import assert from "node:assert/strict";
import { formatProblem, type Problem, SettingsError } from "../../config/problems.js";
import { type ParseOptions, parseSettings } from "../../config/settings.js";
import type { Source } from "../../config/source.js";
import type { Tree } from "../../config/walk.js";
import { isCommand, run } from "./cli.js";

export const sourceOf = (said: Tree): Source => ({
  name: "Pulumi.test.yaml",
  config: Object.fromEntries(Object.entries(said).map(([key, value]) => [`agent-platform:${key}`, value])),
  encrypted: new Set(),
});

export function problemsOf(source: Source, options: ParseOptions = {}): readonly Problem[] {
  try {
    parseSettings(source, options);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

/** The mistake, and every line that it ends in, whole. */
export function refuses(title: string, said: Tree, lines: readonly string[], options: ParseOptions = {}): void {
  it(title, () => {
    const source = sourceOf(said);
    const problems = problemsOf(source, options);
    assert.deepEqual(
      problems.map((problem) =>
        formatProblem(problem)
          .trim()
          .replace(/^agent-platform:/, ""),
      ),
      lines,
    );
    for (const { key, what, repair } of problems.filter((problem) => isCommand(problem.repair))) {
      const after = problemsOf(run(source, repair), options);
      assert.ok(!after.some((other) => other.key === key && other.what === what), `${repair} repairs nothing`);
    }
  });
}
