import assert from "node:assert/strict";
import { StatementNames } from "../../../service/src/storage/statements.js";

describe("names of prepared statements", () => {
  it("are made of the text, so that every process has the same", () => {
    const [one, other] = [new StatementNames(), new StatementNames()];
    other.nameOf("select 2");
    assert.equal(one.nameOf("select 1"), other.nameOf("select 1"));
    assert.notEqual(one.nameOf("select 1"), one.nameOf("select 2"));
    assert.match(one.nameOf("select 1") ?? "", /^[0-9a-f]{32}$/);
  });

  it("are not given again to a text that was forgotten", () => {
    const names = new StatementNames();
    names.nameOf("select 1");
    names.forget("select 1");
    assert.equal(names.nameOf("select 1"), undefined);
  });

  it("are given to so many texts and no more", () => {
    const names = new StatementNames();
    const texts = Array.from({ length: StatementNames.limit + 10 }, (_, index) => `select ${index}`);
    assert.equal(texts.filter((text) => names.nameOf(text) !== undefined).length, StatementNames.limit);
    assert.notEqual(names.nameOf("select 0"), undefined);
  });
});
