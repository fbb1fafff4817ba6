import assert from "node:assert/strict";
import * as fc from "fast-check";
import { SettingsError } from "../../config/problems.js";
import { hideSecrets } from "../../config/secrets.js";
import { parsed } from "../support/settings.js";
import { rawSecrets, settingsTrees } from "./trees.js";

/** The first trees of a row that is always the same: test:matrix goes on to five thousand. */
const trees = Number(process.env["SETTINGS_TREES"] ?? 1000);

describe("any settings", () => {
  it("give settings, or only clean lines that say key, wrong, expected and repair", function () {
    this.timeout(120_000);
    const outcomes = { settings: 0, errors: 0 };
    fc.assert(
      fc.property(settingsTrees, (said) => {
        try {
          const { warnings } = parsed(said);
          outcomes.settings += 1;
          for (const warning of warnings) assertClean(warning);
        } catch (error) {
          if (!(error instanceof SettingsError)) throw error;
          outcomes.errors += 1;
          const [heading, ...lines] = error.message.split("\n");
          assert.equal(heading, `test: ${lines.length} problem${lines.length === 1 ? "" : "s"}`);
          assert.equal(lines.length, error.problems.length);
          assert.ok(lines.length > 0);
          for (const line of lines) {
            assert.match(line, /^ {2}agent-platform:\S.*: .+; expected .+; .+$/);
            assertClean(line);
          }
        }
      }),
      { numRuns: trees, seed: 20261121 },
    );
    // Neither side is empty, or the trees would prove nothing.
    assert.ok(outcomes.settings > trees / 30 && outcomes.errors > trees / 2, JSON.stringify(outcomes));
  });
});

function assertClean(line: string): void {
  assert.doesNotMatch(line, /[\p{C}\p{Zl}\p{Zp}]/u, `a control character in ${JSON.stringify(line)}`);
  assert.doesNotMatch(line, /\.ts:\d+|Error:|undefined|\[object/, `a trace of the program in ${line}`);
  assert.ok(line.length < 2500, `${line.length} characters`);
  assert.equal(hideSecrets(line), line);
  for (const secret of rawSecrets) assert.ok(!line.includes(secret), `a secret in ${line}`);
}
