import type { Platform } from "../../components/platform.js";
import { mapValues } from "../../config/maps.js";
import { type CloudName, cloudNames } from "../../config/names.js";
import type { Settings } from "../../config/settings.js";
import type { Tree } from "../../config/walk.js";
import type { RecordedResource, Recording } from "../../plan/record.js";
import type { RegionalCloud } from "../../providers/regions.js";
import type { Capability } from "../../providers/support.js";
import type { Stubs } from "../support/deploy.js";
import { deployPlatform } from "../support/platform.js";
import { measuring, running, watchedElsewhere, watching } from "../support/services.js";
import { settingsOf, stacks } from "../support/settings.js";
import { awsComputeStubs } from "../support/stubs/aws-compute.js";
import { awsDataStubs } from "../support/stubs/aws-data.js";
import { azureComputeStubs } from "../support/stubs/azure-compute.js";
import { azureDataStubs } from "../support/stubs/azure-data.js";
import { gcpComputeStubs } from "../support/stubs/gcp-compute.js";
import { gcpDataStubs } from "../support/stubs/gcp-data.js";
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

/** What watches is a third of a stack: it is in the rows that are about it. */
const monitoring = { mode: "none" };
const services = { api: { uses: ["database", "cache", "bucket"], secrets: ["OPENAI_API_KEY"] } };
const onLocal = { cloud: "local", monitoring, services: { api: { ...services.api, uses: ["database", "cache"] } } };
const s3 = { mode: "existing", endpoint: "https://s3.example.com", credentialsSecret: "s3" };
const OTHER = "acme/agent-platform/other";
const fromOther = { mode: "existing", fromStack: OTHER };

/** What is called differently on each cloud. */
export interface Terms {
  readonly network: Tree;
  readonly cluster: string;
  readonly secretStore: string;
  readonly bucket: string;
  readonly zone: string;
  /** Who reaches the API server of a closed network. */
  readonly access: Tree;
  /** Where a standby is. */
  readonly secondRegion: string;
}

const azureGroup = "/subscriptions/0a1b2c3d-0000-4000-8000-1234567890ab/resourceGroups/theirs/providers";
export const terms: Readonly<Record<RegionalCloud, Terms>> = {
  aws: {
    network: { id: "vpc-1", subnets: { private: ["subnet-a", "subnet-b"], data: ["subnet-c", "subnet-d"] } },
    cluster: "theirs",
    secretStore: "arn:aws:kms:eu-west-1:123456789012:key/theirs",
    bucket: "theirs",
    zone: "Z1",
    access: { private: true },
    secondRegion: "eu-central-1",
  },
  gcp: {
    network: {
      id: "projects/acme-agents/global/networks/theirs",
      subnets: {
        private: ["projects/acme-agents/regions/europe-west1/subnetworks/nodes"],
        data: ["projects/acme-agents/regions/europe-west1/subnetworks/data"],
      },
    },
    cluster: "theirs",
    secretStore: "acme-secrets",
    bucket: "theirs",
    zone: "theirs",
    access: { dns: true },
    secondRegion: "europe-west3",
  },
  azure: {
    network: {
      id: `${azureGroup}/Microsoft.Network/virtualNetworks/theirs`,
      subnets: {
        private: [`${azureGroup}/Microsoft.Network/virtualNetworks/theirs/subnets/nodes`],
        data: [`${azureGroup}/Microsoft.Network/virtualNetworks/theirs/subnets/data`],
      },
    },
    cluster: `${azureGroup}/Microsoft.ContainerService/managedClusters/theirs`,
    secretStore: `${azureGroup}/Microsoft.KeyVault/vaults/theirs`,
    bucket: `${azureGroup}/Microsoft.Storage/storageAccounts/theirs/blobServices/default/containers/files`,
    zone: `${azureGroup}/Microsoft.Network/dnszones/agents.example.com`,
    access: { private: true },
    secondRegion: "germanywestcentral",
  },
};

const inProduction = {
  services,
  tags: { owner: "team-a" },
  size: "medium",
  environment: "production",
  cluster: { access: { cidrs: ["203.0.113.0/24"] } },
};

/** Every way in which a cloud makes a part, or is given one: the same rows for each. */
function rowsOf(cloud: RegionalCloud) {
  const on = { ...stacks[cloud], monitoring, services, tags: { owner: "team-a" } };
  const production = { ...on, ...inProduction };
  const { network, cluster, secretStore, bucket, zone, access, secondRegion } = terms[cloud];
  return {
    production: {
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
      said: { ...production, domain: "agents.example.com" },
    },
    development: { shows: ["domain.none", "monitoring.none"], said: on },
    large: { shows: [], said: { ...production, size: "large", databases: { main: {}, history: {} } } },
    closed: {
      shows: [],
      said: {
        ...on,
        cluster: { access },
        network: { nat: cloud === "azure" ? "perZone" : "none", privateEndpoints: true },
      },
    },
    "existing network": { shows: ["network.existing"], said: { ...on, network: { mode: "existing", ...network } } },
    "existing cluster": { shows: ["cluster.existing"], said: { ...on, cluster: { mode: "existing", id: cluster } } },
    "stores in the cluster": {
      shows: ["databases.inCluster", "caches.inCluster"],
      said: { ...production, database: { mode: "inCluster" }, cache: { mode: "inCluster" } },
    },
    "existing stores": {
      shows: ["databases.existing", "caches.existing", "buckets.existing", "secretStore.existing", "registry.existing"],
      said: {
        ...on,
        database: { mode: "existing", host: "db.example.com", ownerSecret: "team-db-owner" },
        cache: { mode: "existing", host: "10.9.8.7", authSecret: "team-cache" },
        bucket: { mode: "existing", id: bucket },
        secretStore: { mode: "existing", id: secretStore },
        registry: { mode: "existing", url: "registry.example.com/team" },
        domain: { mode: "existing", name: "agents.example.com", zone },
      },
    },
    "a store that speaks S3": {
      shows: ["registry.none"],
      said: { ...on, bucket: { ...s3, id: "theirs" }, registry: { mode: "none" } },
    },
    services: {
      shows: [],
      said: {
        ...on,
        domain: "agents.example.com",
        monitoring: measuring,
        services: { ...running, api: { ...running.api, uses: [...running.api.uses, "bucket"] } },
      },
    },
    watched: {
      shows: ["monitoring.inCluster"],
      said: { ...production, domain: "agents.example.com", monitoring: watching, services: running },
    },
    "watched elsewhere": {
      shows: ["monitoring.existing"],
      said: { ...on, domain: "agents.example.com", monitoring: watchedElsewhere, services: running },
    },
    "all from another stack": {
      shows: ["domain.existing"],
      of: `${cloud}, production`,
      said: {
        ...on,
        network: fromOther,
        cluster: fromOther,
        database: fromOther,
        cache: fromOther,
        bucket: fromOther,
        secretStore: fromOther,
        domain: { ...fromOther, name: "agents.example.com" },
      },
    },
    standby: {
      shows: ["databases.replica", "standby"],
      of: `${cloud}, production`,
      said: { ...production, environment: "dr", region: secondRegion, standby: { of: OTHER } },
    },
  } satisfies Record<string, Pick<Case, "shows" | "said" | "of">>;
}

/** A part that is not said is what the cloud makes of it, so each row is a whole platform. */
const localRows = {
  development: {
    shows: [
      "network.none",
      "cluster.existing",
      "databases.inCluster",
      "caches.inCluster",
      "secretStore.managed",
      "registry.none",
      "domain.none",
      "monitoring.none",
    ],
    said: onLocal,
  },
  production: {
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
  "existing stores": {
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
  services: { shows: [], said: { ...onLocal, monitoring: measuring, services: running } },
  watched: {
    shows: ["monitoring.inCluster"],
    said: { ...onLocal, monitoring: { mode: "inCluster" }, services: running },
  },
  "watched elsewhere": {
    shows: ["monitoring.existing"],
    said: { ...onLocal, monitoring: watchedElsewhere, services: running },
  },
  "all from another stack": {
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
} satisfies Record<string, Pick<Case, "shows" | "said" | "of">>;

const rows: Readonly<Record<CloudName, Readonly<Record<string, Pick<Case, "shows" | "said" | "of">>>>> = {
  aws: rowsOf("aws"),
  gcp: rowsOf("gcp"),
  azure: rowsOf("azure"),
  local: localRows,
};

export type CaseName = `${RegionalCloud}, ${keyof ReturnType<typeof rowsOf>}` | `local, ${keyof typeof localRows}`;

/** Every suite of this folder runs over all of them. */
export const cases: readonly Case[] = cloudNames.flatMap((cloud) =>
  Object.entries(rows[cloud]).map(([name, row]) => ({ name: `${cloud}, ${name}`, cloud, ...row })),
);

export function caseNamed(name: CaseName): Case {
  const found = cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no case is called ${name}`);
  return found;
}

export const settingsOfCase = ({ said }: Case): Settings => settingsOf(said);

const clouds: readonly Stubs[] = [
  awsComputeStubs,
  awsDataStubs,
  gcpComputeStubs,
  gcpDataStubs,
  azureComputeStubs,
  azureDataStubs,
];
const { "random:index/randomPassword:RandomPassword": _planted, ...cloudOutputs } = Object.assign(
  {},
  ...clouds.map(({ outputs }) => outputs),
) as NonNullable<Stubs["outputs"]>;
/** Ids that are taken apart again by whoever is given them. */
const azureIds: Readonly<Record<string, string>> = {
  "azure-native:network:VirtualNetwork": "Microsoft.Network/virtualNetworks/$",
  "azure-native:network:Subnet": "Microsoft.Network/virtualNetworks/agents/subnets/$",
  "azure-native:containerservice:ManagedCluster": "Microsoft.ContainerService/managedClusters/$",
  "azure-native:keyvault:Vault": "Microsoft.KeyVault/vaults/$",
  "azure-native:storage:BlobContainer": "Microsoft.Storage/storageAccounts/agents/blobServices/default/containers/$",
  "azure-native:dns:Zone": "Microsoft.Network/dnszones/$",
};

/** What the clouds, and an operator in a cluster, would answer. Passwords are left to the harness, which plants them. */
const answers: Stubs = {
  outputs: {
    ...cloudOutputs,
    ...mapValues(azureIds, (path, type) => (resource: RecordedResource) => ({
      ...cloudOutputs[type]?.(resource),
      id: `${azureGroup}/${path.replace("$", resource.name)}`,
    })),
    "kubernetes:core/v1:Service": ({ inputs }) => {
      const { type, loadBalancerClass } = inputs["spec"] as { type: string; loadBalancerClass?: string };
      if (type !== "LoadBalancer") return {};
      const address = loadBalancerClass === undefined ? { ip: "203.0.113.9" } : { hostname: "nlb.example.com" };
      return { status: { loadBalancer: { ingress: [address] } } };
    },
    "kubernetes:core/v1:Secret": ({ read }) =>
      read ? { data: { "ca.crt": Buffer.from("CA OF THE OPERATOR").toString("base64") } } : {},
  },
  calls: {
    ...Object.assign({}, ...clouds.map(({ calls }) => calls)),
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
