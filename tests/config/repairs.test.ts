import assert from "node:assert/strict";
import * as fc from "fast-check";
import { type Problem, SettingsError } from "../../config/problems.js";
import { repairsFor } from "../../config/repairs.js";
import { parseSettings } from "../../config/settings.js";
import type { Source } from "../../config/source.js";
import type { Tree } from "../../config/walk.js";
import { isCommand, run } from "./cli.js";
import { settingsTrees } from "./trees.js";

function problemsOf(source: Source): readonly Problem[] {
  try {
    parseSettings(source);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

const same = (one: Problem) => (other: Problem) => one.key === other.key && one.what === other.what;

describe("repairs", () => {
  const plain = repairsFor({}, {});

  it("a path is quoted for the shell, a key at the top is none", () => {
    assert.equal(
      plain.set(["cluster", "access", "cidrs", 0], "1.2.3.0/24"),
      "set it with: pulumi config set --path 'cluster.access.cidrs[0]' 1.2.3.0/24",
    );
    assert.equal(plain.remove(["a b"]), "remove it with: pulumi config rm 'a b'");
    assert.equal(
      plain.set(["tags", "it's"], "$(x)"),
      `set it with: pulumi config set --path 'tags["it'\\''s"]' '$(x)'`,
    );
  });

  it("what begins with a dash is no option", () => {
    assert.equal(plain.set(["name"], "-x"), "set it with: pulumi config set -- name -x");
    assert.equal(plain.remove(["-x"]), "remove it with: pulumi config rm -- -x");
  });

  it("maps and lists are given as JSON", () => {
    assert.equal(
      plain.set(["cluster", "access"], { cidrs: ["1.2.3.0/24"] }),
      `set it with: pulumi config set --path cluster.access '{"cidrs":["1.2.3.0/24"]}'`,
    );
  });

  it("what is stored as text is written anew as a whole, since no path leads into it", () => {
    const inText = repairsFor({ cache: '{"a":1,"b":2}' }, { cache: { a: 1, b: 2 } });
    assert.equal(inText.set(["cache", "a"], 3), `set it with: pulumi config set cache '{"a":3,"b":2}'`);
    assert.equal(inText.remove(["cache", "a"]), `remove it with: pulumi config set cache '{"b":2}'`);
    assert.equal(
      inText.move(["cache", "a"], ["cache", "c"], 1),
      `rename it with: pulumi config set cache '{"b":2,"c":1}'`,
    );
  });

  it("what no command line can take is left to the stack file", () => {
    assert.equal(plain.remove(["tags", "a:b"]), "take it out of the stack file");
    assert.equal(plain.set(["tags", "a\nb"], "x"), 'set tags["a\\u{a}b"] in the stack file');
    assert.equal(plain.set(["tags", "a"], "x\u202ey"), "set tags.a in the stack file");
    assert.equal(plain.move(["a"], ["b"], "[secret]"), "rename it to b in the stack file");
    assert.equal(plain.move(["a"], ["b"], "sk-proj-abcdefghijklmnop1234"), "rename it to b in the stack file");
  });

  it("run one after the other, they end in settings, or in what only a person can decide", function () {
    this.timeout(60_000);
    const ends = { settings: 0, person: 0 };
    const repaired = (said: Tree): void => {
      let source: Source = {
        name: "t",
        config: Object.fromEntries(Object.entries(said).map(([key, value]) => [`agent-platform:${key}`, value])),
        encrypted: new Set(),
      };
      let problems = problemsOf(source);
      for (let round = 0; round < 200; round++) {
        const [next] = problems.filter(({ repair }) => isCommand(repair));
        if (next === undefined) {
          ends[problems.length === 0 ? "settings" : "person"] += 1;
          return;
        }
        const after = run(source, next.repair);
        const left = problemsOf(after);
        const moved = JSON.stringify(after.config) !== JSON.stringify(source.config);
        assert.ok(
          moved && (!left.some(same(next)) || next.repair.startsWith("remove")),
          `${next.repair}: ${next.what}`,
        );
        source = after;
        problems = left;
      }
      assert.fail("no end of repairs");
    };
    fc.assert(fc.property(settingsTrees, repaired), { numRuns: 300, seed: 7 });
    assert.ok(ends.settings > 150, JSON.stringify(ends));
  });
});
