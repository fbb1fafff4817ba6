import { isTree, type Tree } from "../config/walk.js";
import type { Plan } from "./plan.js";
import { type RecordedResource, UNKNOWN } from "./record.js";
import { SECRET } from "./values.js";

/** What a plan puts into a cluster by itself, as its API server would be sent it. Secrets are masked. */
export interface ClusterObject {
  readonly urn: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Undefined for what belongs to the cluster as a whole. */
  readonly namespace: string | undefined;
  /** Labels, annotations and the like. */
  readonly metadata: Tree;
  /** `spec` and whatever else the kind has. */
  readonly content: Tree;
}

/**
 * What a plan has put into a cluster of a chart, by Helm or object by object. Secrets are masked.
 */
export interface ChartRelease {
  readonly name: string;
  readonly namespace: string;
  /** A name in the repository, or an address that begins with `oci://`. */
  readonly chart: string;
  readonly version: string;
  readonly repository: string | undefined;
  readonly values: Tree;
}

const RELEASE = "kubernetes:helm.sh/v3:Release";
/** A component whose provider renders the chart and makes each object of it: a plan knows the chart only. */
const CHART = "kubernetes:helm.sh/v4:Chart";
/** `kubernetes:apps/v1:Deployment`, `kubernetes:core/v1:Secret`, `kubernetes:postgresql.cnpg.io/v1:Cluster`. */
const TOKEN = /^kubernetes:(?:([^/:]+)\/)?([^/:]+):(\w+)$/;

const isOfChart = ({ type }: RecordedResource): boolean => type === RELEASE || type === CHART;

/** More than a bracket around others: what is made by itself, or by a provider that knows what is in it. */
export const isReal = ({ custom, type }: Pick<RecordedResource, "custom" | "type">): boolean =>
  custom || type === CHART;

const isMadeInCluster = (resource: RecordedResource): boolean =>
  isReal(resource) && !resource.read && resource.type.startsWith("kubernetes:");

export const releasesIn = ({ resources }: Plan): readonly ChartRelease[] =>
  resources.filter((one) => isMadeInCluster(one) && isOfChart(one)).map(releaseOf);

export const objectsIn = ({ resources }: Plan): readonly ClusterObject[] =>
  resources.filter((one) => isMadeInCluster(one) && !isOfChart(one)).map(objectOf);

function releaseOf({ name, inputs, secretInputs }: RecordedResource): ChartRelease {
  const said = asTree(leavesMasked(inputs, secretInputs));
  const { repo } = asTree(said["repositoryOpts"]);
  return {
    name: textOr(name, said["name"]),
    namespace: textOr("default", said["namespace"]),
    chart: textOr(UNKNOWN, said["chart"]),
    version: textOr(UNKNOWN, said["version"]),
    repository: typeof repo === "string" ? repo : undefined,
    values: asTree(said["values"]),
  };
}

function objectOf({ urn, type, name: logical, inputs, secretInputs }: RecordedResource): ClusterObject {
  const [, group = "", version = "", kind = ""] = TOKEN.exec(type) ?? [];
  if (kind === "") throw new Error(`${type} ${logical}: no type of a Kubernetes object, which is GROUP/VERSION:KIND`);
  const { apiVersion: _, kind: __, metadata, ...rest } = asTree(leavesMasked(inputs, secretInputs));
  const { name, namespace, ...others } = asTree(metadata);
  return {
    urn,
    group: group === "core" ? "" : group,
    apiVersion: group === "core" || group === "" ? version : `${group}/${version}`,
    kind,
    // One that the program does not name is named by Pulumi: the logical name and an ending of its own.
    name: textOr(`${logical}-${UNKNOWN}`, name),
    namespace: typeof namespace === "string" ? namespace : undefined,
    metadata: withoutOwnAnnotations(others),
    content: kind === "Secret" && group === "core" ? valuesMasked(rest) : rest,
  };
}

/** Pulumi reads them and the cluster never sees what they ask for. */
function withoutOwnAnnotations(metadata: Tree): Tree {
  const { annotations, ...others } = metadata;
  if (!isTree(annotations)) return metadata;
  const kept = Object.entries(annotations).filter(([key]) => !key.startsWith("pulumi.com/"));
  return kept.length === 0 ? others : { ...others, annotations: Object.fromEntries(kept) };
}

/** Marked or not: what is in a Secret is secret. */
function valuesMasked(secret: Tree): Tree {
  const mask = (value: unknown): unknown =>
    isTree(value) ? Object.fromEntries(Object.keys(value).map((key) => [key, SECRET])) : value;
  return Object.fromEntries(
    Object.entries(secret).map(([key, value]) => [key, key === "data" || key === "stringData" ? mask(value) : value]),
  );
}

/** Like `masked` of the JSON, but what holds a secret keeps its shape, since a schema asks for it. */
export function leavesMasked(value: unknown, secretPaths: readonly string[], path = "", within = false): unknown {
  const secret = within || secretPaths.includes(path);
  if (Array.isArray(value))
    return value.map((item, index) => leavesMasked(item, secretPaths, `${path}[${index}]`, secret));
  if (!isTree(value)) return secret && value !== UNKNOWN ? SECRET : value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      leavesMasked(item, secretPaths, path === "" ? key : `${path}.${key}`, secret),
    ]),
  );
}

const asTree = (value: unknown): Tree => (isTree(value) ? value : {});
const textOr = (otherwise: string, value: unknown): string => (typeof value === "string" ? value : otherwise);
