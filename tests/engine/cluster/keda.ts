import type { Api } from "./api.js";
import {
  type Conditioned,
  type Custom,
  condition,
  holds,
  isGoing,
  isSaid,
  ownedBy,
  pathTo,
  setFinalizer,
  setStatus,
} from "./conditions.js";
import { minutes } from "./minutes.js";
import type { Role, World } from "./stage.js";

const GROUP = "/apis/keda.sh/v1alpha1";
const BY = "keda";
const FINALIZER = "finalizer.keda.sh";

interface ScaledObject extends Conditioned {
  readonly spec: {
    readonly scaleTargetRef: { readonly apiVersion?: string; readonly kind?: string; readonly name: string };
    readonly minReplicaCount?: number;
    readonly maxReplicaCount?: number;
    readonly triggers: readonly { readonly type: string; readonly metadata: Readonly<Record<string, string>> }[];
  };
}

/** What KEDA does: an autoscaler of Kubernetes with the same bounds, which goes with the object; that waits for KEDA. */
export const scaledObjectRole: Role<ScaledObject> = {
  path: `${GROUP}/scaledobjects`,
  by: () => BY,
  next: (scaled, world) => {
    if (isGoing(scaled)) return release("scaledobjects", scaled, world);
    return isSaid(scaled, "Ready")
      ? undefined
      : { name: "scale", minutes: minutes.scaling, run: () => scale(scaled, world.api) };
  },
};

const authenticationRole = (plural: "triggerauthentications" | "clustertriggerauthentications"): Role<Custom> => ({
  path: `${GROUP}/${plural}`,
  by: () => BY,
  next: (authentication, world) => {
    if (isGoing(authentication)) return release(plural, authentication, world);
    const path = pathTo(GROUP, plural, authentication);
    return holds(authentication, FINALIZER)
      ? undefined
      : {
          name: "hold",
          minutes: minutes.scaling,
          run: () => setFinalizer(path, authentication, FINALIZER, true, world.api),
        };
  },
});

export const triggerAuthenticationsRole = authenticationRole("triggerauthentications");
export const clusterTriggerAuthenticationsRole = authenticationRole("clustertriggerauthentications");

const release = (plural: string, object: Custom, { api }: World) =>
  holds(object, FINALIZER)
    ? {
        name: "release",
        minutes: minutes.scaling,
        run: () => setFinalizer(pathTo(GROUP, plural, object), object, FINALIZER, false, api),
      }
    : undefined;

async function scale(scaled: ScaledObject, api: Api): Promise<void> {
  const { metadata, spec } = scaled;
  const { name, namespace = "" } = metadata;
  const { apiVersion = "apps/v1", kind = "Deployment", name: target } = spec.scaleTargetRef;
  const targets = `/apis/${apiVersion}/namespaces/${namespace}/${kind.toLowerCase()}s`;
  if ((await api.get(`${targets}/${target}`)) === undefined)
    throw new Error(`${namespace}/${name}: there is no ${kind} ${target} to scale`);
  await setFinalizer(pathTo(GROUP, "scaledobjects", scaled), scaled, FINALIZER, true, api);
  const autoscalers = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;
  const bounds = {
    scaleTargetRef: { apiVersion, kind, name: target },
    // To none and back KEDA scales by itself.
    minReplicas: Math.max(1, spec.minReplicaCount ?? 1),
    maxReplicas: spec.maxReplicaCount ?? 100,
    metrics: spec.triggers.map(metricOf),
  };
  await api.create(autoscalers, {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: `keda-hpa-${name}`, ...ownedBy("keda.sh/v1alpha1", "ScaledObject", scaled) },
    spec: bounds,
  });
  await api.merge(`${autoscalers}/keda-hpa-${name}`, { spec: bounds });
  const conditions = [condition("Ready", scaled), condition("Active", scaled)];
  await setStatus(pathTo(GROUP, "scaledobjects", scaled), { conditions, hpaName: `keda-hpa-${name}` }, api);
}

type Trigger = ScaledObject["spec"]["triggers"][number];
const metricOf = ({ type, metadata }: Trigger, index: number) =>
  type === "cpu" || type === "memory"
    ? {
        type: "Resource",
        resource: { name: type, target: { type: "Utilization", averageUtilization: Number(metadata["value"] ?? 80) } },
      }
    : {
        type: "External",
        external: {
          metric: { name: `s${index}-${type}` },
          target: { type: "AverageValue", averageValue: metadata["threshold"] ?? "5" },
        },
      };
