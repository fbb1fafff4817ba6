import { readFileSync } from "node:fs";
import { type CloudName, cloudNames } from "../config/names.js";
import { StackFileError } from "../config/stackfile.js";
import { planned } from "../providers/index.js";
import { type Difference, differences, isUnder } from "./differences.js";
import { inCluster } from "./in-cluster.js";
import { masked } from "./json.js";
import { isMade } from "./parts.js";
import type { Plan } from "./plan.js";
import type { RecordedResource } from "./record.js";

/** A plan as `--json` wrote it: what of it a comparison needs. */
export interface Earlier {
  readonly file: string;
  readonly stack: string;
  readonly cloud: CloudName;
  readonly resources: readonly EarlierResource[];
}

type EarlierResource = Pick<RecordedResource, "name" | "type" | "urn" | "custom" | "read" | "inputs" | "protect"> & {
  readonly retainOnDelete: boolean;
};

export function readEarlier(file: string): Earlier {
  try {
    const held = JSON.parse(readFileSync(file, "utf8")) as Partial<Earlier> | null;
    const cloud = cloudNames.find((name) => name === held?.cloud);
    if (cloud === undefined || typeof held?.stack !== "string" || !areResources(held.resources)) {
      throw new Error("it holds no plan");
    }
    return { file, stack: held.stack, cloud, resources: held.resources };
  } catch (error) {
    throw new StackFileError(
      `--against ${file}: ${(error as Error).message}; write one with: npm run plan -- --json plan.json`,
    );
  }
}

const areResources = (value: unknown): value is readonly EarlierResource[] =>
  Array.isArray(value) &&
  value.every(
    (one: Partial<EarlierResource> | null) =>
      typeof one?.urn === "string" &&
      typeof one.type === "string" &&
      typeof one.name === "string" &&
      typeof one.inputs === "object" &&
      one.inputs !== null,
  );

/** What becomes of one resource between the two plans. */
export interface Change {
  readonly type: string;
  readonly name: string;
  readonly differences: readonly Difference[];
  /** What is lost with it, where it holds data or opens it. */
  readonly keeps: string | undefined;
  /** Under the lock of the earlier plan. */
  readonly protect: boolean;
  readonly stays: boolean;
}

export interface Changes {
  readonly deleted: readonly Change[];
  readonly replaced: readonly Change[];
  readonly changed: readonly Change[];
  readonly made: readonly Change[];
  readonly same: number;
  /** Providers that would look elsewhere for what they have made. */
  readonly moved: readonly Change[];
}

/** Inputs of a provider that say where it looks. */
export const isPlace = ({ path }: Difference): boolean =>
  ["region", "project", "location", "subscriptionId", "tenantId", "context"].includes(path);

/** What is known for sure: what is gone is deleted, what is new is made, and a few inputs are known to replace. */
export function changesOf(earlier: Earlier, plan: Plan): Changes {
  const keeps = { ...planned[earlier.cloud].keeps, ...inCluster.keeps };
  const before = new Map(earlier.resources.filter(isKept).map((resource) => [keyOf(resource.urn), resource]));
  // A switch of cloud changes the marker, and the engine finds nothing of the other cloud that it could keep.
  const isSwitch = earlier.cloud !== plan.settings.cloud;
  const pairs = plan.resources.filter(isKept).map((now) => {
    const key = isSwitch ? undefined : keysOf(now).find((one) => before.has(one));
    return { now, key, old: key === undefined ? undefined : before.get(key) };
  });
  const taken = new Set(pairs.map(({ key }) => key));
  const gone = [...before].filter(([key, old]) => !taken.has(key) && isMade(old)).map(([, old]) => old);
  const met = pairs.flatMap(({ now, old }) => (old === undefined ? [] : [{ now, old, found: seen(old, now) }]));
  const touched = met.filter(({ found }) => found.length > 0);
  const changes = (some: typeof met): readonly Change[] =>
    some.map(({ now, old, found }) => changeOf(old, found, keeps[now.type], false));
  return {
    deleted: gone.map((old) => changeOf(old, [], keeps[old.type], old.retainOnDelete)),
    replaced: changes(touched.filter(({ now, found }) => isMade(now) && isReplaced(plan, now, found))),
    changed: changes(touched.filter(({ now, found }) => isMade(now) && !isReplaced(plan, now, found))),
    made: pairs
      .filter(({ now, old }) => old === undefined && isMade(now))
      .map(({ now: { type, name } }) => ({
        type,
        name,
        differences: [],
        keeps: undefined,
        protect: false,
        stays: false,
      })),
    same: met.filter(({ now, found }) => isMade(now) && found.length === 0).length,
    moved: changes(touched.filter(({ now, found }) => !isMade(now) && found.some(isPlace))),
  };
}

/** What the engine would see: neither what is ignored nor what is masked. */
const seen = (old: EarlierResource, now: RecordedResource): readonly Difference[] =>
  differences(old.inputs, masked(now.inputs, now.secretInputs)).filter(
    ({ path }) => !now.ignoreChanges.some((ignored) => isUnder(path, ignored)),
  );

const changeOf = (
  { type, name, protect }: EarlierResource,
  differences: readonly Difference[],
  keeps: string | undefined,
  stays: boolean,
): Change => ({ type, name, differences, keeps, protect, stays });

/** What is made, and the providers that it is made with. */
const isKept = (resource: Pick<RecordedResource, "custom" | "read" | "type">): boolean =>
  isMade(resource) || resource.type.startsWith("pulumi:providers:");

/** A URN without stack and project, so that a plan can be held against another stack's. */
const keyOf = (urn: string): string => urn.split("::").slice(2).join("::");

function keysOf({ urn, aliases }: RecordedResource): readonly string[] {
  const own = keyOf(urn);
  const types = own.slice(0, own.lastIndexOf("::"));
  return [own, ...aliases.map((alias) => (alias.includes("::") ? keyOf(alias) : `${types}::${alias}`))];
}

/** Every object of Kubernetes is another one under another name. */
const kubernetesIdentity: readonly string[] = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];

function isReplaced({ settings }: Plan, resource: RecordedResource, found: readonly Difference[]): boolean {
  const paths = [
    ...(planned[settings.cloud].replacedBy[resource.type] ?? []),
    ...(inCluster.replacedBy[resource.type] ?? []),
    ...(resource.type.startsWith("kubernetes:") ? kubernetesIdentity : []),
    ...resource.replaceOnChanges,
  ];
  return found.some(({ path }) => paths.some((one) => isUnder(path, one)));
}
