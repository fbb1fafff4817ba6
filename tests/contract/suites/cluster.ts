import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { isSecret, only, valueOf } from "../../support/deploy.js";
import { settingsOf, stacks } from "../../support/settings.js";
import { before } from "../graph.js";
import { eachCase } from "../parts.js";
import { proves } from "../proofs.js";

eachCase("cluster", "any", ({ ran, resources }) => {
  it("says its name and a kubeconfig that is secret", async () => {
    const { cluster, kubeconfig } = (await ran()).result.outputs;
    assert.notEqual(await valueOf(cluster.id), "");
    assert.equal(await isSecret(pulumi.output(kubeconfig)), true);
    assert.equal(typeof (await valueOf(kubeconfig)), "string");
  });

  it("has one Kubernetes provider, by which everything inside is made", async () => {
    const provider = only(await resources(), "pulumi:providers:kubernetes");
    const { resources: everything } = await ran();
    const inside = everything.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.ok(inside.length > 0);
    assert.deepEqual([...new Set(inside.map((one) => one.provider))], [provider.urn]);
  });
});

proves("cluster", ["managed"]);

eachCase("cluster", ["managed"], ({ ran, resources }) => {
  it("does not wait for databases, caches and buckets", async () => {
    const { resources: everything } = await ran();
    const first = before(everything, await resources());
    const stores = /agent-platform:([a-z]+:(Database|Cache|Bucket)|stores:[A-Za-z]+)/;
    assert.deepEqual(
      [...first].filter((urn) => stores.test(urn)),
      [],
    );
  });
});

describe("the API server", () => {
  for (const cloud of ["aws", "gcp", "azure"] as const)
    it(`of production is never open to the whole internet on ${cloud}`, () => {
      const stack = stacks[cloud];
      const monitoring = { mode: "none" };
      for (const environment of ["production", "dr"]) {
        for (const access of [undefined, { cidrs: ["0.0.0.0/0"] }]) {
          const said = { ...stack, environment, monitoring, ...(access === undefined ? {} : { cluster: { access } }) };
          assert.throws(() => settingsOf(said), /the whole internet; expected/);
        }
        assert.doesNotThrow(() =>
          settingsOf({ ...stack, environment, monitoring, cluster: { access: { private: true } } }),
        );
      }
    });
});
