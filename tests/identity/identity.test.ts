import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { cases, planCase } from "../support/stacks.js";
import { identityOf, listFile } from "./identity.js";

describe("the identity of every shipped stack", () => {
  for (const one of cases) {
    it(`${one.name} is made of the resources that its list names`, async () => {
      assert.equal(
        identityOf(await planCase(one)),
        readFileSync(listFile(one.name), "utf8"),
        "a logical name changed: give the old one as an alias, or accept the replacement with npm run identity",
      );
    });
  }

  it("has no list of a stack that is not shipped", () => {
    const names = cases.map(({ name }) => basename(listFile(name))).sort();
    assert.deepEqual(readdirSync(dirname(listFile("any"))).sort(), names);
  });
});
