import { randomBytes } from "node:crypto";
import { type Props, UNKNOWN } from "../serve.js";

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

/** As much of an object as everything here reads of it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly generation?: number;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly [other: string]: unknown;
  };
  readonly [other: string]: unknown;
}

export const isObject = (value: unknown): value is Props =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value somewhere inside; undefined where there is no such place. */
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | null | undefined)?.[key], value);

const metadataOf = (object: Props): Props => (isObject(object["metadata"]) ? object["metadata"] : {});
const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

export const nameOf = (object: Props): string | undefined => textOf(metadataOf(object)["name"]);
export const namespaceOf = (object: Props): string | undefined => textOf(metadataOf(object)["namespace"]);
export const annotationOf = (object: Props, key: string): string | undefined =>
  textOf(at(object, "metadata", "annotations", key));

export const withMetadata = (object: Props, change: Props): Props =>
  object["metadata"] === UNKNOWN ? object : { ...object, metadata: { ...metadataOf(object), ...change } };

export const isUnknown = (value: unknown): boolean =>
  value === UNKNOWN ||
  (Array.isArray(value) ? value.some(isUnknown) : isObject(value) && Object.values(value).some(isUnknown));

export const isSecret = ({ apiVersion, kind }: Props): boolean => apiVersion === "v1" && kind === "Secret";

/** `NAMESPACE/NAME`, or `NAME` where there is no namespace. */
export const idOf = (object: Props): string =>
  [namespaceOf(object), nameOf(object)].filter((part) => part !== undefined).join("/");

export function placeOf(id: string): { readonly namespace: string | undefined; readonly name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { namespace: undefined, name: first } : { namespace: first, name: second };
}

/** `kubernetes:core/v1:Secret` is `v1` and `Secret`. */
export function kindOf(token: string): { readonly apiVersion: string; readonly kind: string } {
  const [, module = "", kind = ""] = token.split(":");
  return { apiVersion: module.replace(/^core\//, ""), kind };
}

const AUTONAMED = "pulumi.com/autonamed";
const suffixed = (stem: string): string => `${stem}-${randomBytes(4).toString("hex")}`;

/** An object that its program does not name gets a name of its own, and keeps it. */
export function named(object: Props, old: Props, logical: string): Props {
  const given = metadataOf(object)["name"];
  const hidden = object["metadata"] === UNKNOWN || at(object, "metadata", "generateName") !== undefined;
  if ((given !== undefined && given !== "") || hidden) return object;
  const kept = annotationOf(old, AUTONAMED) === "true" ? nameOf(old) : undefined;
  return withMetadata(object, {
    name: kept ?? suffixed(logical),
    annotations: { ...(metadataOf(object)["annotations"] as object | undefined), [AUTONAMED]: "true" },
  });
}

export const isAutonamed = (object: Props): boolean => annotationOf(object, AUTONAMED) === "true";

/** Each resource is a field manager of its own, so that two of them cannot undo each other unnoticed. */
export const newManager = (): string => suffixed("pulumi-kubernetes");

const MANAGER = "__fieldManager";
export const managerOf = (outputs: Props): string => textOf(outputs[MANAGER]) ?? newManager();

const readOnly = new Set([
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
]);
const without = (object: Props, keys: ReadonlySet<string>): Props =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.has(key)));

/** What the state keeps of a live object. */
export const asOutputs = (live: Manifest, manager: string): Props => ({
  ...live,
  metadata: without(live.metadata, new Set(["managedFields"])),
  __initialApiVersion: live.apiVersion,
  [MANAGER]: manager,
});

/** A live object that nobody here has written, as a program would have written it. */
export function asImported(live: Manifest): Props {
  // The engine marks secrets by what the program had marked, and here there was no program.
  const hidden = isSecret(live) ? ["data", "stringData"] : [];
  return { ...without(live, new Set(["status", ...hidden])), metadata: without(live.metadata, readOnly) };
}

/** What is sent: the API server would do the same to `stringData`, but count it as nobody's field. */
export function asApplied(object: Props): Props {
  const sent = { ...without(object, new Set(["status"])), metadata: without(metadataOf(object), readOnly) };
  const { stringData, data, ...rest } = sent as Props;
  if (!isSecret(object) || !isObject(stringData)) return sent;
  const encoded = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(String(text)).toString("base64")]);
  return { ...rest, data: { ...(data as object | undefined), ...Object.fromEntries(encoded) } };
}
