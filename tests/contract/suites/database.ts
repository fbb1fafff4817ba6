import assert from "node:assert/strict";
import type { RecordedResource } from "../../../plan/record.js";
import { all, valueOf } from "../../support/deploy.js";
import { PLANTED } from "../../support/platform.js";
import { eachCase } from "../parts.js";
import { proves } from "../proofs.js";
import { entryTypes, textsIn } from "../values.js";

const isStoreEntry = ({ type }: RecordedResource) => Object.values(entryTypes).includes(type);

eachCase("databases", "any", ({ ran }) => {
  it("says where it is, and who owns it without saying the password", async () => {
    const databases = Object.values((await ran()).result.outputs.databases);
    assert.ok(databases.length > 0);
    for (const { host, port, name, readHosts, ownerSecret, ownerStore } of databases) {
      assert.notEqual(await valueOf(host), "");
      assert.equal(await valueOf(port), 5432);
      assert.equal(await valueOf(name), "agents");
      assert.ok((await valueOf(readHosts)).length > 0);
      assert.notEqual(await valueOf(ownerSecret), "");
      assert.notEqual(await valueOf(ownerStore), "");
    }
  });

  it("speaks TLS", async () => {
    for (const { tls } of Object.values((await ran()).result.outputs.databases)) assert.equal(tls, true);
  });
});

eachCase("databases", ["managed", "inCluster"], ({ one, settings, ran, resources }) => {
  it("has a random password, which is secret and in the store", async () => {
    const database = await resources();
    const passwords = all(database, "random:index/randomPassword:RandomPassword");
    assert.ok(passwords.length > 0);
    for (const { name, inputs } of passwords) {
      assert.equal(inputs["length"], 32);
      const entries = database.filter(
        (entry) => isStoreEntry(entry) && textsIn(entry.inputs).some(([, text]) => text.includes(`${PLANTED}-${name}`)),
      );
      assert.ok(entries.length > 0, `${name} is in no store`);
      for (const { secretInputs } of entries) assert.ok(secretInputs.length > 0);
    }
  });

  it("gives clients the CA to check it against, where public roots will not do", async () => {
    for (const { ca } of Object.values((await ran()).result.outputs.databases)) {
      const signedInPublic = one.cloud === "azure" && settings.databases["main"]?.mode === "managed";
      assert.match(await valueOf(ca), signedInPublic ? /^$/ : /^(-----BEGIN CERTIFICATE-----|CA OF)/);
    }
  });
});

proves("databases", ["managed", "replica"]);

eachCase("databases", ["inCluster"], ({ resources }) => {
  it("has no address outside the cluster", async () => {
    const services = all(await resources(), "kubernetes:core/v1:Service");
    assert.deepEqual(services, []);
    const clusters = all(await resources(), "kubernetes:postgresql.cnpg.io/v1:Cluster");
    assert.ok(clusters.length > 0);
    for (const { inputs } of clusters) {
      const { managed } = inputs["spec"] as { managed: object };
      assert.equal("services" in managed, false);
    }
  });

  it("refuses connections without TLS", async () => {
    for (const { inputs } of all(await resources(), "kubernetes:postgresql.cnpg.io/v1:Cluster")) {
      const { postgresql } = inputs["spec"] as { postgresql: { pg_hba: string[] } };
      assert.deepEqual(postgresql.pg_hba, ["hostssl all all all scram-sha-256", "hostnossl all all all reject"]);
    }
  });
});
