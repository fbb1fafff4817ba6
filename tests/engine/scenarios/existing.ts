import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Api } from "../cluster/api.js";
import { change, objectsOf, plant, remainsOf } from "../providers/cloud/disk.js";
import type { Props } from "../providers/serve.js";
import { objectsIn } from "../support/objects.js";
import { changesOf, type Ran } from "../support/stack.js";
import { type Ground, openGround, Trial } from "../support/trial.js";

interface Planted extends Props {
  readonly metadata: { readonly name: string };
}

/** What somebody else made and a stack is given; everything that it can be given, on each cloud. */
interface Theirs {
  readonly stack: string;
  readonly settings: Readonly<Record<string, string>>;
  /** In the account, before the stack comes. */
  plantIn?(cloud: string, ground: Ground): void;
  /** In the cluster, beside what is in every case: where it goes -> what. */
  readonly objects: Readonly<Record<string, readonly Planted[]>>;
  /** What the stack makes all the same, and what stays of that in its waiting time. */
  readonly makes: readonly string[];
  readonly stays: readonly string[];
}

const markers = [
  "create random:index/randomId:RandomId this-stack-is-locked--set-deletionProtection-to-false-and-run-up-before-destroy",
  "create random:index/randomId:RandomId this-stack-keeps-its-cloud-and-name--make-a-second-stack-to-move",
];
const KEY = "11111111-2222-3333-4444-555555555555";
const CLUSTER = "aws:eks/cluster:Cluster";
const subnets = { private: ["subnet-a", "subnet-b"], data: ["subnet-c", "subnet-d"] };

/** Type -> id -> inputs. */
const account: Readonly<Record<string, Readonly<Record<string, Props>>>> = {
  "aws:ec2/vpc:Vpc": { "vpc-theirs": { cidrBlock: "10.20.0.0/16", enableDnsHostnames: true, enableDnsSupport: true } },
  "aws:ec2/subnet:Subnet": Object.fromEntries(
    [...subnets.private, ...subnets.data].map((id, index) => [
      id,
      {
        vpcId: "vpc-theirs",
        cidrBlock: `10.20.${index * 16}.0/20`,
        availabilityZone: `eu-west-1${"ab"[index % 2]}`,
      },
    ]),
  ),
  "aws:kms/key:Key": { [KEY]: { description: "of the team" } },
  "aws:rds/instance:Instance": { "db-THEIRS": { identifier: "theirs", engine: "postgres", dbName: "agents" } },
  "aws:elasticache/replicationGroup:ReplicationGroup": { theirs: { description: "theirs", engine: "valkey" } },
  "aws:s3/bucket:Bucket": { "their-bucket": {} },
  "aws:ecr/repository:Repository": { "team/api": {} },
  "aws:secretsmanager/secret:Secret": {
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/db-owner-a1b2c3": { name: "team/db-owner" },
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/cache-a1b2c3": { name: "team/cache" },
  },
  "aws:route53/zone:Zone": { ZTHEIRS: { name: "example.com" } },
  [CLUSTER]: { theirs: { version: "1.36" } },
};

const existing = (part: string, said: Readonly<Record<string, string>>): Record<string, string> => ({
  [`${part}.mode`]: "existing",
  ...Object.fromEntries(Object.entries(said).map(([key, value]) => [`${part}.${key}`, value])),
});

const clouds: Readonly<Record<string, Theirs>> = {
  aws: {
    stack: "staging",
    settings: {
      ...existing("network", {
        id: "vpc-theirs",
        "subnets.private": JSON.stringify(subnets.private),
        "subnets.data": JSON.stringify(subnets.data),
      }),
      ...existing("cluster", { id: "theirs" }),
      ...existing("database", {
        host: "theirs.0123456789ab.eu-west-1.rds.amazonaws.com",
        ownerSecret: "team/db-owner",
      }),
      ...existing("cache", { host: "master.theirs.012345.euw1.cache.amazonaws.com", authSecret: "team/cache" }),
      ...existing("bucket", { id: "their-bucket" }),
      ...existing("secretStore", { id: `arn:aws:kms:eu-west-1:123456789012:key/${KEY}` }),
      ...existing("registry", { url: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team" }),
      ...existing("domain", { name: "agents.example.com", zone: "ZTHEIRS" }),
    },
    plantIn: (cloud, { cluster }) => {
      for (const [type, things] of Object.entries(account))
        for (const [id, inputs] of Object.entries(things)) plant(cloud, type, id, inputs);
      const data = Buffer.from(cluster.ca).toString("base64");
      change(cloud, CLUSTER, "theirs", { endpoint: cluster.endpoint, certificateAuthority: { data } });
    },
    objects: {},
    makes: [
      "create aws:cloudwatch/logGroup:LogGroup agents-staging",
      "create aws:eks/podIdentityAssociation:PodIdentityAssociation agents-staging-api",
      "create aws:iam/role:Role agents-staging-api",
      "create aws:iam/rolePolicy:RolePolicy agents-staging-api",
      "create aws:secretsmanager/secret:Secret agents-staging-api-db-main",
      "create aws:secretsmanager/secret:Secret agents-staging-openai-api-key",
      "create aws:secretsmanager/secretVersion:SecretVersion agents-staging-api-db-main",
      "create aws:secretsmanager/secretVersion:SecretVersion agents-staging-openai-api-key",
      "create kubernetes:core/v1:Namespace agents-staging",
      "create kubernetes:core/v1:ServiceAccount agents-staging-api",
      ...markers,
      "create random:index/randomPassword:RandomPassword agents-staging-api-db-main",
    ],
    stays: ["soft-deleted of agents-staging-api-db-main", "soft-deleted of agents-staging-openai-api-key"],
  },
  local: {
    stack: "dev",
    settings: {
      ...existing("database", { host: "db.example.com", ownerSecret: "db-owner" }),
      ...existing("cache", { host: "cache.example.com", authSecret: "cache" }),
      ...existing("bucket", { endpoint: "https://s3.example.com", id: "theirs", credentialsSecret: "s3" }),
      ...existing("secretStore", { id: "team" }),
      ...existing("registry", { url: "registry.example.com/team" }),
    },
    objects: {
      "/api/v1/namespaces/team/secrets": ["db-owner", "cache", "s3"].map((name) => ({
        metadata: { name },
        stringData: { username: "theirs", password: "theirs" },
      })),
    },
    makes: [
      "create kubernetes:core/v1:Namespace agents-development",
      "create kubernetes:core/v1:Secret agents-development-api-db-main",
      "create kubernetes:core/v1:Secret agents-development-openai-api-key",
      "create kubernetes:core/v1:ServiceAccount agents-development-api",
      ...markers,
      "create random:index/randomPassword:RandomPassword agents-development-api-db-main",
    ],
    stays: [],
  },
};

/** In every cluster, in a namespace of their own: where it goes -> what. */
const always: Theirs["objects"] = {
  "/api/v1/namespaces": [{ metadata: { name: "team" } }],
  "/api/v1/namespaces/team/configmaps": [{ metadata: { name: "theirs" }, data: { key: "value" } }],
  "/api/v1/namespaces/team/serviceaccounts": [{ metadata: { name: "api" } }],
};

for (const [cloud, theirs] of Object.entries(clouds)) {
  describe(`a stack on ${cloud} that is given what somebody else made`, () => {
    let ground: Ground;
    let trial: Trial;
    let api: Api;
    let untouched: Awaited<ReturnType<typeof everything>>;

    const objects = [always, theirs.objects].flatMap((one) => Object.entries(one));
    const everything = async () => {
      const paths = objects.flatMap(([path, all]) => all.map(({ metadata }) => `${path}/${metadata.name}`));
      return {
        account: objectsOf(trial.stack.cloud),
        objects: await Promise.all(paths.map((path) => api.get(path))),
        inCluster: (await objectsIn(ground.cluster))
          .map(({ where }) => where)
          .filter((where) => !ofItself.test(where))
          .toSorted(),
      };
    };

    before("somebody else makes it", async () => {
      ground = await openGround();
      api = new Api(ground.cluster);
      trial = await Trial.open(ground, { ...theirs, secretNames: ["OPENAI_API_KEY"] });
      theirs.plantIn?.(trial.stack.cloud, ground);
      for (const [path, all] of objects) for (const one of all) await api.create(path, one);
      // What every namespace gets, a moment later.
      while ((await api.get("/api/v1/namespaces/team/configmaps/kube-root-ca.crt")) === undefined) await sleep(50);
      while ((await api.get("/api/v1/namespaces/team/serviceaccounts/default")) === undefined) await sleep(50);
      untouched = await everything();
    });
    after(async () => {
      api?.close();
      await trial?.close();
      await ground?.close();
    });
    afterEach("leaves no secret in plain text and nothing half done", () => trial.assertSound());

    it("makes only what is its own", async () => {
      const up = await succeeds(trial.stack.up());
      const made = changesOf(up).filter(
        ({ type }) => !type.startsWith("agent-platform:") && !type.startsWith("pulumi:"),
      );
      assert.deepEqual(made.map(({ op, type, name }) => `${op} ${type} ${name}`).toSorted(), theirs.makes);
      const now = await everything();
      assert.deepEqual(now.objects, untouched.objects);
      assert.deepEqual(
        now.account.filter(({ urn }) => urn === ""),
        untouched.account,
      );
    });

    it("changes nothing in a second up", async () => {
      assert.deepEqual(changesOf(await succeeds(trial.stack.up("--expect-no-changes"))), []);
    });

    it("goes, and leaves theirs as it was", async () => {
      await succeeds(trial.stack.destroy());
      assert.deepEqual((await trial.stack.state()).resources, []);
      assert.deepEqual(await everything(), untouched);
      const remains = remainsOf(trial.stack.cloud).map(({ kind, name }) => `${kind} of ${name}`);
      assert.deepEqual(remains.toSorted(), theirs.stays);
    });
  });
}

/** What the cluster writes down about itself as time goes by. */
const ofItself = /^(Event|Lease) /;

async function succeeds(operation: Promise<Ran>): Promise<Ran> {
  const ran = await operation;
  assert.equal(ran.code, 0, ran.output);
  return ran;
}
