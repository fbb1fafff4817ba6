import type { Api, Manifest } from "./api.js";

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly observedGeneration?: number;
}

/** An object of a namespace, or of the cluster as a whole where that is empty. */
export interface Custom extends Manifest {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly generation: number;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
  };
}

/** A kind whose conditions are of the object as a whole. */
export interface Conditioned extends Custom {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** What a controller says of an object as it is now. */
export const condition = (type: string, { metadata: { generation } }: Custom, status = "True", reason = type) => ({
  type,
  status,
  reason,
  message: "played",
  observedGeneration: generation,
  lastTransitionTime: new Date().toISOString(),
});

/** It was said of the object as it is now. */
export const isSaid = ({ metadata, status }: Conditioned, type: string): boolean =>
  status?.conditions?.some(
    (one) => one.type === type && one.status === "True" && one.observedGeneration === metadata.generation,
  ) ?? false;

export const isGoing = ({ metadata }: Custom): boolean => metadata.deletionTimestamp !== undefined;

/** `/apis/GROUP/VERSION` and `plural` -> where the object is. */
export const pathTo = (group: string, plural: string, { metadata: { name, namespace } }: Custom): string =>
  [group, ...(namespace === undefined ? [] : ["namespaces", namespace]), plural, name].join("/");

export const setStatus = (path: string, status: object, api: Api): Promise<void> =>
  api.merge(`${path}/status`, { status });

export const holds = ({ metadata }: Custom, finalizer: string): boolean =>
  metadata.finalizers?.includes(finalizer) ?? false;

/** What keeps an object until its controller has done its part. */
export const setFinalizer = (path: string, { metadata }: Custom, finalizer: string, set: boolean, api: Api) => {
  const others = metadata.finalizers?.filter((one) => one !== finalizer) ?? [];
  return api.merge(path, { metadata: { finalizers: set ? [...others, finalizer] : others } });
};

/** Of an object that goes with another of the same namespace. */
export const ownedBy = (apiVersion: string, kind: string, { metadata: { name, uid } }: Custom) => ({
  ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
});
