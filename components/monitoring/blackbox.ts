import type * as kubernetes from "@pulumi/kubernetes";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { type AskedRoute, askedRoutes, askerOf, uptimeOf } from "../../config/monitoring/asked.js";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import { envoyGatewayNamespace } from "../addons/envoy-gateway.js";
import { resourceValues } from "../addons/pod-values.js";
import { contentName } from "../content-name.js";
import { gatewayPeer, PROXY_PORTS } from "../gateway/proxies.js";
import { hardenedContainer, hardenedPod } from "../hardened.js";
import { imageOf } from "../image.js";
import { inside } from "../inside.js";
import type { Reach } from "../peers.js";
import { m } from "./metrics/names.js";
import { monitoringNamespace } from "./places.js";
import type { MonitoringScene } from "./scene.js";
import { isCertified } from "./uptime.js";

type Input<T> = pulumi.Input<T>;

/** Asks the gateway inside the cluster whether public pages answer, where no cloud asks from outside. */

const NAME = "blackbox";
const PORT = 9115;
const UID = 65_534;
const CONFIG = "/etc/blackbox";

export const blackboxLabels = { "app.kubernetes.io/name": NAME };

/** What its pods call, so that they may; nothing where there are none. */
export const blackboxReach = (settings: Settings): readonly Reach[] =>
  askerOf(settings) === "cluster" ? [{ to: [gatewayPeer(settings)], port: PROXY_PORTS.https }] : [];

/** Where they are read, and asked to ask. */
export const blackboxPort = PORT;

/** What becomes of their measurements: the same name as of a cloud's checks. */
export const blackboxRecordings = (settings: Settings): Readonly<Record<string, string>> =>
  askerOf(settings) === "cluster"
    ? { "cloud:uptime_success": `avg by (environment, check) (${m.probe_success}{job="uptime"})` }
    : {};

type Page = AskedRoute & { readonly path: string };

export interface BlackboxArgs {
  /** What the checks' own kind comes from. */
  readonly definitions: pulumi.Resource;
}

/**
 * One exporter and a check for each page. From here nobody sees whether the way from outside is open: the load balancer
 * and the names that lead there are left out.
 *
 * Costs a pod of 10 thousandths of a core and 32 MiB.
 */
export function createBlackbox(
  name: string,
  { settings, cluster, namespace }: Pick<MonitoringScene, "settings" | "cluster" | "namespace">,
  { definitions }: BlackboxArgs,
  parent: pulumi.Resource,
): void {
  const uptime = uptimeOf(settings);
  if (uptime === undefined || askerOf(settings) !== "cluster") return;
  const pages = askedRoutes(settings);
  const options = inside(cluster, parent);
  const data = { "blackbox.yml": stringify(renderModules(settings, pages, uptime.timeout)) };
  const config = new ConfigMap(
    name,
    { metadata: { name: contentName(NAME, data), namespace, labels: blackboxLabels }, data },
    options,
  ).metadata.name;
  const image = imageOf(images.blackbox, settings.mirror.images);
  new Deployment(name, renderBlackbox({ namespace, image, config }), {
    ...options,
    dependsOn: [...cluster.ready],
    customTimeouts: { create: "10m" },
  });
  new Service(name, renderBlackboxService(namespace), options);
  for (const page of pages)
    new CustomResource(`${name}-${page.name}`, renderProbe(settings, page, { namespace, ...uptime }), {
      ...options,
      dependsOn: [definitions],
    });
}

/** A way of asking for each page: each has a host of its own, which the gateway goes by. */
export const renderModules = (settings: Pick<Settings, "domain">, pages: readonly Page[], timeout: number) => ({
  modules: Object.fromEntries(
    pages.map(({ name, host }) => [
      name,
      {
        prober: "http",
        timeout: `${timeout}s`,
        http: {
          method: "GET",
          preferred_ip_protocol: "ip4",
          follow_redirects: false,
          fail_if_not_ssl: true,
          ...(host === undefined ? {} : { headers: { Host: host } }),
          tls_config: {
            // A certificate of the stack's own is for the address outside, and signed by nobody known.
            insecure_skip_verify: !isCertified(settings),
            ...(host === undefined ? {} : { server_name: host }),
          },
        },
      },
    ]),
  ),
});

export interface BlackboxSpec {
  readonly namespace: Input<string>;
  readonly image: string;
  readonly config: Input<string>;
}

export function renderBlackbox({ namespace, image, config }: BlackboxSpec) {
  const answers = { httpGet: { path: "/-/healthy", port: "http" }, periodSeconds: 10, timeoutSeconds: 5 };
  return {
    metadata: { name: NAME, namespace, labels: blackboxLabels },
    spec: {
      replicas: 1,
      selector: { matchLabels: blackboxLabels },
      template: {
        metadata: { labels: blackboxLabels },
        spec: {
          ...hardenedPod(UID),
          containers: [
            {
              name: NAME,
              image,
              imagePullPolicy: "IfNotPresent",
              args: [`--config.file=${CONFIG}/blackbox.yml`, `--web.listen-address=:${PORT}`, "--log.format=json"],
              ports: [{ name: "http", containerPort: PORT }],
              readinessProbe: answers,
              livenessProbe: { ...answers, failureThreshold: 6 },
              resources: resourceValues("10m", "32Mi"),
              ...hardenedContainer,
              volumeMounts: [{ name: "config", mountPath: CONFIG, readOnly: true }],
            },
          ],
          volumes: [{ name: "config", configMap: { name: config } }],
        },
      },
    },
  } satisfies kubernetes.types.input.apps.v1.Deployment;
}

export const renderBlackboxService = (namespace: Input<string>) =>
  ({
    metadata: { name: NAME, namespace, labels: blackboxLabels },
    spec: { selector: blackboxLabels, ports: [{ name: "http", port: PORT, targetPort: "http" }] },
  }) satisfies kubernetes.types.input.core.v1.Service;

export interface ProbeSpec {
  readonly namespace: Input<string>;
  readonly interval: number;
  readonly timeout: number;
}

/** Probe of prometheus-operator: Prometheus asks the exporter, which asks the page. */
export const renderProbe = (
  stack: Pick<Settings, "prefix">,
  { name, path }: Pick<Page, "name" | "path">,
  { namespace, interval, timeout }: ProbeSpec,
) => ({
  apiVersion: "monitoring.coreos.com/v1",
  kind: "Probe",
  metadata: { name: `uptime.${name}`, namespace, labels: blackboxLabels },
  spec: {
    jobName: "uptime",
    interval: `${interval}s`,
    // A second for the exporter itself, if there is one: it must answer before Prometheus gives up.
    scrapeTimeout: `${Math.min(timeout + 1, interval)}s`,
    module: name,
    prober: { url: `${NAME}.${monitoringNamespace(stack)}.svc:${PORT}`, scheme: "http", path: "/probe" },
    targets: {
      staticConfig: {
        static: [`https://${stack.prefix}.${envoyGatewayNamespace}.svc${path}`],
        labels: { check: name },
      },
    },
  },
});
