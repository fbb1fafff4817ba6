import type { DaemonSetArgs } from "@pulumi/kubernetes/apps/v1/daemonSet.js";
import type * as pulumi from "@pulumi/pulumi";
import { CONTAINERS } from "./config.js";
import { type FluentBitPod, labelsOfPart, renderFluentBit, renderTokens } from "./pod.js";

/** Where containerd writes; the links in `CONTAINERS` lead there. */
const PODS = "/var/log/pods";

export interface NodeAgent extends FluentBitPod {
  /** Where on the node it remembers what it has read, and keeps what it has not sent: another stack has its own. */
  readonly state: string;
  readonly priorityClass: pulumi.Input<string>;
}

/**
 * On every node, whatever its taints. Files of pods' lines are root's, and only root reads them: so it runs as root, with
 * none of root's rights. It sees those files, which it cannot change, and a folder of its own.
 */
export function renderNodeAgent({ namespace, mirror, identity, files, tokens, state, priorityClass }: NodeAgent) {
  const labels = labelsOfPart("node");
  return {
    metadata: { name: "fluent-bit", namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      revisionHistoryLimit: 3,
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%" } },
      template: {
        metadata: { labels: { ...labels, ...identity.podLabels } },
        spec: {
          serviceAccountName: "fluent-bit",
          // It asks the API server whose lines they are.
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          priorityClassName: priorityClass,
          tolerations: [{ operator: "Exists" }],
          terminationGracePeriodSeconds: 60,
          securityContext: {
            runAsNonRoot: false,
            runAsUser: 0,
            runAsGroup: 0,
            seccompProfile: { type: "RuntimeDefault" },
          },
          initContainers: renderTokens(tokens, mirror),
          containers: [
            renderFluentBit(mirror, "32Mi", [
              { name: "containers", mountPath: CONTAINERS, readOnly: true },
              { name: "pods", mountPath: PODS, readOnly: true },
            ]),
          ],
          volumes: [
            { name: "files", configMap: { name: files } },
            { name: "state", hostPath: { path: state, type: "DirectoryOrCreate" } },
            { name: "containers", hostPath: { path: CONTAINERS, type: "Directory" } },
            { name: "pods", hostPath: { path: PODS, type: "Directory" } },
          ],
        },
      },
    },
  } satisfies DaemonSetArgs;
}
