import assert from "node:assert/strict";

/** Not a test of the suite: it must fail, and record.test.ts sees to it that it does. */
describe("a suite whose only assertion is in a callback", () => {
  it("looks green", () => {
    void Promise.resolve().then(() => assert.fail("unawaited assertion"));
  });
});
