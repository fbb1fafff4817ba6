import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { type CloudName, cloudNames } from "../../config/names.js";
import type { Tree } from "../../config/walk.js";
import type { Cloud, Dns, Network, SecretStore } from "../../providers/contract.js";
import { loadCloud } from "../../providers/index.js";
import { type Capability, refuse, support } from "../../providers/support.js";
import { deploy } from "../support/deploy.js";
import { parsed, settingsOf } from "../support/settings.js";
import { cases } from "./cases.js";

const capabilities = Object.keys(support) as Capability[];
const refusals = capabilities.flatMap((capability) =>
  cloudNames.flatMap((cloud) => {
    const answer = support[capability][cloud];
    return answer === true ? [] : [{ capability, cloud, ...answer }];
  }),
);

const stacks = {
  aws: { cloud: "aws", region: "eu-west-1" },
  local: { cloud: "local" },
} as const satisfies Record<CloudName, Tree>;

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
  "buckets.managed": (cloud) => cloud.bucket("x", { key: "x", settings: bucket, secrets }, opts),
  "registry.managed": (cloud) => cloud.registry("x", { settings: made.registry, services: [] }, opts),
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

describe("the support table", () => {
  for (const { capability, cloud, reason, alternative } of refusals) {
    it(`${cloud} throws the table's sentence for ${capability}`, async () => {
      const ask = askFor[capability];
      assert.ok(ask !== undefined, `no test asks for ${capability}`);
      const open = await loadCloud(cloud);
      let thrown: unknown;
      await deploy(() => {
        try {
          ask(open(settingsOf(stacks[cloud])));
        } catch (error) {
          thrown = error;
        }
      });
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

  it("has a case of the contract suites for everything that a cloud supports", () => {
    const promised = cloudNames.flatMap((cloud) =>
      capabilities
        .filter((capability) => support[capability][cloud] === true)
        .map((capability) => `${cloud} ${capability}`),
    );
    const shown = new Set(cases.flatMap(({ cloud, shows }) => shows.map((capability) => `${cloud} ${capability}`)));
    assert.deepEqual([...shown].sort(), promised.sort());
  });

  it("has cases that are what they say they show", () => {
    for (const { name, cloud, shows, said } of cases) {
      const settings = settingsOf(said);
      const has = new Set<Capability>();
      for (const part of ["network", "cluster", "secretStore", "registry", "domain"] as const)
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
