import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceSettings } from "../../config/service-schema.js";
import { type Measure, measuresOf } from "../../config/uses.js";
import { metadataOf, workloadRef } from "./manifests.js";
import type { WorkloadSpec } from "./pod.js";

type Autoscaling = ServiceSettings["autoscaling"];
/**
 * What Prometheus is asked for: the load of all pods together, of which each is to have so much. By the labels that
 * every scrape of pods gives. A queue is the same one whoever tells of it.
 */
export const queries: { readonly [M in Measure]: (pods: string) => string } = {
  requestsPerSecond: (pods) => `sum(rate(http_requests_total{${pods}}[2m]))`,
  queueDepth: (pods) => `max(run_queue_depth{${pods}})`,
  tokensPerSecond: (pods) => `sum(rate(llm_tokens_total{${pods}}[2m]))`,
};

/** Up at once by as much again, or four pods; down slowly, a tenth a minute: load comes back sooner than pods. */
const behaviorOf = ({ upSeconds, downSeconds }: Autoscaling) => ({
  scaleUp: {
    stabilizationWindowSeconds: upSeconds,
    selectPolicy: "Max",
    policies: [
      { type: "Percent", value: 100, periodSeconds: 30 },
      { type: "Pods", value: 4, periodSeconds: 30 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: downSeconds,
    policies: [{ type: "Percent", value: 10, periodSeconds: 60 }],
  },
});

export function renderAutoscaler(spec: WorkloadSpec): kubernetes.types.input.autoscaling.v2.HorizontalPodAutoscaler {
  const { replicas, autoscaling } = spec.settings;
  const utilization = (name: string, averageUtilization: number) => ({
    type: "Resource",
    resource: { name, target: { type: "Utilization", averageUtilization } },
  });
  return {
    metadata: metadataOf(spec),
    spec: {
      scaleTargetRef: workloadRef(spec.service),
      minReplicas: replicas.min,
      maxReplicas: replicas.max,
      metrics: [utilization("cpu", autoscaling.cpu), utilization("memory", autoscaling.memory)],
      behavior: behaviorOf(autoscaling),
    },
  };
}

/**
 * The same by KEDA, which asks Prometheus as well. Where that does not answer, processor time and memory go on deciding,
 * and pods that are there stay.
 */
export function renderScaledObject(spec: WorkloadSpec, prometheus: string) {
  const { replicas, autoscaling } = spec.settings;
  const utilization = (type: "cpu" | "memory") => ({
    type,
    metricType: "Utilization",
    metadata: { value: String(autoscaling[type]) },
  });
  // Names of pods: of a Deployment, and not of another service's whose name begins alike.
  const pods = pulumi.interpolate`namespace="${spec.namespace}",pod=~"${spec.service}-[a-z0-9]+-[a-z0-9]{5}"`;
  return {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: { ...metadataOf(spec), annotations: { "pulumi.com/waitFor": "condition=Ready" } },
    spec: {
      scaleTargetRef: workloadRef(spec.service),
      minReplicaCount: replicas.min,
      maxReplicaCount: replicas.max,
      pollingInterval: 15,
      fallback: { failureThreshold: 3, replicas: replicas.min, behavior: "currentReplicasIfHigher" },
      advanced: { horizontalPodAutoscalerConfig: { behavior: behaviorOf(autoscaling) } },
      triggers: [
        utilization("cpu"),
        utilization("memory"),
        ...measuresOf(autoscaling).map((measure) => ({
          type: "prometheus",
          metricType: "AverageValue",
          metadata: {
            serverAddress: prometheus,
            query: pods.apply(queries[measure]),
            threshold: String(autoscaling[measure]),
          },
        })),
      ],
    },
  };
}
