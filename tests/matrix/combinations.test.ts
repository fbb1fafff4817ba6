import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cloudNames } from "../../config/names.js";
import { type Case, combinedCases, commandFor, planOfCase, refusedCases, stackFileCases } from "./cases.js";
import { choicesOn, isPossible, isSound, pairsOn, pairText, pairTextsIn } from "./combinations.js";
import { refused, reproducible } from "./expect.js";

describe("the matrix", () => {
  for (const cloud of cloudNames) {
    it(`has every two options of ${cloud} together that go together at all`, () => {
      const choices = choicesOn(cloud);
      assert.deepEqual(
        choices.filter((choice) => !isSound(choice)),
        [],
      );
      const had = new Set(choices.flatMap(pairTextsIn));
      const missing = pairsOn(cloud).filter((pair) => !had.has(pairText(...pair)) && isPossible(cloud, pair));
      assert.deepEqual(
        missing.map((pair) => pairText(...pair)),
        [],
      );
      // Few pairs are impossible, or the table would say too much of what needs what.
      assert.ok(had.size > 0.9 * pairsOn(cloud).length);
    });

    it(`is the same each time on ${cloud}`, () => assert.deepEqual(combinedCases(cloud), combinedCases(cloud)));
  }

  it("lists no refusal of a case that there is not", () => {
    const names = [...stackFileCases, ...cloudNames.flatMap(refusedCases)].map(({ name }) => name);
    assert.deepEqual(
      Object.keys(refused).filter((name) => !names.includes(name)),
      [],
    );
    assert.equal(new Set(names).size, names.length);
  });

  it("lists a refusal of each case that is to be refused", () => {
    const cases = cloudNames.flatMap(refusedCases);
    assert.deepEqual(
      cases.filter(({ name }) => !Object.hasOwn(refused, name)).map(({ name }) => name),
      [],
    );
  });
});

describe("a case that fails", () => {
  const quotes: Case = {
    name: "quotes",
    stack: "prod",
    cloud: "local",
    sets: ['tags={"owner":"it\'s $HOME"}', "services={}", "database.memory=8"],
  };

  it("prints the one command that shows the same", async () => {
    await assert.rejects(
      reproducible(quotes, () => Promise.reject(new Error("two are called x"))),
      (error: Error) => {
        assert.equal(error.message, `two are called x\n\n  reproduce it: ${commandFor(quotes)}\n`);
        return true;
      },
    );
  });

  it("prints a command that a shell can run", async () => {
    const one: Case = { ...quotes, sets: ['tags={"owner":"it is me"}', ...quotes.sets.slice(1)] };
    const directory = mkdtempSync(join(tmpdir(), "matrix-"));
    try {
      const file = join(directory, "plan.json");
      const run = spawnSync("sh", ["-c", `${commandFor(one)} --json "$1"`, "sh", file], {
        cwd: join(import.meta.dirname, "../.."),
        encoding: "utf8",
      });
      assert.equal(run.status, 0, run.stderr);
      const { settings } = JSON.parse(readFileSync(file, "utf8")) as { settings: unknown };
      assert.deepEqual(settings, JSON.parse(JSON.stringify((await planOfCase(one)).settings)));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it("prints quotes as a shell reads them", () => {
    const run = spawnSync("sh", ["-c", `printf '%s\\n' ${commandFor(quotes).replace("npm run plan", "")}`], {
      encoding: "utf8",
    });
    assert.deepEqual(run.stdout.trimEnd().split("\n").slice(1), [
      "--stack",
      "prod",
      "--cloud",
      "local",
      ...quotes.sets.flatMap((set) => ["--set", set]),
    ]);
  });
});
