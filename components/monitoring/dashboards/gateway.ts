import { m } from "../metrics/names.js";
import { routed, some, tells } from "../rules/scope.js";
import { dashboard } from "./dashboard.js";
import { graph, heatmap, type PanelOf, stat } from "./panel.js";
import { max, min, of, rate, ratio, sum } from "./query.js";
import { type DashboardScope, levelsOf } from "./scope.js";

/** The way in: what callers get, services and the time on the way included. */
export function gateway(scope: DashboardScope) {
  const when = some(routed)(scope);
  return dashboard(
    {
      uid: "gateway",
      title: "Gateway",
      about: "The way in, as its proxies see it: what callers get, and how services behind answer.",
      rows: [
        { title: "Callers", when, panels: () => callers(scope) },
        { title: "Services behind", when, panels: () => behind(scope) },
        { title: "Proxies", when, panels: () => proxies(scope) },
      ],
    },
    scope,
  );
}

/** Not what proxies answer to those who look after them. */
const CALLS = 'envoy_http_conn_manager_prefix!~"admin|eg-.*"';
/** What routes lead to, and not what proxies call for themselves. */
const SERVICES = 'envoy_cluster_name=~"httproute/.*"';
const BY_SERVICE = ["envoy_cluster_name"];
const LEGEND = "{{envoy_cluster_name}}";

const MILLISECONDS = 1000;
const within = (percent: number, by: readonly string[], buckets: string): string =>
  `histogram_quantile(${percent / 100},${sum([...by, "le"], rate(buckets))}) / ${MILLISECONDS}`;

const callers = (scope: DashboardScope): readonly PanelOf[] => [
  graph({
    title: "Calls",
    about: "Calls a second, by how they were answered.",
    unit: "reqps",
    stacked: true,
    queries: [
      {
        expr: sum(["envoy_response_code_class"], rate(of(m.envoy_http_downstream_rq_xx, CALLS))),
        legend: "{{envoy_response_code_class}}xx",
      },
    ],
  }),
  graph({
    title: "Calls that failed",
    about: "Part of the calls that were answered 5xx, by services or by the gateway itself.",
    unit: "percentunit",
    limits: levelsOf(scope, "errorRate"),
    queries: [
      {
        expr: ratio(
          sum([], rate(of(m.envoy_http_downstream_rq_xx, CALLS, 'envoy_response_code_class="5"'))),
          sum([], rate(of(m.envoy_http_downstream_rq_xx, CALLS))),
        ),
        legend: "failed",
      },
    ],
  }),
  graph({
    title: "Time to the answer",
    about: "Within which 50, 95 and 99 of 100 calls were answered, as the gateway sees it.",
    unit: "s",
    queries: [50, 95, 99].map((percent) => ({
      expr: within(percent, [], of(m.envoy_http_downstream_rq_time_bucket, CALLS)),
      legend: `p${percent}`,
    })),
  }),
  heatmap({
    title: "Times to the answer",
    about: "How many calls took how long, in milliseconds.",
    unit: "short",
    query: {
      expr: sum(["le"], `increase(${of(m.envoy_http_downstream_rq_time_bucket, CALLS)}[$__rate_interval])`),
      legend: "{{le}}",
    },
  }),
  graph({
    title: "Open connections",
    about: "Connections of callers, and calls on them, that are open now.",
    unit: "short",
    queries: [
      { expr: sum([], of(m.envoy_http_downstream_cx_active, CALLS)), legend: "connections" },
      { expr: sum([], of(m.envoy_http_downstream_rq_active, CALLS)), legend: "calls" },
    ],
  }),
  graph({
    title: "Traffic",
    about: "Bytes a second from callers and to them.",
    unit: "Bps",
    queries: [
      { expr: sum([], rate(of(m.envoy_http_downstream_cx_rx_bytes_total, CALLS))), legend: "in" },
      { expr: sum([], rate(of(m.envoy_http_downstream_cx_tx_bytes_total, CALLS))), legend: "out" },
    ],
  }),
  graph({
    title: "Calls over a limit",
    about: "Calls a second that the gateway refused by a route's own limit.",
    unit: "reqps",
    width: told(scope) ? 12 : 24,
    queries: [{ expr: sum([], rate(of(m.envoy_http_local_rate_limit_rate_limited))), legend: "refused" }],
  }),
  ...(told(scope) ? [loadBalancer()] : []),
];

const told = tells("cloud:load_balancer_connections");

const loadBalancer = (): PanelOf =>
  graph({
    title: "Load balancer",
    about:
      "Connections that the cloud's load balancer has open, and what it failed each second, as the cloud counts it.",
    unit: "short",
    width: 12,
    queries: [
      { expr: sum([], of(m["cloud:load_balancer_connections"])), legend: "connections" },
      { expr: sum([], of(m["cloud:load_balancer_errors_per_second"])), legend: "failures a second" },
    ],
  });

const behind = (scope: DashboardScope): readonly PanelOf[] => [
  graph({
    title: "Calls by route",
    about: "Calls a second that each route led on.",
    unit: "reqps",
    queries: [{ expr: sum(BY_SERVICE, rate(of(m.envoy_cluster_upstream_rq_total, SERVICES))), legend: LEGEND }],
  }),
  graph({
    title: "Failures by route",
    about: "Part of each route's calls that the service answered with 5xx.",
    unit: "percentunit",
    limits: levelsOf(scope, "errorRate"),
    queries: [
      {
        expr: ratio(
          sum(BY_SERVICE, rate(of(m.envoy_cluster_upstream_rq_xx, SERVICES, 'envoy_response_code_class="5"'))),
          sum(BY_SERVICE, rate(of(m.envoy_cluster_upstream_rq_xx, SERVICES))),
        ),
        legend: LEGEND,
      },
    ],
  }),
  graph({
    title: "Time by route",
    about: "Within which 95 of 100 calls of a route were answered by the service.",
    unit: "s",
    queries: [{ expr: within(95, BY_SERVICE, of(m.envoy_cluster_upstream_rq_time_bucket, SERVICES)), legend: LEGEND }],
  }),
  graph({
    title: "Pods that take calls",
    about: "Part of a route's pods that the gateway sends calls to.",
    unit: "percentunit",
    limits: { warn: 0.99, bad: 0.5, lessIsWorse: true },
    queries: [
      {
        expr: min(
          BY_SERVICE,
          `${of(m.envoy_cluster_membership_healthy, SERVICES)} / (${of(m.envoy_cluster_membership_total, SERVICES)} > 0)`,
        ),
        legend: LEGEND,
      },
    ],
  }),
  graph({
    title: "Tried again",
    about: "Calls a second that no pod had seen and that were sent to another one, and connections that failed.",
    unit: "reqps",
    queries: [
      { expr: sum([], rate(of(m.envoy_cluster_upstream_rq_retry, SERVICES))), legend: "tried again" },
      { expr: sum([], rate(of(m.envoy_cluster_upstream_cx_connect_fail, SERVICES))), legend: "no connection" },
    ],
  }),
  graph({
    title: "Given up",
    about: "Calls a second that ran out of time, and those for which there were too many at once.",
    unit: "reqps",
    queries: [
      { expr: sum([], rate(of(m.envoy_cluster_upstream_rq_timeout, SERVICES))), legend: "out of time" },
      { expr: sum([], rate(of(m.envoy_cluster_upstream_rq_pending_overflow, SERVICES))), legend: "too many" },
    ],
  }),
];

const proxies = (scope: DashboardScope): readonly PanelOf[] => [
  stat({
    title: "Proxies",
    about: "Pods of the gateway that live.",
    unit: "short",
    width: 8,
    queries: [{ expr: sum([], of(m.envoy_server_live)), legend: "live" }],
  }),
  stat({
    title: "Certificate",
    about: "Days that the gateway's certificate still holds.",
    unit: "short",
    width: 8,
    limits: { ...levelsOf(scope, "certificateDays", 1), lessIsWorse: true },
    queries: [{ expr: min([], of(m.envoy_server_days_until_first_cert_expiring)), legend: "days" }],
  }),
  stat({
    title: "Memory",
    about: "Memory that the fullest proxy holds.",
    unit: "bytes",
    width: 8,
    queries: [{ expr: max([], of(m.envoy_server_memory_allocated)), legend: "memory" }],
  }),
];
