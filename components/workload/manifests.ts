import type * as kubernetes from "@pulumi/kubernetes";
import { businessOf, type ServiceSettings } from "../../config/service-schema.js";
import { scalesItself } from "../../config/uses.js";
import { labelsOf, servingLabels } from "./labels.js";
import { renderServingPod, type WorkloadSpec } from "./pod.js";

/** What serves: the pods, and how they are found and spared. */

export const metadataOf = ({ service, namespace }: WorkloadSpec, name = service) => ({
  name,
  namespace,
  labels: labelsOf(service),
});

/** What everything points at that stands for a workload: autoscalers, and later routes and rollouts. */
export interface WorkloadRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}
export const workloadRef = (service: string): WorkloadRef => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  name: service,
});

export function renderDeployment(spec: WorkloadSpec): kubernetes.types.input.apps.v1.Deployment {
  const { service, settings, podLabels } = spec;
  const labels = servingLabels(service);
  return {
    metadata: { ...metadataOf(spec), ...annotated(promised(settings)) },
    spec: {
      ...(scalesItself(settings) ? {} : { replicas: settings.replicas.min }),
      revisionHistoryLimit: 3,
      // Longer than a slow image takes to be pulled and to start.
      progressDeadlineSeconds: 900,
      selector: { matchLabels: labels },
      strategy: hasVolumes(settings)
        ? { type: "Recreate" }
        : { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels: { ...labels, ...podLabels }, ...annotated(scraped(settings)) },
        spec: renderServingPod(spec),
      },
    },
  };
}

const annotated = (annotations: Readonly<Record<string, string>>) =>
  Object.keys(annotations).length === 0 ? {} : { annotations };

/** A disk is one pod's: the next one finds it free. */
const hasVolumes = ({ volumes }: ServiceSettings): boolean => Object.keys(volumes).length > 0;

/** For whoever measures: what the service promises, and which metrics tell how its business goes. */
const promised = ({ kind, slo, metrics }: ServiceSettings): Record<string, string> => ({
  ...(kind === "web" ? { "agent-platform/slo": JSON.stringify(slo) } : {}),
  ...(metrics === undefined || metrics.business.length === 0
    ? {}
    : {
        "agent-platform/business-metrics": businessOf({ metrics })
          .map(({ name }) => name)
          .join(","),
      }),
});

/** The words that a Prometheus of somebody else's looks for. */
const scraped = ({ metrics }: ServiceSettings): Record<string, string> =>
  metrics === undefined
    ? {}
    : {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": String(metrics.port),
        "prometheus.io/path": metrics.path,
      };

export const renderService = (spec: WorkloadSpec): kubernetes.types.input.core.v1.Service => ({
  // Pulumi would wait for pods behind it a second time: it already does for the Deployment.
  metadata: { ...metadataOf(spec), annotations: { "pulumi.com/skipAwait": "true" } },
  spec: {
    type: "ClusterIP",
    selector: servingLabels(spec.service),
    ports: [{ name: "http", port: spec.settings.port, targetPort: "http" }],
  },
});

export const renderDisruptionBudget = (spec: WorkloadSpec): kubernetes.types.input.policy.v1.PodDisruptionBudget => ({
  metadata: metadataOf(spec),
  spec: { maxUnavailable: 1, selector: { matchLabels: servingLabels(spec.service) } },
});
