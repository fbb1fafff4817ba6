import { createHash, randomBytes } from "node:crypto";
import type { PersistentVolumeClaim, Pod } from "kubernetes-types/core/v1.js";
import type { Api, Manifest } from "./api.js";
import { selfSigned } from "./certificate.js";
import { minutes } from "./minutes.js";
import { hasCondition, type Role } from "./stage.js";

const GROUP = "/apis/postgresql.cnpg.io/v1";
const LABEL = "cnpg.io/cluster";
const HASH = "cnpg.io/podSpecHash";

/** As much of CloudNativePG's Cluster as decides what its operator makes. */
interface Database extends Manifest {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly generation: number;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly instances: number;
    readonly imageName?: string;
    readonly resources?: object;
    readonly storage: { readonly size: string; readonly storageClass?: string };
    readonly bootstrap?: { readonly initdb?: { readonly secret?: { readonly name: string } } };
  };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly observedGeneration?: number;
    }[];
  };
}

/**
 * What CloudNativePG's operator does, as far as this platform needs it: the CA, the addresses, and an instance a pod with
 * a volume of its own, which the scheduler places and the played node starts. It is ready when they are.
 */
export const databaseRole: Role<Database> = {
  path: `${GROUP}/clusters`,
  by: () => "cloudnative-pg",
  next: (database, { api }) => {
    const { metadata, status } = database;
    const ready = status?.conditions?.find(({ type }) => type === "Ready");
    const current = ready?.observedGeneration === metadata.generation;
    if (metadata.deletionTimestamp !== undefined) return undefined;
    if (!current) return { name: "set up", minutes: minutes.databaseSetUp, run: () => setUp(database, api) };
    if (ready?.status !== "True")
      return { name: "ready", minutes: minutes.databaseReady, run: () => becomeReady(database, api) };
    return undefined;
  },
};

async function setUp(database: Database, api: Api): Promise<void> {
  const { name, namespace } = database.metadata;
  const login = database.spec.bootstrap?.initdb?.secret?.name;
  const core = `/api/v1/namespaces/${namespace}`;
  if (login !== undefined && (await api.get(`${core}/secrets/${login}`)) === undefined)
    throw new Error(`${namespace}/${name}: the Secret ${login} is not there`);

  const { certificate, key } = selfSigned(name);
  await api.create(`${core}/serviceaccounts`, owned(database, "ServiceAccount", name, {}));
  await api.create(
    `${core}/secrets`,
    owned(database, "Secret", `${name}-ca`, { stringData: { "ca.crt": certificate, "ca.key": key } }),
  );
  if (login === undefined)
    await api.create(
      `${core}/secrets`,
      owned(database, "Secret", `${name}-app`, {
        type: "kubernetes.io/basic-auth",
        stringData: { username: "app", password: randomBytes(24).toString("hex") },
      }),
    );
  for (const [suffix, selector] of Object.entries(services))
    await api.create(
      `${core}/services`,
      owned(database, "Service", `${name}-${suffix}`, {
        spec: { ports: [{ name: "postgres", port: 5432 }], selector: { [LABEL]: name, ...selector } },
      }),
    );
  for (let serial = 1; serial <= database.spec.instances; serial++) await setUpInstance(database, serial, api);
  await removeInstances(database, api);
  await setStatus(database, api, "False", "Waiting for the instances to become active", 0);
}

const services = {
  rw: { "cnpg.io/instanceRole": "primary" },
  ro: { "cnpg.io/instanceRole": "replica" },
  r: { "cnpg.io/podRole": "instance" },
} as const;

async function setUpInstance(database: Database, serial: number, api: Api): Promise<void> {
  const { name, namespace } = database.metadata;
  const { storage } = database.spec;
  const core = `/api/v1/namespaces/${namespace}`;
  const instance = `${name}-${serial}`;

  const claim = await api.get<PersistentVolumeClaim>(`${core}/persistentvolumeclaims/${instance}`);
  const resources = { requests: { storage: storage.size } };
  if (claim === undefined)
    await api.create(
      `${core}/persistentvolumeclaims`,
      owned(database, "PersistentVolumeClaim", instance, {
        spec: {
          accessModes: ["ReadWriteOnce"],
          resources,
          ...(storage.storageClass === undefined ? {} : { storageClassName: storage.storageClass }),
        },
      }),
    );
  else if (claim.spec?.resources?.requests?.["storage"] !== storage.size)
    await api.merge(`${core}/persistentvolumeclaims/${instance}`, { spec: { resources } });

  const spec = podSpec(database, instance);
  const hash = createHash("sha256").update(JSON.stringify(spec)).digest("hex").slice(0, 10);
  const pod = await api.get<Pod>(`${core}/pods/${instance}`);
  if (pod?.metadata?.annotations?.[HASH] === hash) return;
  if (pod !== undefined) await api.remove(`${core}/pods/${instance}`);
  const wanted = owned(database, "Pod", instance, { spec });
  await api.create(`${core}/pods`, {
    ...wanted,
    metadata: {
      ...wanted.metadata,
      annotations: { [HASH]: hash },
      labels: {
        ...wanted.metadata.labels,
        "cnpg.io/podRole": "instance",
        "cnpg.io/instanceRole": serial === 1 ? "primary" : "replica",
      },
    },
  });
}

const podsOf = async ({ metadata: { name, namespace } }: Database, api: Api): Promise<readonly Pod[]> =>
  (await api.get<{ items: Pod[] }>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${LABEL}%3D${name}`))?.items ??
  [];

/** Those beyond the number that is asked for go with their volumes. */
async function removeInstances(database: Database, api: Api): Promise<void> {
  const core = `/api/v1/namespaces/${database.metadata.namespace}`;
  for (const { metadata } of await podsOf(database, api)) {
    const instance = metadata?.name ?? "";
    if (Number(instance.split("-").at(-1)) <= database.spec.instances) continue;
    await api.remove(`${core}/pods/${instance}`);
    await api.remove(`${core}/persistentvolumeclaims/${instance}`);
  }
}

/** As hardened as the operator's own, which the namespace's level asks for. */
const podSpec = ({ metadata, spec }: Database, instance: string): object => ({
  serviceAccountName: metadata.name,
  securityContext: { runAsNonRoot: true, runAsUser: 26, fsGroup: 26, seccompProfile: { type: "RuntimeDefault" } },
  containers: [
    {
      name: "postgres",
      image: spec.imageName ?? "postgresql",
      ports: [{ name: "postgresql", containerPort: 5432 }],
      resources: spec.resources ?? {},
      volumeMounts: [{ name: "pgdata", mountPath: "/var/lib/postgresql/data" }],
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
    },
  ],
  volumes: [{ name: "pgdata", persistentVolumeClaim: { claimName: instance } }],
});

const owned = <T extends object>({ metadata }: Database, kind: string, name: string, rest: T) => ({
  apiVersion: "v1",
  kind,
  metadata: {
    name,
    namespace: metadata.namespace,
    labels: { [LABEL]: metadata.name },
    ownerReferences: [
      {
        apiVersion: "postgresql.cnpg.io/v1",
        kind: "Cluster",
        name: metadata.name,
        uid: metadata.uid,
        controller: true,
      },
    ],
  },
  ...rest,
});

async function becomeReady(database: Database, api: Api): Promise<void> {
  const pods = await podsOf(database, api);
  const ready = pods.filter(({ status }) => hasCondition(status?.conditions, "Ready")).length;
  const { instances } = database.spec;
  if (ready < instances) throw new Error(`${database.metadata.name}: ${ready} of ${instances} instances are ready`);
  await setStatus(database, api, "True", "Cluster in healthy state", ready);
}

async function setStatus(
  { metadata, spec }: Database,
  api: Api,
  status: "True" | "False",
  phase: string,
  readyInstances: number,
): Promise<void> {
  const { name, namespace, generation } = metadata;
  await api.merge(`${GROUP}/namespaces/${namespace}/clusters/${name}/status`, {
    status: {
      phase,
      instances: spec.instances,
      readyInstances,
      currentPrimary: `${name}-1`,
      targetPrimary: `${name}-1`,
      conditions: [
        {
          type: "Ready",
          status,
          reason: status === "True" ? "ClusterIsReady" : "ClusterIsNotReady",
          message: phase,
          observedGeneration: generation,
          lastTransitionTime: new Date().toISOString(),
        },
      ],
    },
  });
}
