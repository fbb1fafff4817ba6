import { nonEmpty, secretName, text, whole } from "../fields.js";
import z from "../zod.cjs";
import { alerts } from "./alerts.js";
import { budget } from "./budget.js";
import { grafana } from "./grafana.js";
import { logs } from "./logs.js";
import { receivers } from "./receivers.js";
import { collected, tracing } from "./tracing.js";
import { uptime } from "./uptime.js";

/** What a stack may say of who watches it: metrics, alerts and whom they reach, dashboards, traces, logs. */

const address = (example: string) => text(/^https?:\/\/[^\s?#@]+$/, "an http or https address", example);

/** What is measured and told, whoever keeps it. */
const common = {
  scrapeInterval: whole(5, 120).default(15).describe("Seconds between two looks at every target."),
  alerts,
  budget,
  receivers,
  logs,
  uptime,
};

export const monitoring = z.discriminatedUnion("mode", [
  z.strictObject({
    mode: z
      .literal("inCluster")
      .describe("Prometheus, Alertmanager, Grafana, Jaeger and a collector run in the cluster."),
    ...common,
    retention: whole(1, 730).describe("Days that Prometheus keeps measurements on its own disk."),
    storage: whole(1, 16384).describe("GiB of disk for them, each of Prometheus' pods."),
    archive: z
      .strictObject({
        bucket: nonEmpty("main").describe("A key of `buckets`, where measurements go as well."),
        retention: whole(1, 3650).default(365).describe("Days that they stay there."),
      })
      .meta({ expected: "a map with bucket", example: { bucket: "main" } })
      .optional()
      .describe("Keeps measurements in an object store beyond the disk's days."),
    grafana,
    tracing,
  }),
  z.strictObject({
    mode: z.literal("existing").describe("All is sent to a Prometheus, a Grafana and a collector that exist."),
    ...common,
    query: address("https://prometheus.example.com").describe("Address that answers queries: autoscaling asks it."),
    remoteWrite: address("https://prometheus.example.com/api/v1/write").describe("Address that takes measurements."),
    token: secretName.optional().describe("Which of the stack's secrets is the bearer token for both."),
    alertmanager: address("https://alertmanager.example.com")
      .optional()
      .describe("Where alerts go; to one of the stack's own, with `receivers`, where it is not said."),
    alertmanagerToken: secretName.optional().describe("Which of the stack's secrets is the bearer token there."),
    grafanaUrl: address("https://grafana.example.com").optional().describe("The Grafana that gets the dashboards."),
    grafanaToken: secretName
      .optional()
      .describe("Which of the stack's secrets is the token of a service account there."),
    otlp: address("https://otlp.example.com:4318").optional().describe("Where traces go, OTLP over HTTP."),
    otlpToken: secretName.optional().describe("Which of the stack's secrets is the bearer token there."),
    tracing: collected,
  }),
  z.strictObject({
    mode: z.literal("none").describe("Nobody watches."),
    query: address("http://prometheus.monitoring:9090")
      .optional()
      .describe("Address of a Prometheus that autoscaling asks for requests, queues and tokens."),
  }),
]);

export type MonitoringSettings = z.infer<typeof monitoring>;
