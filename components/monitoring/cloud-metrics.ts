import type * as kubernetes from "@pulumi/kubernetes";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import * as pulumi from "@pulumi/pulumi";
import { type Identity, MEASURE_FILES, type Measure, type Scrape, type Uptime } from "../../providers/contract.js";
import { resourceValues } from "../addons/pod-values.js";
import { contentName } from "../content-name.js";
import { hardenedContainer, hardenedPod } from "../hardened.js";
import { imageOf } from "../image.js";
import { inside } from "../inside.js";
import { ANYWHERE, type Reach } from "../peers.js";
import { setLabel } from "./monitors.js";
import type { MonitoringScene } from "./scene.js";

type Input<T> = pulumi.Input<T>;
type Scene = Pick<MonitoringScene, "settings" | "cloud" | "cluster" | "namespace" | "secretStore">;

/** What the cloud itself measures of what it runs for the stack, brought to Prometheus. */

const NAME = "cloud-metrics";
const UID = 65_534;
const SCRATCH = "/tmp";

export const cloudMetricsLabels = { "app.kubernetes.io/name": NAME };

/** The cloud's services are known by names, and who the pods are is said on each node. */
export const cloudMetricsReach = ({ cluster }: Pick<MonitoringScene, "cluster">): readonly Reach[] => [
  { to: [{ ipBlock: ANYWHERE }], port: 443 },
  ...cluster.credentialEndpoint.flatMap(({ cidr, ports }) =>
    ports.map((port) => ({ to: [{ ipBlock: { cidr } }], port })),
  ),
];

export interface CloudMetricsArgs {
  /** Whether the gateway has a load balancer of the cloud. */
  readonly loadBalancer: boolean;
  /** The cloud's own checks; undefined where it makes none. */
  readonly uptime: Uptime | undefined;
}

/** What there is to read; undefined where the cloud measures nothing of the stack's. */
export function measureOf(
  { cloud, cluster }: Pick<Scene, "cloud" | "cluster">,
  { loadBalancer, uptime }: CloudMetricsArgs,
): Measure | undefined {
  const measure = cloud.measure?.({ cluster, loadBalancer, uptime });
  return measure === undefined || Object.keys(measure.recordings).length === 0 ? undefined : measure;
}

/**
 * One exporter with an identity that may read the cloud's measurements and nothing else. One only: what it reads is paid
 * for by the call, and while it is away the cloud goes on measuring.
 *
 * Costs a pod of 20 thousandths of a core and 128 MiB, and what its `measure.ts` says.
 */
export function createCloudMetrics(
  name: string,
  scene: Scene,
  /** `definitions`: what the monitor's own kind comes from. */
  { measure, definitions }: { readonly measure: Measure; readonly definitions: pulumi.Resource },
  parent: pulumi.Resource,
): void {
  const { settings, cloud, cluster, namespace, secretStore: store } = scene;
  const options = inside(cluster, parent);
  const identity = cloud.identity(
    name,
    { cluster, namespace, serviceAccount: NAME, store, buckets: {}, secrets: [], duties: ["read metrics"] },
    { parent },
  );
  const account = new ServiceAccount(
    name,
    {
      metadata: {
        name: NAME,
        namespace,
        labels: cloudMetricsLabels,
        annotations: { ...identity.serviceAccountAnnotations },
      },
      automountServiceAccountToken: false,
    },
    options,
  );
  const config = createConfig(name, measure, namespace, options);
  const image = imageOf(measure.image, settings.mirror.images);
  new Deployment(
    name,
    renderCloudMetrics({ namespace, measure, image, identity, serviceAccount: account.metadata.name, config }),
    { ...options, dependsOn: [...cluster.ready, ...identity.ready], customTimeouts: { create: "10m" } },
  );
  new CustomResource(name, renderMonitor(measure, namespace), { ...options, dependsOn: [definitions] });
}

/** Another configuration is another object, which starts the pod again. */
function createConfig(
  name: string,
  { files }: Pick<Measure, "files">,
  namespace: Input<string>,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> | undefined {
  if (Object.keys(files).length === 0) return undefined;
  const data = pulumi.output({ ...files });
  const target = data.apply((content) => contentName(NAME, content));
  return new ConfigMap(name, { metadata: { name: target, namespace, labels: cloudMetricsLabels }, data }, options)
    .metadata.name;
}

export interface CloudMetricsSpec {
  readonly namespace: Input<string>;
  readonly measure: Pick<Measure, "args" | "env" | "port" | "healthPath">;
  readonly image: string;
  readonly identity: Pick<Identity, "podLabels">;
  readonly serviceAccount: Input<string>;
  /** The ConfigMap with its files; none where it has no files. */
  readonly config: Input<string> | undefined;
}

export function renderCloudMetrics({ namespace, measure, image, identity, serviceAccount, config }: CloudMetricsSpec) {
  const answers = { httpGet: { path: measure.healthPath, port: "metrics" }, periodSeconds: 10, timeoutSeconds: 5 };
  const mounts = config === undefined ? [] : [{ name: "config", mountPath: MEASURE_FILES, readOnly: true }];
  return {
    metadata: { name: NAME, namespace, labels: cloudMetricsLabels },
    spec: {
      replicas: 1,
      selector: { matchLabels: cloudMetricsLabels },
      template: {
        metadata: { labels: { ...cloudMetricsLabels, ...identity.podLabels } },
        spec: {
          ...hardenedPod(UID),
          serviceAccountName: serviceAccount,
          containers: [
            {
              name: "exporter",
              image,
              imagePullPolicy: "IfNotPresent",
              args: [...measure.args],
              env: Object.entries(measure.env).map(([variable, value]) => ({ name: variable, value })),
              ports: [{ name: "metrics", containerPort: measure.port }],
              readinessProbe: answers,
              livenessProbe: { ...answers, failureThreshold: 6 },
              resources: resourceValues("20m", "128Mi"),
              ...hardenedContainer,
              volumeMounts: [...mounts, { name: "scratch", mountPath: SCRATCH }],
            },
          ],
          volumes: [
            ...(config === undefined ? [] : [{ name: "config", configMap: { name: config } }]),
            { name: "scratch", emptyDir: { sizeLimit: "16Mi" } },
          ],
        },
      },
    },
  } satisfies kubernetes.types.input.apps.v1.Deployment;
}

/** Of a cloud's measurements half a minute may pass until they are all there. */
const PATIENCE = 60;

/** PodMonitor of prometheus-operator: each page is a target, which says what it is read for. */
export const renderMonitor = (
  { port, scrapes, interval, namings }: Pick<Measure, "port" | "scrapes" | "interval" | "namings">,
  namespace: Input<string>,
) => ({
  apiVersion: "monitoring.coreos.com/v1",
  kind: "PodMonitor",
  metadata: { name: NAME, namespace },
  spec: {
    selector: { matchLabels: cloudMetricsLabels },
    namespaceSelector: { matchNames: [namespace] },
    podMetricsEndpoints: scrapes.map((scrape) => ({
      portNumber: port,
      path: scrape.path,
      ...(scrape.params === undefined ? {} : { params: mapOf(scrape.params) }),
      interval: `${interval}s`,
      scrapeTimeout: `${PATIENCE}s`,
      // A cloud tells of minutes ago, which no alert would look back to.
      honorTimestamps: false,
      relabelings: [setLabel("job", NAME), ...pageOf(scrape)],
      ...(namings.length === 0
        ? {}
        : {
            metricRelabelings: namings.map(({ label, value, gets, named }) => ({
              action: "replace",
              sourceLabels: [label],
              regex: value,
              targetLabel: gets,
              replacement: named,
            })),
          }),
    })),
  },
});

const mapOf = (params: NonNullable<Scrape["params"]>) =>
  Object.fromEntries(Object.entries(params).map(([key, values]) => [key, [...values]]));

/** Two pages of one pod would be the same target otherwise. */
const pageOf = ({ params }: Scrape) =>
  (params?.["name"] ?? []).map((name) => ({ ...setLabel("page", ""), replacement: name }));
