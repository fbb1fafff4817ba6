import type { Settings } from "../../config/settings.js";
import { podsIn } from "../peers.js";

/** Where the parts of monitoring are, for whoever calls them and for policies. */

/** Their namespaces: some clouds know pods by namespace and account only, so these carry the stack's name. */
export const monitoringNamespace = ({ prefix }: Pick<Settings, "prefix">): string => `${prefix}-monitoring`;
export const nodesNamespace = ({ prefix }: Pick<Settings, "prefix">): string => `${prefix}-nodes`;

type Stack = Pick<Settings, "prefix">;

const labels = (name: string) => ({ "app.kubernetes.io/name": name });
/** Pods of one part. */
const podsOf = (name: string) => (stack: Stack) => podsIn(monitoringNamespace(stack), labels(name));
/** The address of a part's Service. */
const at = (name: string, port: number) => (stack: Stack) => `http://${name}.${monitoringNamespace(stack)}.svc:${port}`;

export const prometheus = {
  port: 9090,
  labels: labels("prometheus"),
  pods: podsOf("prometheus"),
  url: at("prometheus", 9090),
};
/** Where there is an archive: it answers for that and for Prometheus. */
export const thanosQuery = {
  port: 10_902,
  labels: labels("thanos-query"),
  pods: podsOf("thanos-query"),
  url: at("thanos-query", 10_902),
};
export const alertmanager = {
  port: 9093,
  labels: labels("alertmanager"),
  pods: podsOf("alertmanager"),
  url: at("alertmanager", 9093),
};
export const grafana = { port: 3000, labels: labels("grafana"), pods: podsOf("grafana"), url: at("grafana", 3000) };
/** What services send traces to, OTLP over HTTP. */
export const collector = {
  name: "collector",
  port: 4318,
  labels: labels("collector"),
  pods: podsOf("collector"),
  url: at("collector", 4318),
};
/** Who decides which traces are kept, where the collector has several pods: each gets its traces whole, OTLP over gRPC. */
export const sampler = { name: "sampler", port: 4317, labels: labels("sampler"), pods: podsOf("sampler") };
/** Its queries; the collector sends by OTLP over gRPC to 4317. */
export const jaeger = {
  name: "jaeger",
  port: 16_686,
  labels: labels("jaeger"),
  pods: podsOf("jaeger"),
  url: at("jaeger", 16_686),
};

/** Lines of logs, where the stack keeps them itself. */
export const openSearch = {
  name: "opensearch",
  port: 9200,
  labels: labels("opensearch"),
  pods: podsOf("opensearch"),
  url: at("opensearch", 9200),
};

/** Who reads metrics: what policies of others let in. Nobody where nothing watches. */
export const readers = (stack: Pick<Settings, "prefix" | "monitoring">): readonly ReturnType<typeof podsIn>[] =>
  stack.monitoring.mode === "none" ? [] : [prometheus.pods(stack)];

/** Who answers queries: autoscaling asks for requests, queues and tokens there. Nobody where nothing is measured. */
export const queryOf = (stack: Pick<Settings, "prefix" | "monitoring">): string | undefined =>
  stack.monitoring.mode === "inCluster" ? prometheus.url(stack) : stack.monitoring.query;
