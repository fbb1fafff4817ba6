import assert from "node:assert/strict";
import { renderScript } from "../../../components/monitoring/logs/config.js";
import { logTexts } from "../../../providers/contract.js";
import { answersOf, type LuaRecord } from "../../support/lua.js";
import { events, masked, plain, shaped } from "./lines.js";

const script = renderScript({ prefix: "agents-production", environment: "production" });
const linesOf = (records: readonly LuaRecord[], name = "shape_line") => answersOf(script, name, records);
const messagesOf = (texts: readonly string[]) =>
  linesOf(texts.map((log) => ({ log }))).map(({ record }) => record["message"]);

describe("what becomes of lines on their way", () => {
  it("secrets are masked wherever they stand in a line", () => {
    assert.deepEqual(
      messagesOf(masked.map(([text]) => text)),
      masked.map(([, left]) => left),
    );
  });

  it("what is no secret stays as it is", () => {
    assert.deepEqual(messagesOf(plain), plain);
  });

  it("a line that was masked stays as it is", () => {
    const left = masked.map(([, text]) => text);
    assert.deepEqual(messagesOf(left), left);
  });

  it("a text that is longer than any service takes is cut", () => {
    const [message] = messagesOf([`${"a ".repeat(20_000)}sk-abcdefghijklmnop`]);
    assert.equal(message, `${"a ".repeat(16_000)}... (cut: 40019)`);
  });

  it("a name may hold a secret too, and what lies deeper than ten maps is left out", () => {
    const deep = Array.from({ length: 12 }).reduce<LuaRecord>((inner) => ({ a: inner }), { token: "x" });
    const [answer] = linesOf([{ parsed: { "sk-abcdefghijklmnop": 1, deep } }]);
    const fields = answer?.record["fields"] as LuaRecord;
    assert.equal(fields["[secret]"], 1);
    assert.match(JSON.stringify(fields["deep"]), /^(\{"a":){9}"\[deeper\]"\}{9}$/);
  });

  for (const { title, record, line } of shaped)
    it(title, () => {
      assert.deepEqual(linesOf([record]), [{ code: 2, record: line }]);
    });

  for (const { title, record, line } of events)
    it(`events: ${title}`, () => {
      assert.deepEqual(linesOf([record], "shape_event"), [{ code: 2, record: line }]);
    });

  it("a line that cannot be made out is not sent on as it was", () => {
    const [answer] = linesOf([{ log: "token=abc", kubernetes: 5 }]);
    const { message, ...rest } = answer?.record ?? {};
    assert.match(String(message), /^a line that could not be read: .*attempt to index/);
    assert.deepEqual(rest, { level: "error", stack: "agents-production", environment: "production" });
  });

  it("a line has the texts that every cloud knows, and `fields`", () => {
    const known = new Set<string>([...logTexts, "fields"]);
    for (const { line } of [...shaped, ...events])
      assert.deepEqual(
        Object.keys(line).filter((key) => !known.has(key)),
        [],
      );
  });
});
