import type { CloudMetric } from "../../components/monitoring/metrics/names.js";
import { tables } from "../../components/monitoring/metrics/names.js";
import type { RuleScope } from "../../components/monitoring/rules/scope.js";
import { filterValues } from "../../config/maps.js";
import { runsHere } from "../../config/uses.js";
import type { Tree } from "../../config/walk.js";
import { awsProduction, localStack, receivers, settingsOf } from "../support/settings.js";

/** Stacks that rules are rendered for: with all parts there are, with few, and with none. */

/** Each by a series of the same name, as if that were what the cloud's exporter shows. */
const everyCloudMetric = Object.fromEntries(
  Object.keys(tables.cloud.metrics).map((name) => [name, name.replace("cloud:", "exporter_")]),
) as Readonly<Record<CloudMetric, string>>;

export function scopeOf(said: Tree, cloud: RuleScope["cloud"] = {}): RuleScope {
  const settings = settingsOf(said);
  const { monitoring } = settings;
  if (monitoring.mode === "none") throw new Error("nobody watches this stack: it has no rules");
  return { settings, watching: monitoring, running: filterValues(settings.services, runsHere), cloud };
}

const image = "ghcr.io/acme/api:1.4.2";

const whole: Tree = {
  ...awsProduction,
  monitoring: { mode: "inCluster", receivers, budget: { dollars: 1000, tokens: 2_000_000 } },
  databases: { main: { replicas: 1 } },
  caches: { main: { evictionPolicy: "noeviction" }, pages: { evictionPolicy: "allkeys-lru" } },
  services: {
    api: {
      image,
      agents: { role: "all" },
      uses: ["database", "cache"],
      secrets: ["OPENAI_API_KEY"],
      routes: [{ path: "/" }],
      autoscaling: { queueDepth: 5 },
      budget: { dollars: 100 },
    },
    shop: {
      image,
      metrics: {
        business: [
          "carts",
          { name: "orders_total", title: "Orders", unit: "orders", alert: { below: 10, minutes: 30 } },
          { name: "stock", across: "most", alert: { above: 500, severity: "critical" } },
        ],
      },
      slo: { p95: 2, p99: 5, errors: 3 },
    },
    jobs: { image, kind: "worker", metrics: {}, cron: { tidy: { schedule: "0 3 * * *", command: ["tidy"] } } },
  },
};

export const scopes = {
  whole: scopeOf(whole, everyCloudMetric),
  /** Somebody else's Prometheus gets everything. */
  existing: scopeOf({
    ...whole,
    monitoring: {
      mode: "existing",
      query: "https://prometheus.example.com",
      remoteWrite: "https://prometheus.example.com/api/v1/write",
      alertmanager: "https://alertmanager.example.com",
    },
  }),
  /** A certificate of its own, and a place of alerts' pages. */
  ownCertificate: scopeOf({
    ...whole,
    monitoring: { mode: "inCluster", receivers, alerts: { runbooks: "https://git.example.com/runbooks/" } },
    gateway: { tls: { secret: "team/certificate" } },
  }),
  small: scopeOf({ ...localStack, services: { web: { image } } }),
  empty: scopeOf(localStack),
} as const satisfies Readonly<Record<string, RuleScope>>;
