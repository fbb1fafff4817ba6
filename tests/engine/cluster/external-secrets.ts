import type { Secret } from "kubernetes-types/core/v1.js";
import type { Api, Manifest } from "./api.js";
import { minutes } from "./minutes.js";
import { hasCondition, type Role } from "./stage.js";

const BY = "external-secrets";
const GROUP = "/apis/external-secrets.io/v1";

interface Conditioned extends Manifest {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface Store extends Conditioned {
  readonly spec: {
    readonly conditions?: readonly { readonly namespaces?: readonly string[] }[];
    readonly provider: { readonly kubernetes?: { readonly remoteNamespace: string } };
  };
}

interface External extends Conditioned {
  readonly spec: {
    readonly secretStoreRef: { readonly name: string };
    readonly target: {
      readonly name: string;
      readonly template: { readonly type?: string; readonly data: Readonly<Record<string, string>> };
    };
    readonly data: readonly {
      readonly secretKey: string;
      readonly remoteRef: { readonly key: string; readonly property: string };
    }[];
  };
}

/** A store is ready when it can be asked; that it answers is seen when it is. */
export const secretStoreRole: Role<Store> = {
  path: `${GROUP}/clustersecretstores`,
  by: () => BY,
  next: (store, { api }) =>
    isReady(store)
      ? undefined
      : {
          name: "ready",
          minutes: minutes.secretSync,
          run: () => becomeReady(`${GROUP}/clustersecretstores/${store.metadata.name}`, api),
        },
};

/** What External Secrets does: reads the entries, and writes one Secret of them by the template. */
export const externalSecretRole: Role<External> = {
  path: `${GROUP}/externalsecrets`,
  by: () => BY,
  next: (external, { api }) =>
    isReady(external) || (external.metadata !== undefined && "deletionTimestamp" in external.metadata)
      ? undefined
      : { name: "sync", minutes: minutes.secretSync, run: () => sync(external, api) },
};

const isReady = ({ status }: Conditioned): boolean => hasCondition(status?.conditions, "Ready");

async function sync(external: External, api: Api): Promise<void> {
  const { metadata, spec } = external;
  const where = `${metadata.namespace}/${metadata.name}`;
  const store = await api.get<Store>(`${GROUP}/clustersecretstores/${spec.secretStoreRef.name}`);
  if (store === undefined || !isReady(store)) throw new Error(`${where}: the store is not ready`);
  const allowed = (store.spec.conditions ?? []).flatMap(({ namespaces = [] }) => namespaces);
  if (!allowed.includes(metadata.namespace)) throw new Error(`${where}: the store is not for this namespace`);
  const fields = new Map<string, string>();
  for (const { secretKey, remoteRef } of spec.data) fields.set(secretKey, await read(store, remoteRef, api));
  const data = Object.fromEntries(
    Object.entries(spec.target.template.data).map(([key, text]) => [
      key,
      Buffer.from(render(text, fields)).toString("base64"),
    ]),
  );
  await api.create(`/api/v1/namespaces/${metadata.namespace}/secrets`, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: spec.target.name,
      namespace: metadata.namespace,
      ownerReferences: [
        {
          apiVersion: "external-secrets.io/v1",
          kind: "ExternalSecret",
          name: metadata.name,
          uid: metadata.uid,
          controller: true,
        },
      ],
    },
    type: spec.target.template.type ?? "Opaque",
    data,
  } as Manifest);
  await becomeReady(`${GROUP}/namespaces/${metadata.namespace}/externalsecrets/${metadata.name}`, api);
}

/** A store in the cluster is read; of a cloud's, which is not there, what is in an entry is made up. */
async function read(
  { spec }: Store,
  { key, property }: External["spec"]["data"][number]["remoteRef"],
  api: Api,
): Promise<string> {
  const namespace = spec.provider.kubernetes?.remoteNamespace;
  if (namespace === undefined) return `played-${key}-${property}`;
  const entry = await api.get<Secret & Manifest>(`/api/v1/namespaces/${namespace}/secrets/${key}`);
  const value = entry?.data?.[property];
  if (value === undefined) throw new Error(`${namespace}/${key} has no ${property}`);
  return Buffer.from(value, "base64").toString("utf8");
}

/** As much of Go's templates as is used: `{{ .name }}`, and `urlquery` behind it. */
const render = (text: string, fields: ReadonlyMap<string, string>): string =>
  text.replace(/\{\{ \.(\w+)( \| urlquery)? \}\}/g, (_, name: string, encoded: string | undefined) => {
    const value = fields.get(name);
    if (value === undefined) throw new Error(`a template names ${name}, which is not fetched`);
    return encoded === undefined ? value : encodeURIComponent(value);
  });

const becomeReady = async (path: string, api: Api): Promise<void> => {
  await api.merge(`${path}/status`, {
    status: {
      conditions: [{ type: "Ready", status: "True", reason: "Played", lastTransitionTime: new Date().toISOString() }],
    },
  });
};
