import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { features } from "../../../config/features.js";
import { type CloudName, cloudNames } from "../../../config/names.js";
import { type Tree, valueAt } from "../../../config/walk.js";
import type { Cloud, Cluster, Dns, Network, SecretStore } from "../../../providers/contract.js";
import { loadCloud, planned } from "../../../providers/index.js";
import { type Capability, type FeatureCapability, refuse, support } from "../../../providers/support.js";
import { deploy, type Stubs } from "../../support/deploy.js";
import { parsed, settingsOf, stacks } from "../../support/settings.js";
import { type Case, cases } from "../cases.js";

const capabilities = Object.keys(support) as Capability[];
const refusals = capabilities.flatMap((capability) =>
  cloudNames.flatMap((cloud) => {
    const answer = support[capability][cloud];
    return answer === true ? [] : [{ capability, cloud, ...answer }];
  }),
);

/** Settings that the table keeps from this cloud are taken from one that has them. */
const theirs = settingsOf({
  ...stacks.aws,
  network: { mode: "existing", id: "vpc-1", subnets: { private: ["subnet-a", "subnet-b"] } },
  databases: { managed: {}, replica: { mode: "replica", of: "other" } },
  domain: { mode: "existing", name: "agents.example.com", zone: "Z1" },
});
const made = settingsOf({ ...stacks.aws, domain: "agents.example.com" });
const [cache, bucket, managed, replica] = [
  made.caches["main"],
  made.buckets["main"],
  theirs.databases["managed"],
  theirs.databases["replica"],
];
assert.ok(cache?.mode === "managed" && bucket !== undefined);
assert.ok(managed?.mode === "managed" && replica?.mode === "replica");
assert.ok(made.domain.mode === "managed" && theirs.domain.mode === "existing");
const domains = { managed: made.domain, existing: theirs.domain };

// A refusal comes before anything is asked of what it is given.
const nothing = {} as unknown;
const network = nothing as Network;
const cluster = nothing as Cluster;
const secrets = nothing as SecretStore;
const opts: pulumi.ComponentResourceOptions = {};

/** How a program asks a cloud for each thing that some cloud refuses. */
const askFor: Partial<Record<Capability, (cloud: Cloud) => unknown>> = {
  "network.managed": (cloud) => cloud.network("x", made.network, opts),
  "network.existing": (cloud) => cloud.network("x", theirs.network, opts),
  "network.none": (cloud) => cloud.network("x", { mode: "none" }, opts),
  "cluster.managed": (cloud) => cloud.cluster("x", { settings: made.cluster, network }, opts),
  "databases.managed": (cloud) => cloud.database("x", { key: "x", settings: managed, network, secrets }, opts),
  "databases.replica": (cloud) => cloud.database("x", { key: "x", settings: replica, network, secrets }, opts),
  "caches.managed": (cloud) => cloud.cache("x", { key: "x", settings: cache, network, secrets }, opts),
  "buckets.managed": (cloud) => cloud.bucket("x", { key: "x", settings: bucket, network, secrets }, opts),
  "registry.managed": (cloud) => cloud.registry("x", { settings: made.registry, services: [], network, cluster }, opts),
  "domain.managed": (cloud) => cloud.dns("x", { settings: domains.managed }, opts),
  "domain.existing": (cloud) => cloud.dns("x", { settings: domains.existing }, opts),
  edge: (cloud) => cloud.edge("x", { origin: "", dns: nothing as Dns }, opts),
  // Not a part of its own: settings alone decide about it.
  standby: (cloud) => refuse(cloud.name, "standby"),
};

/** How a stack file says each thing that some cloud refuses; the edge has no setting yet. */
const say: Partial<Record<Capability, Tree>> = {
  "network.managed": { network: { mode: "managed" } },
  "network.existing": { network: { mode: "existing", id: "n", subnets: { private: ["a", "b"] } } },
  "network.none": { network: { mode: "none" } },
  "cluster.managed": { cluster: { mode: "managed" } },
  "databases.managed": { database: { mode: "managed" } },
  "databases.replica": { database: { mode: "replica", of: "other" } },
  "caches.managed": { cache: { mode: "managed" } },
  "buckets.managed": { bucket: { mode: "managed" } },
  "registry.managed": { registry: { mode: "managed" } },
  "domain.managed": { domain: "agents.example.com" },
  "domain.existing": { domain: { mode: "existing", name: "agents.example.com", zone: "z" } },
  standby: { standby: { of: "other" } },
};

/** How a stack file asks a managed part for what some cloud has not. */
const sayFeature: Readonly<Record<FeatureCapability, Tree>> = {
  "network.nat.none": { network: { nat: "none", privateEndpoints: true } },
  "network.flowLogs": { network: { flowLogs: { enabled: true } } },
  "cluster.access.dns": { cluster: { access: { dns: true } } },
  "cluster.shortLogs": { cluster: { logRetentionDays: 7 } },
  "databases.maxStorage": { database: { storage: 100, maxStorage: 200 } },
  "databases.shortBackups": { database: { backup: { retentionDays: 1 } } },
  "caches.shards": { cache: { shards: 2 } },
  "caches.replicas": { cache: { replicas: 2 } },
  "caches.snapshots": { cache: { snapshots: { retentionDays: 1 } } },
  "caches.maintenanceWindow": { cache: { maintenanceWindow: "Sun:05:30-06:30" } },
  "secretStore.noRecovery": { secretStore: { recoveryDays: 0 } },
  "registry.keepImages": { registry: { keepImages: 10 } },
};

const isMode = (capability: Capability): boolean => !features.some((one) => one.capability === capability);

/** The features that a case asks its managed parts for. */
function asked({ cloud, said }: Case): readonly Capability[] {
  const settings = settingsOf(said);
  return features.flatMap((feature) => {
    const { part, capability, field, asks } = feature;
    const parts = part === "databases" || part === "caches" ? Object.values(settings[part]) : [settings[part]];
    const has = parts.some((one: Tree) => {
      const value = valueAt(one, field);
      return one["mode"] === "managed" && value !== undefined && asks(value, one);
    });
    // What goes unsaid is asked for by nobody.
    return has && support[capability][cloud] === true ? [capability] : [];
  });
}

const readsOf = (cloud: CloudName): Stubs => ({
  calls: Object.fromEntries(Object.entries(planned[cloud].reads).map(([token, read]) => [token, () => read])),
});

describe("the support table", () => {
  for (const { capability, cloud, reason, alternative } of refusals) {
    if (!isMode(capability)) continue;
    it(`${cloud} throws the table's sentence for ${capability}`, async () => {
      const ask = askFor[capability];
      assert.ok(ask !== undefined, `no test asks for ${capability}`);
      const open = await loadCloud(cloud);
      let thrown: unknown;
      await deploy(() => {
        try {
          const opened = open(settingsOf(stacks[cloud]));
          ask(opened.enter("x", { providers: [new random.Provider("random"), ...opened.providers] }));
        } catch (error) {
          thrown = error;
        }
      }, readsOf(cloud));
      assert.ok(thrown instanceof Error, "nothing was thrown");
      assert.equal(thrown.message, `${cloud}: no ${capability}: ${reason}; use ${alternative}`);
    });

    if (capability === "edge") continue;
    it(`settings refuse ${capability} on ${cloud}, with the alternative`, () => {
      const said = say[capability];
      assert.ok(said !== undefined, `no test says ${capability}`);
      assert.throws(
        () => parsed({ ...stacks[cloud], ...said }),
        ({ message }: Error) =>
          message.includes(`${cloud} has no ${capability}: ${reason}`) && message.includes(alternative),
      );
    });
  }

  for (const { capability, cloud, reason, alternative } of refusals) {
    const feature = features.find((one) => one.capability === capability);
    // Where the part itself is refused there is nobody to ask for more.
    if (feature === undefined || support[`${feature.part}.managed`][cloud] !== true) continue;
    it(`settings refuse ${capability} on ${cloud}, with the alternative`, () => {
      const said = sayFeature[feature.capability];
      assert.throws(
        () => parsed({ ...stacks[cloud], ...said }),
        ({ message }: Error) =>
          message.includes(` on ${cloud}: ${reason}`) && message.includes(`expected ${alternative}`),
      );
    });
  }

  it("has a case of the contract suites for everything that a cloud supports", () => {
    const promised = cloudNames.flatMap((cloud) =>
      capabilities
        .filter((capability) => support[capability][cloud] === true)
        .map((capability) => `${cloud} ${capability}`),
    );
    const shown = new Set(
      cases.flatMap((one) => [...one.shows, ...asked(one)].map((capability) => `${one.cloud} ${capability}`)),
    );
    assert.deepEqual([...shown].sort(), promised.sort());
  });

  it("has cases that are what they say they show", () => {
    for (const { name, cloud, shows, said } of cases) {
      const settings = settingsOf(said);
      const has = new Set<Capability>();
      for (const part of ["network", "cluster", "secretStore", "registry", "domain", "monitoring"] as const)
        has.add(`${part}.${settings[part].mode}` as Capability);
      for (const part of ["databases", "caches", "buckets"] as const)
        for (const one of Object.values(settings[part])) has.add(`${part}.${one.mode}` as Capability);
      if (settings.standby !== undefined) has.add("standby");
      assert.equal(settings.cloud, cloud);
      assert.deepEqual(
        shows.filter((capability) => !has.has(capability)),
        [],
        name,
      );
    }
  });

  it("is not asked to refuse what it supports", () => {
    assert.throws(() => refuse("aws", "network.managed"), {
      message: "aws supports network.managed, and yet it was refused",
    });
  });
});
