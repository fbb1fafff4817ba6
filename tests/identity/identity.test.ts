import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { cases } from "../support/stacks.js";
import { listFile } from "./identity.js";

/** The lists themselves are held against the plans by the matrix, which makes those anyway. */
describe("the identity of every shipped stack", () => {
  it("has no list of a stack that is not shipped", () => {
    const names = cases.map(({ name }) => basename(listFile(name))).sort();
    assert.deepEqual(readdirSync(dirname(listFile("any"))).sort(), names);
  });
});
