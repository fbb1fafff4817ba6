import { m } from "../metrics/names.js";
import { calls, quickCalls } from "../rules/calls.js";
import { agentic, callable, some } from "../rules/scope.js";
import { dashboard, toTraces } from "./dashboard.js";
import { graph, heatmap, type PanelOf, stat, table } from "./panel.js";
import { increase, max, min, of, quantile, rate, ratio, SERVICES, served, sum, top } from "./query.js";
import { type DashboardScope, levelsOf, limitOf, strictest } from "./scope.js";

/** How services answer, and what they wait for: the first look when callers complain. */
export function application(scope: DashboardScope) {
  const own = some(agentic)(scope);
  return dashboard(
    {
      uid: "application",
      title: "Application",
      about: "How services answer their callers, and what they wait for.",
      rows: [
        { title: "Calls", when: some(callable)(scope), panels: () => answers(scope) },
        // The others are the agent service's own measurements.
        { title: "Errors and refusals", when: own, panels: refusals },
        { title: "Sockets", when: own, panels: sockets },
        { title: "Database", when: own, panels: () => database(scope) },
        { title: "Process", when: own, panels: () => processes(scope) },
        { title: "What else it does", when: own, panels: rest },
      ],
    },
    scope,
  );
}

const BY_SERVICE = ["service"];
const failed = 'status=~"5.."';

/** Calls of people and programs: the same as alerts and promises go by. */
export const asked = (...more: readonly string[]): string => of(m.http_requests_total, calls(SERVICES), ...more);
const timed = (): string => of(m.http_request_duration_seconds_bucket, quickCalls(SERVICES));

export const requestRate = (): PanelOf =>
  graph({
    title: "Request rate",
    about:
      "Calls a second that were answered, by service; what looks after services calls them too, and is not counted.",
    unit: "reqps",
    queries: [{ expr: sum(BY_SERVICE, rate(asked())), legend: "{{service}}" }],
  });

export const errorRatio = (scope: DashboardScope): PanelOf =>
  graph({
    title: "Error ratio",
    about:
      "Part of the calls that the service failed (5xx). The line is what the strictest service promises (`slo.errors`).",
    unit: "percentunit",
    limits: { bad: strictest(scope, "errors") / 100 },
    queries: [
      {
        expr: ratio(sum(BY_SERVICE, rate(asked(failed))), sum(BY_SERVICE, rate(asked()))),
        legend: "{{service}}",
      },
    ],
    links: toTraces(scope),
  });

export const responseTime = (scope: DashboardScope): PanelOf =>
  graph({
    title: "Response time",
    about:
      "Within which 50, 95 and 99 of 100 calls were answered; those of models are on the page of models. The lines are the strictest promises (`slo.p95`, `slo.p99`). Dots are single calls that were traced.",
    unit: "s",
    limits: { warn: strictest(scope, "p95"), bad: strictest(scope, "p99") },
    queries: [50, 95, 99].map((percent) => ({
      expr: quantile(percent / 100, BY_SERVICE, timed()),
      legend: `{{service}} p${percent}`,
      exemplars: percent === 99,
    })),
    links: toTraces(scope),
  });

export const responseTimes = (): PanelOf =>
  heatmap({
    title: "Response times",
    about:
      "How many calls took how long; a second band is a second kind of call, or a dependency that is slow at times.",
    unit: "s",
    query: {
      expr: sum(["le"], increaseEach(timed())),
      legend: "{{le}}",
      exemplars: true,
    },
  });

/** In each column of the heatmap. */
const increaseEach = (selected: string): string => `increase(${selected}[$__rate_interval])`;

const answers = (scope: DashboardScope): readonly PanelOf[] => [
  requestRate(),
  errorRatio(scope),
  responseTime(scope),
  responseTimes(),
  graph({
    title: "Answers by status",
    about: "Calls a second by status. 499: the caller left before the answer was whole.",
    unit: "reqps",
    stacked: true,
    queries: [{ expr: sum(["status"], rate(asked())), legend: "{{status}}" }],
  }),
  graph({
    title: "Calls in flight",
    about: "Calls that are being answered now; it grows when answers slow down.",
    unit: "short",
    queries: [{ expr: sum(BY_SERVICE, served(m.http_requests_in_flight)), legend: "{{service}}" }],
  }),
  table({
    title: "Slowest routes",
    about: "Routes within whose p95 most calls were answered, the slowest first, over the time that is looked at.",
    unit: "s",
    width: 12,
    queries: [
      {
        expr: top(10, `histogram_quantile(0.95,${sum(["service", "method", "route", "le"], increase(timed()))}) >= 0`),
        legend: "",
      },
    ],
  }),
  table({
    title: "Most called routes",
    about: "Calls of each route over the time that is looked at.",
    unit: "short",
    width: 12,
    queries: [{ expr: top(10, sum(["service", "method", "route"], increase(asked()))), legend: "" }],
  }),
];

const refusals = (): readonly PanelOf[] => [
  graph({
    title: "Failures by code",
    about: "Calls a second that the service failed, by the code in the answer.",
    unit: "reqps",
    queries: [{ expr: sum(["code"], rate(served(m.errors_total))), legend: "{{code}}" }],
  }),
  graph({
    title: "Calls without a good credential",
    about: "Calls a second with no key or token, or a bad one. A sudden rise is a rotated key, or somebody who tries.",
    unit: "reqps",
    queries: [{ expr: sum(BY_SERVICE, rate(served(m.auth_failures_total))), legend: "{{service}}" }],
  }),
  graph({
    title: "Calls refused by a limit",
    about: "Calls a second that were answered 429, by the limit.",
    unit: "reqps",
    queries: [{ expr: sum(["tier"], rate(served(m.rate_limited_total))), legend: "{{tier}}" }],
  }),
];

const sockets = (): readonly PanelOf[] => [
  webSockets(),
  graph({
    title: "Frames",
    about: "Frames a second on open sockets, as the service sees them.",
    unit: "ops",
    queries: [{ expr: sum(["direction"], rate(served(m.websocket_frames_total))), legend: "{{direction}}" }],
  }),
  graph({
    title: "Sockets that ended",
    about: "By close code: 1000 and 1001 are usual, 1012 is a rollout, 4401 to 4429 are refusals.",
    unit: "ops",
    queries: [{ expr: sum(["code"], rate(served(m.websocket_closes_total))), legend: "{{code}}" }],
  }),
];

export function webSockets(): PanelOf {
  return graph({
    title: "WebSocket connections",
    about: "Sockets that are open now, by service.",
    unit: "short",
    queries: [{ expr: sum(BY_SERVICE, served(m.websocket_connections)), legend: "{{service}}" }],
  });
}

const database = (scope: DashboardScope): readonly PanelOf[] => [
  graph({
    title: "Pool in use",
    about: "Part of the connections that the fullest pod may open and uses. At 100 % calls wait.",
    unit: "percentunit",
    limits: levelsOf(scope, "databaseConnections"),
    queries: [
      {
        expr: max(BY_SERVICE, `${served(m.db_connections_active)} / ${served(m.db_connections_max)}`),
        legend: "{{service}}",
      },
    ],
  }),
  graph({
    title: "Connections",
    about: "Of all pods: in use, free, and calls that wait for one.",
    unit: "short",
    queries: [
      { expr: sum([], served(m.db_connections_active)), legend: "in use" },
      { expr: sum([], served(m.db_connections_idle)), legend: "free" },
      { expr: sum([], served(m.db_connections_waiting)), legend: "calls that wait" },
    ],
  }),
  graph({
    title: "Statements",
    about: "Statements a second by their first word, and those that failed.",
    unit: "ops",
    queries: [
      { expr: sum(["type"], rate(served(m.db_queries_total, 'status="success"'))), legend: "{{type}}" },
      { expr: sum([], rate(served(m.db_queries_total, 'status="error"'))), legend: "failed" },
    ],
  }),
  graph({
    title: "Statement time",
    about: "Within which 50, 95 and 99 of 100 statements were done, the wait for a connection not counted.",
    unit: "s",
    width: 16,
    queries: [50, 95, 99].map((percent) => ({
      expr: quantile(percent / 100, BY_SERVICE, served(m.db_query_duration_seconds_bucket)),
      legend: `{{service}} p${percent}`,
      exemplars: percent === 99,
    })),
  }),
  stat({
    title: "Dependencies",
    about: "Whether the database, the cache and the object store answer, as the pod sees it that sees it worst.",
    unit: "short",
    width: 8,
    states: { 0: { text: "away", color: "red" }, 1: { text: "up", color: "green" } },
    limits: { bad: 1, lessIsWorse: true },
    queries: [{ expr: min(["service", "dependency"], served(m.dependency_up)), legend: "{{service}} {{dependency}}" }],
  }),
];

const processes = (scope: DashboardScope): readonly PanelOf[] => [
  graph({
    title: "Processor time",
    about: "Cores that each pod uses.",
    unit: "short",
    queries: [{ expr: rate(served(m.process_cpu_seconds_total)), legend: "{{service}} {{pod}}" }],
  }),
  graph({
    title: "Memory",
    about: "Memory that each pod's process holds, and JavaScript's heap in it.",
    unit: "bytes",
    queries: [
      { expr: served(m.process_resident_memory_bytes), legend: "{{service}} {{pod}}" },
      { expr: served(m.nodejs_heap_size_used_bytes), legend: "{{service}} {{pod}} heap" },
    ],
  }),
  graph({
    title: "Event loop delay",
    about:
      "99th percentile of how late timers come. Where it is high something computes for too long, and all calls wait.",
    unit: "s",
    limits: limitOf(scope, "eventLoopLag"),
    queries: [{ expr: served(m.nodejs_eventloop_lag_p99_seconds), legend: "{{service}} {{pod}}" }],
  }),
  graph({
    title: "Open files and sockets",
    about: "Part of what the process may open.",
    unit: "percentunit",
    limits: { warn: 0.7, bad: 0.9 },
    queries: [{ expr: `${served(m.process_open_fds)} / ${served(m.process_max_fds)}`, legend: "{{service}} {{pod}}" }],
  }),
  stat({
    title: "Modes",
    about: "Whether a service is read-only or in maintenance.",
    unit: "short",
    width: 8,
    states: { 0: { text: "off", color: "green" }, 1: { text: "on", color: "yellow" } },
    limits: { bad: 1 },
    queries: [{ expr: max(["service", "mode"], served(m.service_mode)), legend: "{{service}} {{mode}}" }],
  }),
  stat({
    title: "Limits without Redis",
    about: "Pods that count their part of the limits alone, because the cache is away.",
    unit: "short",
    width: 8,
    limits: { bad: 1 },
    queries: [{ expr: sum(BY_SERVICE, served(m.limits_degraded)), legend: "{{service}}" }],
  }),
];

const rest = (): readonly PanelOf[] => [
  graph({
    title: "Templates rendered",
    about: "Templates a second.",
    unit: "ops",
    queries: [{ expr: sum(BY_SERVICE, rate(served(m.templates_generated_total))), legend: "{{service}}" }],
  }),
  graph({
    title: "Template time",
    about: "How long a template takes in the mean, and within which 95 of 100 were rendered.",
    unit: "s",
    queries: [
      {
        expr: ratio(
          sum(BY_SERVICE, rate(served(m.templates_processing_duration_seconds_sum))),
          sum(BY_SERVICE, rate(served(m.templates_processing_duration_seconds_count))),
        ),
        legend: "{{service}} mean",
      },
      {
        expr: quantile(0.95, BY_SERVICE, served(m.templates_processing_duration_seconds_bucket)),
        legend: "{{service}} p95",
      },
    ],
  }),
  graph({
    title: "Objects",
    about: "Objects a second that were stored and deleted.",
    unit: "ops",
    queries: [
      { expr: sum([], rate(served(m.objects_stored_total))), legend: "stored" },
      { expr: sum([], rate(served(m.objects_deleted_total))), legend: "deleted" },
    ],
  }),
  graph({
    title: "Searches in memory",
    about: "Searches a second by their mode, and those that failed.",
    unit: "ops",
    queries: [
      { expr: sum(["mode"], rate(served(m.vector_search_requests_total))), legend: "{{mode}}" },
      { expr: sum([], rate(served(m.vector_search_requests_total, 'status="error"'))), legend: "failed" },
    ],
  }),
  graph({
    title: "Search time",
    about: "Within which 95 of 100 searches were done.",
    unit: "s",
    queries: [{ expr: quantile(0.95, ["mode"], served(m.vector_search_duration_seconds_bucket)), legend: "{{mode}}" }],
  }),
  graph({
    title: "Traces and errors sent",
    about: "Batches a second of traces and of error reports, and how that ended.",
    unit: "ops",
    queries: [
      { expr: sum(["signal", "outcome"], rate(served(m.telemetry_exports_total))), legend: "{{signal}} {{outcome}}" },
    ],
  }),
];
