import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../../config/settings.js";
import { images } from "../../../config/versions.js";
import type { Identity, ServiceAccountName, TokenServer } from "../../../providers/contract.js";
import { hardenedContainer } from "../../hardened.js";
import { imageOf } from "../../image.js";
import { monitoringNamespace, nodesNamespace } from "../places.js";
import { CONFIG, FILES, HTTP_PORT, STATE } from "./config.js";

type Input<T> = pulumi.Input<T>;
type VolumeMount = kubernetes.types.input.core.v1.VolumeMount;

export type Part = "node" | "events";

/** Its pods: on each node, and the one that reads events. */
export const fluentBitLabels = { "app.kubernetes.io/name": "fluent-bit" };
export const labelsOfPart = (part: Part) => ({ ...fluentBitLabels, "app.kubernetes.io/component": part });

/** Who the pods of a part are; their identities are made before them. */
export const logsAccount = (part: Part, stack: Pick<Settings, "prefix">): ServiceAccountName =>
  part === "node"
    ? { namespace: nodesNamespace(stack), name: "fluent-bit" }
    : { namespace: monitoringNamespace(stack), name: "fluent-bit-events" };

export interface FluentBitPod {
  readonly namespace: Input<string>;
  readonly mirror: string | undefined;
  readonly identity: Pick<Identity, "podLabels">;
  /** The ConfigMap with its files. */
  readonly files: Input<string>;
  readonly tokens: TokenServer | undefined;
}

/** MiB: chunks in memory, and a little for each file that is read. */
const MEMORY = 192;

/** `disk` is what it may use of its node's, beside volumes of the node. */
export const renderFluentBit = (mirror: string | undefined, disk: string, mounts: readonly VolumeMount[]) => ({
  name: "fluent-bit",
  image: imageOf(images.fluentBit, mirror),
  imagePullPolicy: "IfNotPresent",
  args: [`--config=${FILES}/${CONFIG}`],
  env: [{ name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
  ports: [{ name: "metrics", containerPort: HTTP_PORT }],
  startupProbe: { httpGet: { path: "/api/v1/uptime", port: "metrics" }, periodSeconds: 5, failureThreshold: 24 },
  livenessProbe: { httpGet: { path: "/api/v1/uptime", port: "metrics" }, periodSeconds: 15, failureThreshold: 4 },
  // That lines do not get through is no reason to start again, and one to be seen.
  readinessProbe: { httpGet: { path: "/api/v1/health", port: "metrics" }, periodSeconds: 15, failureThreshold: 4 },
  resources: {
    requests: { cpu: "50m", memory: `${MEMORY}Mi`, "ephemeral-storage": disk },
    limits: { memory: `${MEMORY}Mi`, "ephemeral-storage": disk },
  },
  ...hardenedContainer,
  volumeMounts: [{ name: "files", mountPath: FILES, readOnly: true }, { name: "state", mountPath: STATE }, ...mounts],
});

/** It starts before Fluent Bit and ends after it. */
export const renderTokens = (tokens: TokenServer | undefined, mirror: string | undefined) =>
  tokens === undefined
    ? []
    : [
        {
          name: "tokens",
          image: imageOf(tokens.image, mirror),
          imagePullPolicy: "IfNotPresent",
          restartPolicy: "Always",
          command: [...tokens.command],
          startupProbe: { exec: { command: [...tokens.probe] }, periodSeconds: 2, failureThreshold: 30 },
          resources: {
            requests: { cpu: "5m", memory: "32Mi", "ephemeral-storage": "16Mi" },
            limits: { memory: "32Mi", "ephemeral-storage": "16Mi" },
          },
          securityContext: {
            ...hardenedContainer.securityContext,
            runAsNonRoot: true,
            runAsUser: tokens.user,
            runAsGroup: tokens.user,
          },
        },
      ];
