import assert from "node:assert/strict";
import type { RecordedResource } from "../../plan/record.js";
import { all, valueOf } from "../support/deploy.js";
import { PLANTED } from "../support/platform.js";
import { before } from "./graph.js";
import { eachCase, isOnlyRead } from "./parts.js";
import { textsIn } from "./values.js";

const INSTANCE = "aws:rds/instance:Instance";
const isStoreEntry = ({ type }: RecordedResource) =>
  type === "aws:secretsmanager/secretVersion:SecretVersion" || type === "kubernetes:core/v1:Secret";

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

eachCase("databases", ["managed", "inCluster"], ({ ran, resources }) => {
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

  it("gives clients the CA to check it against", async () => {
    for (const { ca } of Object.values((await ran()).result.outputs.databases)) {
      assert.match(await valueOf(ca), /^(-----BEGIN CERTIFICATE-----|CA OF THE OPERATOR)/);
    }
  });
});

eachCase("databases", ["managed", "replica"], ({ ran, resources }) => {
  it("has no public address", async () => {
    const instances = all(await resources(), INSTANCE);
    assert.ok(instances.length > 0);
    for (const { inputs, name } of instances) assert.equal(inputs["publiclyAccessible"], false, name);
  });

  it("is in the data subnets, and a replica beside it with it", async () => {
    const { network } = (await ran()).result.outputs;
    const { data } = await valueOf(network.subnets);
    const groups = all(await resources(), "aws:rds/subnetGroup:SubnetGroup");
    assert.ok(groups.length > 0);
    for (const { inputs } of groups) assert.deepEqual(inputs["subnetIds"], data);
    for (const { inputs } of all(await resources(), INSTANCE)) {
      assert.ok("dbSubnetGroupName" in inputs || inputs["replicateSourceDb"] !== undefined);
    }
  });

  it("is encrypted with a key that rotates", async () => {
    const database = await resources();
    for (const { inputs, name } of all(database, INSTANCE)) {
      assert.equal(inputs["storageEncrypted"], true, name);
      // A replica in the same region takes the key of its source.
      if (!name.includes("-replica-")) assert.match(String(inputs["kmsKeyId"]), /^arn:aws:kms:/, name);
    }
    for (const { inputs } of all(database, "aws:kms/key:Key")) assert.equal(inputs["enableKeyRotation"], true);
  });

  it("refuses connections without TLS", async () => {
    const groups = all(await resources(), "aws:rds/parameterGroup:ParameterGroup");
    assert.ok(groups.length > 0);
    for (const { inputs } of groups) {
      const parameters = inputs["parameters"] as { name: string; value: string }[];
      assert.deepEqual(
        parameters.filter(({ name }) => name === "rds.force_ssl").map(({ value }) => value),
        ["1"],
      );
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

eachCase("databases", ["existing"], ({ resources }) => {
  it("is only read", async () => {
    const database = await resources();
    assert.ok(database.length > 0);
    assert.ok(database.every(isOnlyRead));
  });
});
