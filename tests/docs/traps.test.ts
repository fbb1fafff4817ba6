import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { properties } from "../contract/evidence/properties.js";

const root = join(import.meta.dirname, "..", "..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`);

/** Rows of the table under a heading, without its head and its rule, and without rows that only name a group. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const [, rest = ""] = read("docs/traps.md").split(`\n## ${heading}\n`);
  const [section = ""] = rest.split("\n## ");
  return section
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\|\s*(-{3}|\*\*)/.test(line))
    .slice(1)
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    );
}

const ERROR = "error: ";
/** Titles that the contract's suites run for every cloud. */
const proven: ReadonlySet<string> = new Set(Object.values(properties).flat());
const handled = rowsUnder("Handled");
const stays = rowsUnder("What stays after `destroy`, on purpose");

describe("docs/traps.md", () => {
  it("has whole rows", () => {
    assert.ok(handled.length >= 60 && stays.length >= 5);
    for (const row of [...handled, ...stays]) {
      assert.equal(row.length, 4, row[0]);
      const [what, where, shown] = row;
      assert.ok(what && where && shown, `a cell of this row is empty: ${what}`);
    }
    assert.equal(new Set(handled.map(([what]) => what)).size, handled.length);
  });

  it("names files that there are", () => {
    for (const [what, where = ""] of [...handled, ...stays]) {
      const [, file = ""] = /^`([^`]+)`/.exec(where) ?? [];
      assert.ok(file !== "" && existsSync(join(root, file)), `${what}: ${where}`);
    }
  });

  it("names tests that there are", () => {
    const tests = filesIn("tests")
      .filter((file) => file.endsWith(".ts"))
      .map(read)
      .join("\n");
    const missing = handled
      .map(([, , shown = ""]) => shown)
      .filter((shown) => !shown.startsWith(ERROR) && !tests.includes(`it("${shown}"`) && !proven.has(shown));
    assert.deepEqual(missing, []);
  });

  it("quotes errors that there are", () => {
    const sources = ["config", "providers", "components", "plan", "tests/matrix"]
      .flatMap(filesIn)
      .filter((file) => file.endsWith(".ts"))
      .map(read)
      .join("\n");
    const missing = handled
      .map(([, , shown = ""]) => shown)
      .filter((shown) => shown.startsWith(ERROR) && !sources.includes(shown.slice(ERROR.length)));
    assert.deepEqual(missing, []);
  });
});
