import assert from "node:assert/strict";
import * as fc from "fast-check";
import { cloudNames, environmentNames } from "../../config/names.js";
import { excess, type NamedPart, nameRules, partName, prefixOf, stemOf } from "../../providers/naming.js";
import { parsed } from "../support/settings.js";

const parts = Object.keys(nameRules.aws) as NamedPart[];
/** What the schema takes as a stack's name and as a key. */
const names = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/);
const keys = fc.stringMatching(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/);

describe("names", () => {
  it("a name that is let through fits into its service, with all that is added", () => {
    const any = fc.tuple(
      fc.constantFrom(...cloudNames),
      fc.constantFrom(...environmentNames),
      fc.constantFrom(...parts),
    );
    fc.assert(
      fc.property(any, names, keys, ([cloud, environment, part], name, key) => {
        const { max, added } = nameRules[cloud][part];
        const physical = stemOf(cloud, prefixOf(name, environment), part, key);
        const over = excess(cloud, prefixOf(name, environment), part, key);
        assert.equal(over === 0, physical.length + added <= max);
        assert.ok(over === 0 || physical.length + added - over === max);
      }),
      { seed: 4 },
    );
  });

  it("every name has only letters that every service takes, and begins with one", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...parts),
        fc.constantFrom(...environmentNames),
        names,
        keys,
        (part, environment, name, key) =>
          assert.match(partName(prefixOf(name, environment), part, key), /^[a-z][a-z0-9-]*[a-z0-9]$/),
      ),
      { seed: 4 },
    );
  });

  it("two parts of a stack never have the same name", () => {
    fc.assert(
      fc.property(fc.constantFrom(...parts), keys, keys, (part, one, other) => {
        assert.equal(partName("agents-staging", part, one) === partName("agents-staging", part, other), one === other);
      }),
      { seed: 4 },
    );
  });

  it("the longest prefix leaves room for a key in every part of every cloud", () => {
    const longest = prefixOf("agentsxx", "development");
    for (const cloud of cloudNames) {
      for (const part of parts) assert.equal(excess(cloud, longest, part, "main"), 0, `${cloud} ${part}`);
    }
  });

  it("names never come from the Pulumi project or stack", () => {
    const { settings } = parsed({ cloud: "aws", region: "eu-west", name: "acme", environment: "staging" });
    assert.equal(settings.prefix, "acme-staging");
    assert.equal(partName(settings.prefix, "database", "main"), "acme-staging-db-main");
  });
});
