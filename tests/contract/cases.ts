import type { Platform } from "../../components/platform.js";
import type { CloudName } from "../../config/names.js";
import type { Settings } from "../../config/settings.js";
import type { Tree } from "../../config/walk.js";
import type { Recording } from "../../plan/record.js";
import type { Capability } from "../../providers/support.js";
import type { Stubs } from "../support/deploy.js";
import { deployPlatform } from "../support/platform.js";
import { awsProduction, awsStack, settingsOf } from "../support/settings.js";
import { awsComputeStubs } from "../support/stubs/aws-compute.js";
import { awsDataStubs } from "../support/stubs/aws-data.js";
import { plainOf } from "./values.js";

export interface Case {
  /** What the titles of its tests begin with. */
  readonly name: string;
  readonly cloud: CloudName;
  /** What of the support table the case is an example of. */
  readonly shows: readonly Capability[];
  readonly said: Tree;
  /** The case whose outputs every `fromStack` of this one reads. */
  readonly of?: string;
}

const services = { api: { uses: ["database", "cache", "bucket"], secrets: ["OPENAI_API_KEY"] } };
const onAws = { ...awsStack, services, tags: { owner: "team-a" } };
const inProduction = { ...awsProduction, services, tags: { owner: "team-a" }, size: "medium" };
const onLocal = { cloud: "local", services: { api: { ...services.api, uses: ["database", "cache"] } } };
const s3 = { mode: "existing", endpoint: "https://s3.example.com", credentialsSecret: "s3" };
const OTHER = "acme/agent-platform/other";
const fromOther = { mode: "existing", fromStack: OTHER };

/**
 * Every way in which a cloud makes a part, or is given one. A part that is not said is what the cloud makes of it, so
 * each row is a whole platform, and every suite of this folder runs over all of them.
 */
const rows = {
  "aws, production": {
    cloud: "aws",
    shows: [
      "network.managed",
      "cluster.managed",
      "databases.managed",
      "caches.managed",
      "buckets.managed",
      "secretStore.managed",
      "registry.managed",
      "domain.managed",
    ],
    said: { ...inProduction, domain: "agents.example.com" },
  },
  "aws, development": { cloud: "aws", shows: ["domain.none"], said: onAws },
  "aws, large": {
    cloud: "aws",
    shows: [],
    said: { ...inProduction, size: "large", databases: { main: {}, history: {} } },
  },
  "aws, existing network": {
    cloud: "aws",
    shows: ["network.existing"],
    said: {
      ...onAws,
      network: {
        mode: "existing",
        id: "vpc-1",
        subnets: { private: ["subnet-a", "subnet-b"], data: ["subnet-c", "subnet-d"] },
      },
    },
  },
  "aws, existing cluster": {
    cloud: "aws",
    shows: ["cluster.existing"],
    said: { ...onAws, cluster: { mode: "existing", id: "theirs" } },
  },
  "aws, stores in the cluster": {
    cloud: "aws",
    shows: ["databases.inCluster", "caches.inCluster"],
    said: { ...inProduction, database: { mode: "inCluster" }, cache: { mode: "inCluster" } },
  },
  "aws, existing stores": {
    cloud: "aws",
    shows: ["databases.existing", "caches.existing", "buckets.existing", "secretStore.existing", "registry.existing"],
    said: {
      ...onAws,
      database: { mode: "existing", host: "db.example.com", ownerSecret: "team/db-owner" },
      cache: { mode: "existing", host: "10.9.8.7", authSecret: "team/cache" },
      bucket: { mode: "existing", id: "theirs" },
      secretStore: { mode: "existing", id: "arn:aws:kms:eu-west-1:123456789012:key/theirs" },
      registry: { mode: "existing", url: "registry.example.com/team" },
      domain: { mode: "existing", name: "agents.example.com", zone: "Z1" },
    },
  },
  "aws, a store that speaks S3": {
    cloud: "aws",
    shows: ["registry.none"],
    said: { ...onAws, bucket: { ...s3, id: "theirs" }, registry: { mode: "none" } },
  },
  "aws, all from another stack": {
    cloud: "aws",
    shows: ["domain.existing"],
    of: "aws, production",
    said: {
      ...onAws,
      network: fromOther,
      cluster: fromOther,
      database: fromOther,
      cache: fromOther,
      bucket: fromOther,
      secretStore: fromOther,
      domain: { ...fromOther, name: "agents.example.com" },
    },
  },
  "aws, standby": {
    cloud: "aws",
    shows: ["databases.replica", "standby"],
    of: "aws, production",
    said: { ...inProduction, environment: "dr", region: "eu-central-1", standby: { of: OTHER } },
  },
  "local, development": {
    cloud: "local",
    shows: [
      "network.none",
      "cluster.existing",
      "databases.inCluster",
      "caches.inCluster",
      "secretStore.managed",
      "registry.none",
      "domain.none",
    ],
    said: onLocal,
  },
  "local, production": {
    cloud: "local",
    shows: [],
    said: {
      ...onLocal,
      services,
      environment: "production",
      size: "medium",
      cluster: { context: "kind-agents" },
      bucket: { ...s3, id: "theirs" },
    },
  },
  "local, existing stores": {
    cloud: "local",
    shows: ["databases.existing", "caches.existing", "buckets.existing", "secretStore.existing", "registry.existing"],
    said: {
      ...onLocal,
      services,
      database: { mode: "existing", host: "db.example.com", ownerSecret: "db-owner" },
      cache: { mode: "existing", host: "cache.example.com", authSecret: "cache" },
      bucket: { ...s3, id: "theirs" },
      secretStore: { mode: "existing", id: "team-secrets" },
      registry: { mode: "existing", url: "registry.example.com/team" },
    },
  },
  "local, all from another stack": {
    cloud: "local",
    shows: [],
    of: "local, production",
    said: {
      ...onLocal,
      services,
      cluster: fromOther,
      database: fromOther,
      cache: { ...fromOther, tls: false },
      bucket: { ...s3, fromStack: OTHER },
      secretStore: fromOther,
    },
  },
} satisfies Record<string, Omit<Case, "name">>;

export type CaseName = keyof typeof rows;

export const cases: readonly Case[] = Object.entries(rows).map(([name, row]) => ({ name, ...row }));
export const caseNamed = (name: CaseName): Case => ({ name, ...rows[name] });

export const settingsOfCase = ({ said }: Case): Settings => settingsOf(said);

const { "random:index/randomPassword:RandomPassword": _planted, ...awsOutputs } = {
  ...awsComputeStubs.outputs,
  ...awsDataStubs.outputs,
};
/** What AWS, and an operator in a cluster, would answer. Passwords are left to the harness, which plants them. */
const answers: Stubs = {
  outputs: {
    ...awsOutputs,
    "kubernetes:core/v1:Secret": ({ read }) =>
      read ? { data: { "ca.crt": Buffer.from("CA OF THE OPERATOR").toString("base64") } } : {},
  },
  calls: {
    ...awsComputeStubs.calls,
    ...awsDataStubs.calls,
    "aws:kms/getKey:getKey": ({ inputs }) => ({ ...inputs, arn: inputs["keyId"] }),
  },
};

export type Ran = Recording<Platform>;
const ran = new Map<string, Promise<Ran>>();
// The recorder's runtime is one for the process: a deployment begins when the one before it has ended.
let last: Promise<unknown> = Promise.resolve();

function once(key: string, deployment: () => Promise<Ran>): Promise<Ran> {
  const known = ran.get(key);
  if (known !== undefined) return known;
  const next = last.then(deployment);
  last = next.catch(() => undefined);
  ran.set(key, next);
  return next;
}

async function stubsFor({ of }: Case): Promise<Stubs> {
  if (of === undefined) return answers;
  const { outputs } = (await run(caseNamed(of as CaseName))).result;
  const plain = await plainOf(outputs);
  const theirs = () => ({ outputs: plain, secretOutputNames: ["kubeconfig"] });
  return { ...answers, outputs: { ...answers.outputs, "pulumi:pulumi:StackReference": theirs } };
}

/** The case as `up` would make it; made once, whichever suite asks. */
export async function run(one: Case): Promise<Ran> {
  const stubs = await stubsFor(one);
  return once(one.name, () => deployPlatform(one.said, stubs));
}

/** The case once more, from nothing. */
export async function runAgain(one: Case): Promise<Ran> {
  const stubs = await stubsFor(one);
  return once(`${one.name}, again`, () => deployPlatform(one.said, stubs));
}

/** The case as a first preview sees it: nothing is known of what is to be made, nor of any other stack. */
export const preview = (one: Case): Promise<Ran> =>
  once(`${one.name}, in a preview`, () => deployPlatform(one.said, { preview: true }));

/** The case with the one setting that lifts every lock. */
export async function unlocked(one: Case): Promise<Ran> {
  const stubs = await stubsFor(one);
  return once(`${one.name}, unlocked`, () => deployPlatform({ ...one.said, deletionProtection: false }, stubs));
}
