import { logsOf } from "../../config/monitoring/logs.js";
import { ownReceivers } from "../../config/monitoring/reach.js";
import { alertmanagerReplicas } from "../../config/monitoring/size.js";
import { tracesOf } from "../../config/monitoring/tracing.js";
import { scalesByMeasures } from "../../config/uses.js";
import type { Measure } from "../../providers/contract.js";
import { KEDA_NAMESPACE, kedaLabels } from "../addons/keda.js";
import { gatewayPeer } from "../gateway/proxies.js";
import { ANYWHERE, type Labels, labelled, podsIn, portOf, type Reach } from "../peers.js";
import { receiverReaches } from "./alerting/reaches.js";
import { archiveReaches } from "./archive.js";
import { THANOS, thanosLabels } from "./archive-pods.js";
import { blackboxLabels, blackboxPort, blackboxReach } from "./blackbox.js";
import { cloudMetricsLabels, cloudMetricsReach } from "./cloud-metrics.js";
import { type ExporterLogin, exporterEdges } from "./exporters.js";
import { alertmanager, collector, grafana, jaeger, openSearch, prometheus, sampler, thanosQuery } from "./places.js";
import type { MonitoringScene } from "./scene.js";
import { tracingPorts } from "./tracing/ports.js";

/** Who may call whom among the parts of monitoring. Logs, and what runs once, say it of themselves. */

type Peer = ReturnType<typeof podsIn> | ReturnType<typeof labelled>;

export interface Part {
  readonly pods: Labels;
  readonly calledBy: readonly { readonly from: readonly Peer[] | "anybody"; readonly ports: readonly number[] }[];
  /** The API server can't be named: who calls it may call anybody. */
  readonly calls: readonly Reach[] | "anybody";
  /** Where its pods call each other, by TCP and by UDP. */
  readonly gossip?: number;
}

export type Parts = Readonly<Record<string, Part>>;

export interface EdgeScene extends MonitoringScene {
  readonly logins: Readonly<Record<string, ExporterLogin>>;
  /** What reads the cloud's own measurements; nothing where the cloud has none. */
  readonly measure: Pick<Measure, "port"> | undefined;
}

/** The parts that a stack has. */
export const partsOf = (scene: EdgeScene): Parts => ({
  ...measuring(scene),
  ...alerting(scene),
  ...showing(scene),
  ...exporting(scene),
  ...archiving(scene),
  ...tracing(scene),
});

const name = (text: string): Labels => ({ "app.kubernetes.io/name": text });
/** Pods of the chart that have no other label of their own. */
const app = (text: string): Labels => ({ app: `kube-prometheus-stack-${text}` });

/** Where pods of the chart listen, beside what `places.ts` says. */
const WEBHOOK = 10_250;
const OBJECTS = 8080;
const GOSSIP = 9094;

const read = (port: number) => ({ from: [labelled(prometheus.labels)], ports: [port] });

/** Prometheus looks at whatever shows metrics and at each node, and asks the API server for them. */
function measuring(scene: EdgeScene): Parts {
  const archived = archiveOf(scene) !== undefined;
  const asking = [
    labelled(prometheus.labels),
    ...(isShown(scene) && !archived ? [labelled(grafana.labels)] : []),
    ...(isScaledBy(scene) ? [podsIn(KEDA_NAMESPACE, kedaLabels)] : []),
  ];
  return {
    prometheus: {
      pods: prometheus.labels,
      calledBy: [
        { from: asking, ports: [prometheus.port] },
        ...(archived ? [{ from: [labelled(thanosQuery.labels)], ports: [THANOS.grpc] }] : []),
      ],
      calls: "anybody",
    },
    operator: { pods: app("operator"), calledBy: [{ from: "anybody", ports: [WEBHOOK] }], calls: "anybody" },
    "webhook-certificate": { pods: app("admission-create"), calledBy: [], calls: "anybody" },
    "webhook-registration": { pods: app("admission-patch"), calledBy: [], calls: "anybody" },
    "kube-state-metrics": { pods: name("kube-state-metrics"), calledBy: [read(OBJECTS)], calls: "anybody" },
  };
}

const isShown = ({ watching }: EdgeScene): boolean => watching.mode === "inCluster";

/** Where another Prometheus answers, KEDA asks that one. */
const isScaledBy = ({ watching, running }: EdgeScene): boolean =>
  watching.mode === "inCluster" && Object.values(running).some(scalesByMeasures);

function alerting(scene: EdgeScene): Parts {
  const { settings, watching } = scene;
  const receivers = ownReceivers(watching);
  if (receivers === undefined) return {};
  const asking = [labelled(prometheus.labels), ...(isShown(scene) ? [labelled(grafana.labels)] : [])];
  return {
    alertmanager: {
      pods: alertmanager.labels,
      calledBy: [{ from: asking, ports: [alertmanager.port] }],
      calls: receiverReaches(receivers),
      ...(alertmanagerReplicas(settings) > 1 ? { gossip: GOSSIP } : {}),
    },
  };
}

function showing(scene: EdgeScene): Parts {
  const { settings, watching } = scene;
  if (watching.mode !== "inCluster") return {};
  const { host, oidc } = watching.grafana;
  const asked = [
    archiveOf(scene) === undefined ? prometheus : thanosQuery,
    alertmanager,
    ...(tracesOf(watching)?.store.kind === "jaeger" ? [jaeger] : []),
    ...(logsOf(settings)?.to === "openSearch" ? [openSearch] : []),
  ];
  const providers = new Set(oidc === undefined ? [] : [oidc.tokenUrl, oidc.apiUrl].map(portOf));
  return {
    grafana: {
      pods: grafana.labels,
      calledBy: [
        read(grafana.port),
        ...(host === undefined ? [] : [{ from: [gatewayPeer(settings)], ports: [grafana.port] }]),
      ],
      calls: [
        ...asked.map(({ labels, port }) => ({ to: [labelled(labels)], port })),
        ...[...providers].map((port) => ({ to: [{ ipBlock: ANYWHERE }], port })),
      ],
    },
  };
}

function exporting(scene: EdgeScene): Parts {
  const { settings, logins, measure } = scene;
  const pages = blackboxReach(settings);
  return {
    ...Object.fromEntries(
      exporterEdges(scene, logins).map(({ labels, port, reach }) => [
        Object.values(labels).join("-"),
        { pods: labels, calledBy: [read(port)], calls: [reach] },
      ]),
    ),
    ...(measure === undefined
      ? {}
      : {
          "cloud-metrics": {
            pods: cloudMetricsLabels,
            calledBy: [read(measure.port)],
            calls: cloudMetricsReach(scene),
          },
        }),
    ...(pages.length === 0 ? {} : { blackbox: { pods: blackboxLabels, calledBy: [read(blackboxPort)], calls: pages } }),
  };
}

const archiveOf = ({ watching, buckets }: Pick<EdgeScene, "watching" | "buckets">) =>
  watching.mode === "inCluster" && watching.archive !== undefined ? buckets[watching.archive.bucket] : undefined;

function archiving(scene: EdgeScene): Parts {
  const bucket = archiveOf(scene);
  if (bucket === undefined) return {};
  const onBucket = archiveReaches(bucket, scene);
  const blocks = [prometheus.labels, thanosLabels("store")];
  return {
    "thanos-store": {
      pods: thanosLabels("store"),
      calledBy: [{ from: [labelled(thanosQuery.labels)], ports: [THANOS.grpc] }],
      calls: onBucket,
    },
    "thanos-compact": { pods: thanosLabels("compact"), calledBy: [], calls: onBucket },
    "thanos-query": {
      pods: thanosQuery.labels,
      calledBy: [{ from: [labelled(grafana.labels)], ports: [thanosQuery.port] }],
      calls: blocks.map((labels) => ({ to: [labelled(labels)], port: THANOS.grpc })),
    },
  };
}

/** The collector that services call asks the API server which of them it is. */
function tracing({ watching, services }: EdgeScene): Parts {
  const traces = tracesOf(watching);
  if (traces === undefined) return {};
  const { grpc, metrics, query } = tracingPorts;
  const { store, replicas } = traces;
  const deciding = replicas > 1 ? sampler : collector;
  const onward: Reach =
    store.kind === "jaeger"
      ? { to: [labelled(jaeger.labels)], port: grpc }
      : { to: [{ ipBlock: ANYWHERE }], port: portOf(store.url) };
  return {
    collector: {
      pods: collector.labels,
      calledBy: [{ from: [podsIn(services)], ports: [collector.port] }, read(metrics)],
      calls: "anybody",
    },
    ...(deciding === collector
      ? {}
      : {
          sampler: {
            pods: sampler.labels,
            calledBy: [{ from: [labelled(collector.labels)], ports: [sampler.port] }, read(metrics)],
            calls: [onward],
          },
        }),
    ...(store.kind === "jaeger"
      ? {
          jaeger: {
            pods: jaeger.labels,
            calledBy: [
              { from: [labelled(deciding.labels)], ports: [grpc] },
              { from: [labelled(grafana.labels)], ports: [query] },
              read(metrics),
            ],
            calls: [],
          },
        }
      : {}),
  };
}
