import assert from "node:assert/strict";
import { environmentNames } from "../../../config/names.js";
import { globalName, globalNames } from "../../../providers/azure/global-name.js";
import { prefixOf } from "../../../providers/naming.js";

const CHANCE = "x7k2p9";
const patterns: Readonly<Record<keyof typeof globalNames, RegExp>> = {
  registry: /^[a-z0-9]{5,50}$/,
  storageAccount: /^[a-z0-9]{3,24}$/,
  vault: /^[a-z](-?[a-z0-9]){2,23}$/,
};

describe("providers/azure/global-name", () => {
  it("gives names that each service takes, from every prefix", () => {
    for (const name of ["a", "agents", "abcdefg1"]) {
      for (const environment of environmentNames) {
        const stem = prefixOf(name, environment);
        for (const service of Object.keys(patterns) as (keyof typeof patterns)[]) {
          const made = globalName(service, stem, CHANCE);
          assert.match(made, patterns[service]);
          assert(made.length <= globalNames[service].max);
          assert(made.endsWith(CHANCE));
        }
      }
    }
  });

  it("cuts the stem and never the chance", () => {
    assert.equal(globalName("vault", "agents-production", CHANCE), "agents-production-x7k2p9");
    assert.equal(globalName("vault", "agents-development", CHANCE), "agents-developmen-x7k2p9");
    assert.equal(globalName("storageAccount", "agentsconversation-archive", CHANCE), `agentsconversation${CHANCE}`);
  });

  it("ends no stem in a hyphen", () => {
    assert.equal(globalName("vault", "abcdefgh-productio-n", CHANCE), "abcdefgh-producti-x7k2p9");
    assert.equal(globalName("vault", "abcdefgh-product--n", CHANCE), "abcdefgh-product-x7k2p9");
  });
});
