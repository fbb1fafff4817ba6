import type { DeploymentArgs } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { hardenedPod } from "../../hardened.js";
import { type FluentBitPod, labelsOfPart, renderFluentBit, renderTokens } from "./pod.js";

const UID = 65_532;

/**
 * One pod: two would tell of everything twice. What it remembers goes with it, so that a new one tells of the last hour
 * again.
 */
export function renderEvents({ namespace, mirror, identity, files, tokens }: FluentBitPod) {
  const labels = labelsOfPart("events");
  return {
    metadata: { name: "fluent-bit-events", namespace, labels },
    spec: {
      replicas: 1,
      revisionHistoryLimit: 3,
      strategy: { type: "Recreate" },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: { ...labels, ...identity.podLabels } },
        spec: {
          ...hardenedPod(UID),
          serviceAccountName: "fluent-bit-events",
          automountServiceAccountToken: true,
          terminationGracePeriodSeconds: 60,
          initContainers: renderTokens(tokens, mirror),
          containers: [renderFluentBit(mirror, "256Mi", [])],
          volumes: [
            { name: "files", configMap: { name: files } },
            { name: "state", emptyDir: { sizeLimit: "192Mi" } },
          ],
        },
      },
    },
  } satisfies DeploymentArgs;
}
