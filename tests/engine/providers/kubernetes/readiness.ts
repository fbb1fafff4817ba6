import { at, type Condition, isObject, type Manifest } from "./objects.js";

/** Ready; or what is still missing; or what went wrong for good. */
export type Verdict =
  | { readonly ready: true }
  | { readonly ready: false; readonly waitsFor: string }
  | { readonly ready: false; readonly failed: string };

/** Reads other objects, by path; undefined where there is none. */
export type Look = <T = Manifest>(path: string, query?: Readonly<Record<string, string>>) => Promise<T | undefined>;

type Rule = (live: Manifest, look: Look) => Verdict | Promise<Verdict>;

const READY: Verdict = { ready: true };
const waitsFor = (what: string): Verdict => ({ ready: false, waitsFor: what });
const failed = (why: string): Verdict => ({ ready: false, failed: why });
const when = (ready: boolean, missing: string): Verdict => (ready ? READY : waitsFor(missing));

const numberAt = (live: Manifest, ...path: string[]): number => Number(at(live, ...path) ?? 0);
const conditionOf = (live: Manifest, type: string): Condition | undefined =>
  ((at(live, "status", "conditions") as readonly Condition[] | undefined) ?? []).find((one) => one.type === type);
const isTrue = (live: Manifest, type: string): boolean => conditionOf(live, type)?.status === "True";
const isObserved = (live: Manifest): boolean =>
  numberAt(live, "status", "observedGeneration") >= (live.metadata.generation ?? 0);
const addressed = (live: Manifest, what: string): Verdict =>
  when(
    ((at(live, "status", "loadBalancer", "ingress") as readonly unknown[] | undefined) ?? []).length > 0,
    `${what} was not allocated an IP address; does your cloud provider support this?`,
  );

function deployment(live: Manifest): Verdict {
  const progressing = conditionOf(live, "Progressing");
  const replicas = Number(at(live, "spec", "replicas") ?? 1);
  if (!isObserved(live)) return waitsFor("the new version was not seen yet");
  if (progressing?.status === "False") return failed(`[${progressing.reason}] ${progressing.message}`);
  const [updated, available, all] = ["updatedReplicas", "availableReplicas", "replicas"].map((key) =>
    numberAt(live, "status", key),
  );
  const rolledOut = updated === replicas && (all ?? 0) <= replicas && (available ?? 0) >= replicas;
  return when(
    rolledOut && (replicas === 0 || isTrue(live, "Available")),
    `Minimum number of live Pods was not attained: ${available} of ${replicas}`,
  );
}

function statefulSet(live: Manifest): Verdict {
  const replicas = Number(at(live, "spec", "replicas") ?? 1);
  const rolling = at(live, "spec", "updateStrategy", "type") !== "OnDelete";
  const partition = numberAt(live, "spec", "updateStrategy", "rollingUpdate", "partition");
  if (!isObserved(live)) return waitsFor("the new version was not seen yet");
  const ready = numberAt(live, "status", "readyReplicas");
  if (ready !== replicas) return waitsFor(`${ready} out of ${replicas} replicas succeeded readiness checks`);
  const updated = numberAt(live, "status", "updatedReplicas");
  return when(
    !rolling || updated >= replicas - partition,
    `StatefulSet controller failed to advance from revision "${at(live, "status", "currentRevision")}" to revision "${at(live, "status", "updateRevision")}"`,
  );
}

function daemonSet(live: Manifest): Verdict {
  const desired = numberAt(live, "status", "desiredNumberScheduled");
  const [updated, available] = ["updatedNumberScheduled", "numberAvailable"].map((key) =>
    numberAt(live, "status", key),
  );
  return when(
    isObserved(live) && updated === desired && available === desired,
    `${available} of ${desired} pods are available`,
  );
}

function job(live: Manifest): Verdict {
  const failure = conditionOf(live, "Failed");
  if (failure?.status === "True") return failed(`Job failed: [${failure.reason}] ${failure.message}`);
  return when(isTrue(live, "Complete") || isTrue(live, "Suspended"), "Job has not completed");
}

function pod(live: Manifest): Verdict {
  const phase = at(live, "status", "phase");
  if (phase === "Failed") return failed(unready(live));
  return when(phase === "Succeeded" || isTrue(live, "Ready"), unready(live));
}

async function service(live: Manifest, look: Look): Promise<Verdict> {
  const type = at(live, "spec", "type") ?? "ClusterIP";
  const { namespace = "default", name } = live.metadata;
  if (type === "LoadBalancer") {
    const address = addressed(live, "Service");
    if (!address.ready) return address;
  }
  const selects = Object.keys((at(live, "spec", "selector") as object | undefined) ?? {}).length > 0;
  if (type === "ExternalName" || at(live, "spec", "clusterIP") === "None" || !selects) return READY;
  const slices = await look<{ readonly items: readonly Manifest[] }>(
    `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
    { labelSelector: `kubernetes.io/service-name=${name}` },
  );
  const endpoints = (slices?.items ?? []).flatMap((slice) => (slice["endpoints"] as readonly unknown[] | null) ?? []);
  return when(
    endpoints.some((one) => at(one, "conditions", "ready") !== false),
    "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods",
  );
}

async function claim(live: Manifest, look: Look): Promise<Verdict> {
  const phase = at(live, "status", "phase");
  if (phase === "Bound") return READY;
  const name = at(live, "spec", "storageClassName");
  const storageClass = name === undefined ? undefined : await look(`/apis/storage.k8s.io/v1/storageclasses/${name}`);
  return when(
    storageClass?.["volumeBindingMode"] === "WaitForFirstConsumer",
    `PersistentVolumeClaim is ${phase ?? "not seen yet"}, not Bound`,
  );
}

/** The kinds that the real provider waits for without being asked. */
const rules: Readonly<Record<string, Rule>> = {
  "apiextensions.k8s.io/v1/CustomResourceDefinition": (live) =>
    when(isTrue(live, "Established") && isTrue(live, "NamesAccepted"), "CustomResourceDefinition is not established"),
  "apps/v1/DaemonSet": daemonSet,
  "apps/v1/Deployment": deployment,
  "apps/v1/StatefulSet": statefulSet,
  "batch/v1/Job": job,
  "networking.k8s.io/v1/Ingress": (live) => addressed(live, "Ingress"),
  "v1/PersistentVolume": (live) =>
    when(["Available", "Bound"].includes(String(at(live, "status", "phase"))), "PersistentVolume is not available"),
  "v1/PersistentVolumeClaim": claim,
  "v1/Pod": pod,
  "v1/Service": service,
};

const annotations = (live: Manifest) => live.metadata.annotations ?? {};
export const skipsAwait = (live: Manifest): boolean => annotations(live)["pulumi.com/skipAwait"] === "true";

/** An annotation of the object says what to wait for; else its kind does; else nothing. */
export async function judge(live: Manifest, look: Look): Promise<Verdict> {
  if (skipsAwait(live)) return READY;
  const wanted = annotations(live)["pulumi.com/waitFor"];
  if (wanted !== undefined) return judgeAll(expressionsIn(wanted), live);
  return (await rules[`${live.apiVersion}/${live.kind}`]?.(live, look)) ?? READY;
}

function expressionsIn(wanted: string): readonly string[] {
  try {
    const all = JSON.parse(wanted) as unknown;
    if (Array.isArray(all) && all.length > 0) return all.map(String);
  } catch {
    // One expression, plainly.
  }
  return [wanted];
}

function judgeAll(expressions: readonly string[], live: Manifest): Verdict {
  for (const expression of expressions) {
    const [form = "", ...rest] = expression.split("=");
    const satisfied = forms[form];
    if (satisfied === undefined) throw new Error(`expected a "jsonpath=" or "condition=" prefix, got "${expression}"`);
    if (!satisfied(rest, live)) return waitsFor(`waiting for ${expression}${hint(rest[0], live)}`);
  }
  return READY;
}

const forms: Readonly<Record<string, (rest: readonly string[], live: Manifest) => boolean>> = {
  condition: ([type = "", status = "True"], live) => {
    const condition = conditionLike(live, type);
    const observed = condition?.observedGeneration ?? at(live, "status", "observedGeneration");
    const current = observed === undefined || Number(observed) >= (live.metadata.generation ?? 0);
    return current && condition?.status.toLowerCase() === status.toLowerCase();
  },
  jsonpath: ([path = "", ...value], live) => {
    const keys = path
      .replace(/^'?\{?\.?|\}?'?$/g, "")
      .split(/[.[\]]+/)
      .filter((key) => key !== "");
    const found = at(live, ...keys);
    if (value.length === 0) return found !== undefined && found !== null;
    return (isObject(found) ? JSON.stringify(found) : String(found)) === value.join("=");
  },
};

const conditionLike = (live: Manifest, type: string): Condition | undefined =>
  ((at(live, "status", "conditions") as readonly Condition[] | undefined) ?? []).find(
    (one) => one.type.toLowerCase() === type.toLowerCase(),
  );

function hint(type: string | undefined, live: Manifest): string {
  const { reason, message } = conditionLike(live, type ?? "") ?? {};
  return message === undefined ? "" : `: [${reason}] ${message}`;
}

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly state?: Readonly<Record<string, { readonly reason?: string; readonly message?: string } | undefined>>;
}

/** Why a pod is not ready, in a line. */
function unready(one: Manifest): string {
  const scheduled = conditionOf(one, "PodScheduled");
  const place = `[Pod ${one.metadata.namespace}/${one.metadata.name}]`;
  if (scheduled?.status === "False") return `${place}: [${scheduled.reason}] ${scheduled.message}`;
  const containers = ["initContainerStatuses", "containerStatuses"].flatMap(
    (key) => (at(one, "status", key) as readonly ContainerStatus[] | undefined) ?? [],
  );
  const reasons = containers
    .filter(({ ready }) => !ready)
    .map(({ name, state = {} }) => {
      const { reason, message } = state["waiting"] ?? state["terminated"] ?? {};
      return `[${name}]${reason === undefined ? "" : ` -- [${reason}] ${message ?? ""}`.trimEnd()}`;
    });
  return `${place}: containers with unready status: ${reasons.join(" ")}`;
}

/** Why the pods of an object are not ready; for the error, once it is given up. */
export async function podReasons(live: Manifest, look: Look): Promise<readonly string[]> {
  const labels = at(live, "spec", "selector", "matchLabels");
  if (!isObject(labels)) return [];
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const pods = await look<{ readonly items: readonly Manifest[] }>(
    `/api/v1/namespaces/${live.metadata.namespace ?? "default"}/pods`,
    { labelSelector },
  );
  return (pods?.items ?? []).filter((one) => !pod(one).ready).map(unready);
}
