import assert from "node:assert/strict";
import type { CloudName } from "../../../config/names.js";
import { all, valueOf } from "../../support/deploy.js";
import { PLANTED } from "../../support/platform.js";
import { eachCase } from "../parts.js";
import { proves } from "../proofs.js";
import { textsIn } from "../values.js";

/** Where a managed one answers, and whether it keeps passwords at all. */
const managed: Readonly<Record<CloudName, { readonly port: number; readonly password: boolean }>> = {
  aws: { port: 6379, password: true },
  gcp: { port: 6379, password: false },
  azure: { port: 10000, password: true },
  local: { port: 6379, password: true },
};

eachCase("caches", "any", ({ one, ran, settings }) => {
  it("says where it is, and where its password is", async () => {
    const caches = Object.values((await ran()).result.outputs.caches);
    assert.ok(caches.length > 0);
    // One of another stack of this program is as that one made it.
    const made = settings.caches["main"]?.mode === "managed" || one.name.endsWith("all from another stack");
    const expected = made ? managed[one.cloud] : { port: 6379, password: true };
    for (const { host, port, authSecret, authStore, clusterMode } of caches) {
      assert.notEqual(await valueOf(host), "");
      assert.equal(await valueOf(port), expected.port);
      assert.equal((await valueOf(authSecret)) !== "", expected.password);
      assert.equal((await valueOf(authStore)) !== "", expected.password);
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

eachCase("caches", ["managed", "inCluster"], ({ one, settings, resources }) => {
  // Google keeps none, and Azure makes its own.
  if (settings.caches["main"]?.mode === "managed" && one.cloud !== "aws") return;
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

proves("caches", ["managed"]);

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
