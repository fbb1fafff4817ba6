import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { all, isSecret, only, valueOf } from "../support/deploy.js";
import { settingsOf } from "../support/settings.js";
import { before } from "./graph.js";
import { eachCase, isOnlyRead } from "./parts.js";

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

eachCase("cluster", ["managed"], ({ ran, resources, settings }) => {
  it("encrypts its secrets with a key of its own", async () => {
    const { inputs } = only(await resources(), "aws:eks/cluster:Cluster");
    const key = only(await resources(), "aws:kms/key:Key");
    const { provider, resources: what } = inputs["encryptionConfig"] as { provider: object; resources: string[] };
    assert.deepEqual(what, ["secrets"]);
    assert.equal((provider as { keyArn: string }).keyArn.endsWith(key.name), true);
    assert.equal(key.inputs["enableKeyRotation"], true);
  });

  it("admits by access entries only, and nobody by having made it", async () => {
    const { inputs } = only(await resources(), "aws:eks/cluster:Cluster");
    assert.deepEqual(inputs["accessConfig"], {
      authenticationMode: "API",
      bootstrapClusterCreatorAdminPermissions: false,
    });
  });

  it("is reached from the internet by the stack's own ranges only", async () => {
    const { inputs } = only(await resources(), "aws:eks/cluster:Cluster");
    const access = settings.cluster.access;
    const { endpointPrivateAccess, publicAccessCidrs } = inputs["vpcConfig"] as Record<string, unknown>;
    assert.equal(endpointPrivateAccess, true);
    // Development may be open, with a warning; production may not.
    assert.deepEqual(publicAccessCidrs, access?.cidrs ?? ["0.0.0.0/0"]);
    if (settings.environment === "production") assert.deepEqual(publicAccessCidrs, ["203.0.113.0/24"]);
  });

  it("stays in standard support", async () => {
    const { inputs } = only(await resources(), "aws:eks/cluster:Cluster");
    assert.deepEqual(inputs["upgradePolicy"], { supportType: "STANDARD" });
  });

  it("its machines keep their credentials from pods and their disks encrypted", async () => {
    const templates = all(await resources(), "aws:ec2/launchTemplate:LaunchTemplate");
    assert.equal(templates.length, 3);
    for (const { inputs } of templates) {
      assert.deepEqual(inputs["metadataOptions"], {
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
      });
      const [disk] = inputs["blockDeviceMappings"] as { ebs: Record<string, unknown> }[];
      assert.equal(disk?.ebs["encrypted"], "true");
      assert.equal("networkInterfaces" in inputs, false);
    }
  });

  it("does not wait for databases, caches and buckets", async () => {
    const { resources: everything } = await ran();
    const first = before(everything, await resources());
    const stores = /agent-platform:(aws:(Database|Cache|Bucket)|stores:[A-Za-z]+)/;
    assert.deepEqual(
      [...first].filter((urn) => stores.test(urn)),
      [],
    );
  });
});

eachCase("cluster", ["existing"], ({ resources }) => {
  it("is only read", async () => {
    const cluster = await resources();
    assert.ok(cluster.length > 0);
    assert.ok(cluster.every(isOnlyRead));
  });
});

describe("the API server", () => {
  it("of production is never open to the whole internet", () => {
    const stack = { cloud: "aws", region: "eu-west-1" };
    for (const environment of ["production", "dr"]) {
      for (const access of [undefined, { cidrs: ["0.0.0.0/0"] }]) {
        const said = { ...stack, environment, ...(access === undefined ? {} : { cluster: { access } }) };
        assert.throws(() => settingsOf(said), /the whole internet; expected/);
      }
      assert.doesNotThrow(() => settingsOf({ ...stack, environment, cluster: { access: { private: true } } }));
    }
  });
});
