import type * as kubernetes from "@pulumi/kubernetes";
import type { StatefulSetArgs } from "@pulumi/kubernetes/apps/v1/statefulSet.js";
import type { ServiceArgs } from "@pulumi/kubernetes/core/v1/service.js";
import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { LogsSettings } from "../../../config/monitoring/logs.js";
import { images } from "../../../config/versions.js";
import { hardenedContainer, hardenedPod } from "../../hardened.js";
import { imageOf } from "../../image.js";
import { type Policy, podsIn, tcp } from "../../peers.js";
import { openSearch } from "../places.js";
import { renderClaim, VOLUME } from "../volumes.js";
import type { Section } from "./config.js";
import { fluentBitLabels } from "./pod.js";

type Input<T> = pulumi.Input<T>;
type Sized = LogsSettings["openSearch"];

/** What indexes of lines begin with: one a day. */
export const INDEX = "logs";

/** Among its own pods. */
const TRANSPORT = 9300;
const { name, labels } = openSearch;
const NODES = `${name}-nodes`;

/** The user of the image. */
const UID = 1000;
const HOME = "/usr/share/opensearch";
const OWN = "/etc/opensearch";
export const OPEN_SEARCH_CONFIG = "opensearch.yml";

const podNames = ({ nodes }: Pick<Sized, "nodes">): readonly string[] =>
  Array.from({ length: nodes }, (_, ordinal) => `${name}-${ordinal}`);

/**
 * Its own users and certificates are off: they need an authority that every cluster would have to have. Network policies
 * say who may call it.
 */
export const renderConfig = (prefix: string, sized: Pick<Sized, "nodes">): string =>
  stringify(
    {
      "cluster.name": `${prefix}-logs`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of OpenSearch's own
      "node.name": "${POD_NAME}",
      "network.host": "0.0.0.0",
      "http.port": openSearch.port,
      "transport.port": TRANSPORT,
      "path.data": `${HOME}/data`,
      "path.logs": `${HOME}/logs`,
      // Mapped files would ask for a setting of the node's kernel.
      "node.store.allow_mmap": false,
      "action.destructive_requires_name": true,
      "plugins.security.disabled": true,
      ...(sized.nodes === 1
        ? { "discovery.type": "single-node" }
        : { "discovery.seed_hosts": [NODES], "cluster.initial_cluster_manager_nodes": podNames(sized) }),
    },
    { lineWidth: 0 },
  );

export interface OpenSearchNodes {
  readonly namespace: Input<string>;
  readonly settings: Sized;
  readonly mirror: string | undefined;
  readonly storageClass: Input<string> | undefined;
  /** The ConfigMap with `opensearch.yml`. */
  readonly config: Input<string>;
}

export function renderNodes({ namespace, settings, mirror, storageClass, config }: OpenSearchNodes) {
  return {
    metadata: { name, namespace, labels },
    spec: {
      replicas: settings.nodes,
      serviceName: NODES,
      // They find each other before any is ready.
      podManagementPolicy: "Parallel",
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: renderPod(settings, imageOf(images.openSearch, mirror), config) },
      volumeClaimTemplates: [{ metadata: { name: VOLUME }, spec: renderClaim(settings.storage, storageClass) }],
    },
  } satisfies StatefulSetArgs;
}

const DISK = { "ephemeral-storage": "512Mi" };

function renderPod({ memory }: Sized, image: string, config: Input<string>) {
  const heap = `${memory * 512}m`;
  return {
    ...hardenedPod(UID),
    terminationGracePeriodSeconds: 120,
    topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
      topologyKey,
      maxSkew: 1,
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: labels },
    })),
    initContainers: [
      {
        // It writes a key store of its own beside its configuration, and the image is only read.
        name: "config",
        image,
        imagePullPolicy: "IfNotPresent",
        command: ["sh", "-c", `cp -r ${HOME}/config/. /config/ && cp ${OWN}/${OPEN_SEARCH_CONFIG} /config/`],
        resources: {
          requests: { cpu: "50m", memory: "64Mi", "ephemeral-storage": "16Mi" },
          limits: { memory: "64Mi", "ephemeral-storage": "16Mi" },
        },
        ...hardenedContainer,
        volumeMounts: [
          { name: "config", mountPath: "/config" },
          { name: "own", mountPath: OWN, readOnly: true },
        ],
      },
    ],
    containers: [
      {
        name,
        image,
        imagePullPolicy: "IfNotPresent",
        // The image's own entrypoint would set up what is off here.
        command: [`${HOME}/bin/opensearch`],
        env: [
          { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          { name: "OPENSEARCH_JAVA_OPTS", value: `-Xms${heap} -Xmx${heap} -Dopensearch.cgroups.hierarchy.override=/` },
        ],
        ports: [
          { name: "http", containerPort: openSearch.port },
          { name: "transport", containerPort: TRANSPORT },
        ],
        startupProbe: { tcpSocket: { port: "http" }, periodSeconds: 5, failureThreshold: 120 },
        readinessProbe: {
          httpGet: { path: "/_cluster/health?local=true", port: "http" },
          periodSeconds: 10,
          timeoutSeconds: 5,
          failureThreshold: 3,
        },
        livenessProbe: { tcpSocket: { port: "http" }, periodSeconds: 20, failureThreshold: 6 },
        resources: {
          requests: { cpu: "250m", memory: `${memory}Gi`, ...DISK },
          limits: { memory: `${memory}Gi`, ...DISK },
        },
        ...hardenedContainer,
        volumeMounts: [
          { name: VOLUME, mountPath: `${HOME}/data` },
          { name: "config", mountPath: `${HOME}/config` },
          { name: "logs", mountPath: `${HOME}/logs` },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [
      { name: "own", configMap: { name: config } },
      { name: "config", emptyDir: { sizeLimit: "16Mi" } },
      { name: "logs", emptyDir: { sizeLimit: "256Mi" } },
      { name: "tmp", emptyDir: { sizeLimit: "128Mi" } },
    ],
  } satisfies kubernetes.types.input.core.v1.PodSpec;
}

/** One address for whoever writes and reads, and a name of its own for each pod. */
export const renderServices = (namespace: Input<string>): readonly ServiceArgs[] =>
  [
    {
      name,
      spec: { type: "ClusterIP", ports: [{ name: "http", port: openSearch.port, targetPort: "http" }] },
    },
    {
      name: NODES,
      spec: {
        clusterIP: "None",
        publishNotReadyAddresses: true,
        ports: [{ name: "transport", port: TRANSPORT, targetPort: "transport" }],
      },
    },
  ].map((service) => ({
    metadata: { name: service.name, namespace, labels, annotations: { "pulumi.com/skipAwait": "true" } },
    spec: { ...service.spec, selector: labels },
  }));

/** Fluent Bit writes, the Job makes ready, Grafana and whoever is let into its pods read. */
export const renderPolicy = (
  namespace: Input<string>,
  nodes: Input<string>,
  neighbours: readonly ReturnType<typeof podsIn>[],
): Policy => ({
  metadata: { name, namespace },
  spec: {
    podSelector: { matchLabels: labels },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      {
        from: [podsIn(nodes, fluentBitLabels), podsIn(namespace, fluentBitLabels), ...neighbours],
        ports: tcp(openSearch.port),
      },
      { from: [podsIn(namespace, labels)], ports: tcp(TRANSPORT) },
    ],
    egress: [{ to: [podsIn(namespace, labels)], ports: tcp(TRANSPORT) }],
  },
});

/** https://docs.fluentbit.io/manual/data-pipeline/outputs/opensearch */
export const outputTo = (host: string): Section => ({
  name: "opensearch",
  host,
  port: String(openSearch.port),
  logstash_format: "on",
  logstash_prefix: INDEX,
  time_key: "@timestamp",
  time_key_nanos: "on",
  // A chunk that is tried again makes no line twice.
  generate_id: "on",
  suppress_type_name: "on",
  buffer_size: "256k",
});
