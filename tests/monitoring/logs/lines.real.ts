import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { renderScript } from "../../../components/monitoring/logs/config.js";
import { events, masked, plain, shaped } from "../../components/monitoring/lines.js";
import { type Answer, callEach, type LuaRecord } from "../../support/lua.js";
import { tool } from "../../tools/cache.js";

const script = renderScript({ prefix: "agents-production", environment: "production" });

function run(program: string): string {
  const { status, stdout, stderr } = spawnSync(tool("luajit"), ["-"], { input: program, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
}
const linesOf = (records: readonly LuaRecord[], name = "shape_line"): readonly LuaRecord[] => {
  const answers = run(`io.write((function()\n${callEach(script, name, records)}\nend)())`);
  return (JSON.parse(answers) as readonly Answer[]).map(({ record }) => record);
};
const messagesOf = (texts: readonly string[]) => linesOf(texts.map((log) => ({ log }))).map(({ message }) => message);

describe("lines, by the Lua that Fluent Bit has in it", () => {
  it("have no secrets, and stay as they are where they had none", () => {
    const texts = [...masked.map(([text]) => text), ...plain];
    assert.deepEqual(messagesOf(texts), [...masked.map(([, left]) => left), ...plain]);
  });

  it("have the fields that every cloud knows", () => {
    assert.deepEqual(
      linesOf(shaped.map(({ record }) => record)),
      shaped.map(({ line }) => line),
    );
    const told = linesOf(
      events.map(({ record }) => record),
      "shape_event",
    );
    assert.deepEqual(
      told,
      events.map(({ line }) => line),
    );
  });
});
