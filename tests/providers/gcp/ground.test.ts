import assert from "node:assert/strict";
import { Network } from "@pulumi/gcp/compute/network.js";
import { type Agent, type Api, GcpGround } from "../../../providers/gcp/ground.js";
import { openGcp } from "../../../providers/gcp/index.js";
import { all, deploy, inventory, isKnown, only, type Stubs, valueOf } from "../../support/deploy.js";
import { gcpStack, settingsOf } from "../../support/settings.js";
import { gcpComputeProviders, gcpComputeStubs } from "../../support/stubs/gcp-compute.js";

const NAME = "agents-development";
const SERVICE = "gcp:projects/service:Service";
const SLEEP = "time:index/sleep:Sleep";
const RING = "gcp:kms/keyRing:KeyRing";
const IDENTITY = "gcp:projects/serviceIdentity:ServiceIdentity";

const groundOf = <T>(use: (ground: GcpGround) => T, stubs: Stubs = {}) =>
  deploy(
    () => {
      const providers = gcpComputeProviders();
      return use(new GcpGround(NAME, { stack: settingsOf(gcpStack) }, { providers }));
    },
    { ...gcpComputeStubs, ...stubs },
  );

const made: [type: string, name: string][] = [
  ["agent-platform:gcp:Ground", NAME],
  [SERVICE, `${NAME}-cloudresourcemanager`],
  ["pulumi:providers:gcp", "gcp"],
  ["pulumi:providers:random", "random"],
  ["pulumi:providers:time", "time"],
  [SLEEP, `${NAME}-cloudresourcemanager`],
];

describe("providers/gcp/ground", () => {
  it("turns on what reads the project and nothing else", async () => {
    const { resources, result } = await groundOf((ground) => ground);
    assert.deepEqual(inventory(resources), made);
    assert.equal(result.id, "acme-agents");
    assert.equal(await valueOf(result.number), "123456789012");
  });

  it("an API is turned on once, by whoever asks for it first, and stays on at the end", async () => {
    const { resources } = await groundOf((ground) => [ground.project("compute"), ground.project("compute", "iam")]);
    assert.deepEqual(
      all(resources, SERVICE).map(({ name, inputs }) => [name, inputs]),
      ["cloudresourcemanager", "compute", "iam"].map((api) => [
        `${NAME}-${api}`,
        { project: "acme-agents", service: `${api}.googleapis.com`, disableOnDestroy: false },
      ]),
    );
  });

  it("whatever takes the project waits until its API is on everywhere", async () => {
    const { resources } = await groundOf((ground) => {
      const apis: readonly Api[] = ["networkconnectivity", "serviceconsumermanagement"];
      return new Network("user", { project: ground.project(...apis) }, { parent: ground });
    });
    const user = only(resources, "gcp:compute/network:Network");
    assert.equal(user.inputs["project"], "acme-agents");
    for (const api of ["networkconnectivity", "serviceconsumermanagement"]) {
      const sleep = only(resources, SLEEP, `${NAME}-${api}`);
      assert.deepEqual(sleep.inputs, { createDuration: "60s" });
      assert.ok(user.dependsOn.includes(sleep.urn));
      assert.ok(sleep.dependsOn.includes(only(resources, SERVICE, `${NAME}-${api}`).urn));
    }
  });

  it("an API that is added later does not make the others wait again", async () => {
    const { resources } = await groundOf((ground) => [ground.project("compute"), ground.project("iam")]);
    for (const sleep of all(resources, SLEEP)) {
      assert.deepEqual(sleep.dependsOn, [only(resources, SERVICE, sleep.name).urn]);
      assert.equal("triggers" in sleep.inputs, false);
    }
  });

  it("has one key ring in the region, with a name that is new each time", async () => {
    const { resources } = await groundOf((ground) => [ground.ring(), ground.ring()]);
    const ring = only(resources, RING);
    assert.equal(ring.name, `${NAME}-keys`);
    assert.deepEqual(ring.inputs, { location: "europe-west1", project: "acme-agents" });
  });

  it("a service's account exists before anything is granted to it", async () => {
    const asked: readonly Agent[] = ["sqladmin", "secretmanager", "memorystore", "artifactregistry", "container"];
    const { resources, result } = await groundOf((ground) => [...asked, ...asked].map((one) => ground.agent(one)));
    assert.deepEqual(
      all(resources, IDENTITY).map(({ name, inputs }) => [name, inputs]),
      asked.map((one) => [`${NAME}-${one}-agent`, { project: "acme-agents", service: `${one}.googleapis.com` }]),
    );
    assert.deepEqual(
      await Promise.all(result.slice(0, asked.length).map((member) => valueOf(member))),
      asked.map((one) => `serviceAccount:service-123456789012@${one}.googleapis.com`),
    );
  });

  it("a service that does not say its account's address has it all the same", async () => {
    for (const said of [{}, { member: "" }, { member: "serviceAccount:" }]) {
      const silent = { "gcp:projects/serviceIdentity:ServiceIdentity": () => said };
      const { result } = await groundOf((ground) => ground.agent("memorystore"), { outputs: silent });
      assert.equal(
        await valueOf(result),
        "serviceAccount:service-123456789012@gcp-sa-memorystore.iam.gserviceaccount.com",
      );
    }
  });

  it("Cloud Storage's account is made by being read", async () => {
    const { resources, result } = await groundOf((ground) => ground.agent("storage"));
    assert.deepEqual(all(resources, IDENTITY), []);
    assert.equal(
      await valueOf(result),
      "serviceAccount:service-123456789012@gs-project-accounts.iam.gserviceaccount.com",
    );
    assert.deepEqual(
      all(resources, SLEEP).map(({ name }) => name),
      [`${NAME}-cloudresourcemanager`, `${NAME}-storage`],
    );
  });

  it("the project is known in a preview, in which nothing else is", async () => {
    const { result } = await groundOf(
      (ground) => ({ project: ground.project("compute"), number: ground.number, ring: ground.ring() }),
      { preview: true },
    );
    assert.equal(await valueOf(result.project), "acme-agents");
    assert.equal(await isKnown(result.number), false);
    assert.equal(await isKnown(result.ring), false);
  });

  it("opens a provider for the project and one that waits", async () => {
    const { resources } = await deploy(() => openGcp(settingsOf(gcpStack)));
    assert.deepEqual(inventory(resources), [
      ["pulumi:providers:gcp", "gcp"],
      ["pulumi:providers:time", "time"],
    ]);
    assert.deepEqual(only(resources, "pulumi:providers:gcp").inputs, {
      project: "acme-agents",
      region: "europe-west1",
    });
  });

  it("refuses a stack without a project", () => {
    const stack = settingsOf(gcpStack);
    const { project: _, ...rest } = stack.gcp;
    assert.throws(() => openGcp({ ...stack, gcp: rest }), new Error("gcp: gcp.project is not said"));
  });
});
