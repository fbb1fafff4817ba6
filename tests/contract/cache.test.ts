import assert from "node:assert/strict";
import { all, valueOf } from "../support/deploy.js";
import { PLANTED } from "../support/platform.js";
import { before } from "./graph.js";
import { eachCase, isOnlyRead } from "./parts.js";
import { textsIn } from "./values.js";

const GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";

eachCase("caches", "any", ({ ran, settings }) => {
  it("says where it is, and where its password is", async () => {
    const caches = Object.values((await ran()).result.outputs.caches);
    assert.ok(caches.length > 0);
    for (const { host, port, authSecret, authStore, clusterMode } of caches) {
      assert.notEqual(await valueOf(host), "");
      assert.equal(await valueOf(port), 6379);
      assert.notEqual(await valueOf(authSecret), "");
      assert.notEqual(await valueOf(authStore), "");
      assert.equal(typeof clusterMode, "boolean");
    }
  });

  it("speaks TLS, but for one in the cluster", async () => {
    const { caches } = (await ran()).result.outputs;
    for (const [key, cache] of Object.entries(settings.caches)) {
      const expected = cache.mode === "managed" || (cache.mode === "existing" && cache.tls);
      assert.equal(caches[key]?.tls, expected, key);
    }
  });
});

eachCase("caches", ["managed", "inCluster"], ({ resources }) => {
  it("has a random password, which is secret and in the store", async () => {
    const cache = await resources();
    const passwords = all(cache, "random:index/randomPassword:RandomPassword");
    assert.equal(passwords.length, 1);
    for (const { name, inputs } of passwords) {
      assert.equal(inputs["length"], 32);
      const holders = cache.filter(({ inputs: other }) =>
        textsIn(other).some(([, text]) => text.includes(`${PLANTED}-${name}`)),
      );
      // The entry in the store, and the server's own.
      assert.equal(holders.length, 2);
      for (const { secretInputs } of holders) assert.ok(secretInputs.length > 0);
    }
  });
});

eachCase("caches", ["managed"], ({ ran, resources }) => {
  it("is encrypted at rest and on the way, and wants a password", async () => {
    const groups = all(await resources(), GROUP);
    assert.ok(groups.length > 0);
    for (const { inputs } of groups) {
      const { atRestEncryptionEnabled, transitEncryptionEnabled, transitEncryptionMode, kmsKeyId, userGroupIds } =
        inputs;
      assert.deepEqual(
        [atRestEncryptionEnabled, transitEncryptionEnabled, transitEncryptionMode],
        [true, true, "required"],
      );
      assert.match(String(kmsKeyId), /^arn:aws:kms:/);
      assert.equal((userGroupIds as string[]).length, 1);
    }
  });

  it("is in the data subnets", async () => {
    const { data } = await valueOf((await ran()).result.outputs.network.subnets);
    for (const { inputs } of all(await resources(), "aws:elasticache/subnetGroup:SubnetGroup")) {
      assert.deepEqual(inputs["subnetIds"], data);
    }
  });

  it("is made beside the cluster and not after it", async () => {
    const { resources: everything } = await ran();
    const first = before(everything, await resources());
    assert.ok(first.size > 0);
    assert.deepEqual(
      [...first].filter((urn) => urn.includes("agent-platform:aws:Cluster")),
      [],
    );
  });
});

eachCase("caches", ["inCluster"], ({ resources }) => {
  it("has no address outside the cluster", async () => {
    const services = all(await resources(), "kubernetes:core/v1:Service");
    assert.ok(services.length > 0);
    for (const { inputs } of services) {
      const { type, clusterIP } = inputs["spec"] as { type?: string; clusterIP?: string };
      assert.ok(type === "ClusterIP" || (type === undefined && clusterIP === "None"));
    }
  });

  it("its pods are not root, hold no token and write only to their volume", async () => {
    const sets = all(await resources(), "kubernetes:apps/v1:StatefulSet");
    assert.ok(sets.length > 0);
    for (const { inputs } of sets) {
      const { template } = inputs["spec"] as { template: { spec: Record<string, unknown> } };
      const { securityContext, automountServiceAccountToken, containers } = template.spec;
      assert.equal((securityContext as Record<string, unknown>)["runAsNonRoot"], true);
      assert.equal(automountServiceAccountToken, false);
      for (const { securityContext: own } of containers as { securityContext: unknown }[]) {
        assert.deepEqual(own, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
      }
    }
  });
});

eachCase("caches", ["existing"], ({ resources }) => {
  it("is only read", async () => {
    const cache = await resources();
    assert.ok(cache.length > 0);
    assert.ok(cache.every(isOnlyRead));
  });
});
