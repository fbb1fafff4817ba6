import assert from "node:assert/strict";
import { differences, isUnder } from "../../plan/differences.js";

describe("the differences of two values", () => {
  it("are none where they are the same, whatever the order of their keys", () => {
    assert.deepEqual(differences({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 }), []);
  });

  it("are the innermost values, with what is new or gone as undefined", () => {
    assert.deepEqual(differences({ a: { b: 1, c: [1, 2] }, gone: "x" }, { a: { b: 2, c: [1] }, more: true }), [
      { path: "a.b", before: 1, after: 2 },
      { path: "a.c[1]", before: 2, after: undefined },
      { path: "gone", before: "x", after: undefined },
      { path: "more", before: undefined, after: true },
    ]);
  });

  it("are looked for within a text that is JSON, and in no other", () => {
    assert.deepEqual(differences({ policy: '{"a":[1]}' }, { policy: '{"a":[2]}' }), [
      { path: "policy.a[0]", before: 1, after: 2 },
    ]);
    assert.deepEqual(differences("[secret]", "[unknown]"), [{ path: "", before: "[secret]", after: "[unknown]" }]);
  });

  it("tell a list from a map and a text from a number", () => {
    assert.deepEqual(differences({ a: [] }, { a: {} }), [{ path: "a", before: [], after: {} }]);
    assert.deepEqual(differences({ a: "1" }, { a: 1 }), [{ path: "a", before: "1", after: 1 }]);
  });
});

describe("a path", () => {
  it("is under another only at a whole step", () => {
    assert.equal(isUnder("spec.tokens[0]", "spec.tokens"), true);
    assert.equal(isUnder("spec.tokens[0]", "spec"), true);
    assert.equal(isUnder("spec", "spec"), true);
    assert.equal(isUnder("spec.tokens[0]", "spec.token"), false);
  });
});
