import { problems } from "../http/problem.js";

/**
 * Every metric that the service has, once. It is registered at boot and zero until something feeds it; rules and
 * dashboards read `service/metrics.json`, which is written from here. No label can take more values than its row says:
 * a label that a stranger fills would fill Prometheus too.
 */
export interface MetricRow {
  readonly type: "counter" | "gauge" | "histogram";
  readonly unit: "count" | "seconds" | "bytes" | "ratio" | "state";
  readonly help: string;
  readonly labels?: Readonly<Record<string, Label>>;
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
}

/** `first`: the values that the series of the first scrape have. */
export type Label =
  | { readonly kind: "oneOf"; readonly values: readonly string[]; readonly first: readonly string[] }
  | { readonly kind: "listed"; readonly values: readonly string[]; readonly first: readonly string[] }
  | { readonly kind: "distinct"; readonly atMost: number; readonly of: string; readonly first: readonly string[] };

/** A value that is in no list, or one too many. */
export const OTHER = "other";
/** Stands for all values until the first real one comes, so that the metric is there and zero. */
export const NONE = "none";

/** The code knows every value: a wrong one does not compile. */
const oneOf = <const V extends string>(...values: readonly V[]) => ({ kind: "oneOf", values, first: values }) as const;

/** Values come from outside; what is not listed counts as `other`. */
const listed = (values: readonly string[], first: readonly string[] = values) =>
  ({ kind: "listed", values: [...values, OTHER], first }) as const;

/** Values are known at run time only; those above the number count as `other`. */
const distinct = (atMost: number, of: string, first: readonly string[] = [NONE]) =>
  ({ kind: "distinct", atMost, of, first }) as const;

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/** nginx's code for a caller who hung up before the answer was whole. */
export const CLIENT_GONE = 499;

const method = listed(METHODS, ["GET"]);
/** Only rows of the route table: a path of a stranger is `unmatched`. */
const route = distinct(300, "the path's pattern in the route table, or unmatched", ["unmatched"]);
const status = distinct(60, "an HTTP status code; 499: the caller left", ["200", "500"]);
const provider = distinct(20, "a provider's name");
const model = distinct(100, "a model's name");
const agent_name = distinct(200, "an agent's name");

const STATEMENTS = ["select", "insert", "update", "delete", "with", "begin", "commit", "rollback"];
const statement = listed(STATEMENTS, STATEMENTS.slice(0, 4));

/** Those of RFC 6455 that are seen, and the service's own. */
const CLOSE_CODES = [
  1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013, 4401, 4403, 4408, 4429,
].map(String);

const failures = Object.entries(problems).flatMap(([code, kind]) => (kind.status >= 500 ? [code] : []));

const CALLS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60];
const QUERIES = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30];
const SEARCHES = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
const ANSWERS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120];

export const metricTable = {
  http_requests_total: {
    type: "counter",
    unit: "count",
    help: "Calls that were answered, or that the caller left (status 499)",
    labels: { method, route, status },
  },
  http_request_duration_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "Time from a call's headers to the end of its answer",
    labels: { method, route, status_class: listed(["1xx", "2xx", "3xx", "4xx", "5xx"], ["2xx", "5xx"]) },
    buckets: CALLS,
  },
  http_requests_in_flight: { type: "gauge", unit: "count", help: "Calls that are being answered now" },
  errors_total: {
    type: "counter",
    unit: "count",
    help: "Calls that the service failed (5xx), by the problem's code",
    labels: { code: listed(failures) },
  },
  auth_failures_total: { type: "counter", unit: "count", help: "Calls with no credential or a bad one" },
  rate_limited_total: {
    type: "counter",
    unit: "count",
    help: "Calls refused by a limit",
    labels: { tier: oneOf("global", "api", "ai", "tokens", "credentials") },
  },
  limits_degraded: {
    type: "gauge",
    unit: "state",
    help: "1 while Redis is away and each process counts its part of the limits alone",
  },

  websocket_connections: { type: "gauge", unit: "count", help: "Sockets that are open now" },
  websocket_frames_total: {
    type: "counter",
    unit: "count",
    help: "Frames of sockets, by direction as the service sees it",
    labels: { direction: oneOf("in", "out") },
  },
  websocket_closes_total: {
    type: "counter",
    unit: "count",
    help: "Sockets that ended, by close code",
    labels: {
      code: listed(CLOSE_CODES, ["1000", "1012", "4401", "4403", "4408", "4429"]),
    },
  },

  db_connections_active: { type: "gauge", unit: "count", help: "Connections to the database that are in use" },
  db_connections_idle: { type: "gauge", unit: "count", help: "Connections to the database that are free" },
  db_connections_waiting: { type: "gauge", unit: "count", help: "Calls that wait for a connection to the database" },
  db_connections_max: { type: "gauge", unit: "count", help: "Connections to the database that may be open at most" },
  db_queries_total: {
    type: "counter",
    unit: "count",
    help: "Statements, by their first word",
    labels: {
      type: statement,
      status: oneOf("success", "error"),
    },
  },
  db_query_duration_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "Time of a statement, the wait for a connection not counted",
    labels: { type: statement },
    buckets: QUERIES,
  },
  dependency_up: {
    type: "gauge",
    unit: "state",
    help: "1 while a dependency answers, 0 while it is away; one that is not configured has no series",
    labels: { dependency: distinct(20, "what readiness looks at: database, redis, objects") },
  },

  vector_search_requests_total: {
    type: "counter",
    unit: "count",
    help: "Searches in memory",
    labels: { mode: oneOf("vector", "text", "hybrid"), status: oneOf("success", "error") },
  },
  vector_search_duration_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "Time of a search in memory",
    labels: { mode: oneOf("vector", "text", "hybrid") },
    buckets: SEARCHES,
  },

  objects_stored_total: { type: "counter", unit: "count", help: "Objects that were stored" },
  objects_stored_bytes_total: { type: "counter", unit: "bytes", help: "Bytes of the objects that were stored" },
  objects_deleted_total: { type: "counter", unit: "count", help: "Objects that were deleted" },

  agent_executions_total: {
    type: "counter",
    unit: "count",
    help: "Runs of agents that ended",
    labels: { agent_name, status: oneOf("success", "error", "cancelled", "timeout") },
  },
  agent_execution_duration_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "Time of an agent's run",
    labels: { agent_name },
    buckets: ANSWERS,
  },
  agent_health: {
    type: "gauge",
    unit: "ratio",
    help: "An agent's health from 0 to 1; none is the series of a process that has no agent yet",
    labels: { agent_name },
  },
  run_queue_depth: { type: "gauge", unit: "count", help: "Runs that wait for a worker" },
  dead_letters: { type: "gauge", unit: "count", help: "Runs that were given up and wait for a person" },
  dead_letters_oldest_age_seconds: { type: "gauge", unit: "seconds", help: "Age of the oldest dead letter" },

  chat_messages_total: { type: "counter", unit: "count", help: "Messages of chats that were answered" },
  chat_active_sessions: { type: "gauge", unit: "count", help: "Chats with a message in the last minutes" },
  templates_generated_total: { type: "counter", unit: "count", help: "Templates that were rendered" },
  templates_processing_duration_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "Time to render a template",
    buckets: QUERIES,
  },
  ai_failures_total: {
    type: "counter",
    unit: "count",
    help: "Model calls that a provider failed, retries counted",
    labels: { provider },
  },
  ai_response_duration_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "Time of a whole model answer, retries and failover included",
    labels: { provider },
    buckets: ANSWERS,
  },

  llm_attempts_total: {
    type: "counter",
    unit: "count",
    help: "Attempts at a provider, by how they ended",
    labels: {
      provider,
      outcome: oneOf(
        "success",
        "connect_error",
        "server_error",
        "timeout",
        "cut",
        "malformed",
        "rate_limited",
        "credential",
        "context_length",
        "unsupported",
        "refused",
        "content_filter",
        "cancelled",
      ),
    },
  },
  llm_failover_total: {
    type: "counter",
    unit: "count",
    help: "Calls that went on to another provider",
    labels: { from: provider, to: provider },
  },
  llm_breaker_state: {
    type: "gauge",
    unit: "state",
    help: "A breaker: 0 closed, 1 half-open, 2 open",
    labels: { provider, model },
  },
  llm_ttft_seconds: {
    type: "histogram",
    unit: "seconds",
    help: "Time to a model's first token",
    labels: { provider },
    buckets: ANSWERS,
  },
  llm_tokens_total: {
    type: "counter",
    unit: "count",
    help: "Tokens that models took and gave",
    labels: { provider, model, direction: oneOf("input", "output") },
  },
  llm_usage_estimated_total: {
    type: "counter",
    unit: "count",
    help: "Calls whose tokens the provider did not count, or not to the end: they are estimated by length",
    labels: { provider },
  },
  llm_cost_usd_total: {
    type: "counter",
    unit: "count",
    help: "US dollars for tokens, of models that have a price in the settings",
    labels: { provider, model },
  },
  llm_credential_refused: {
    type: "gauge",
    unit: "state",
    help: "1 while a provider refuses its key: it is left alone until a look finds that it takes it",
    labels: { provider },
  },
  llm_provider_up: {
    type: "gauge",
    unit: "state",
    help: "1 while a provider answers, 0 while it does not; by calls, and by a look while none come",
    labels: { provider },
  },

  business_events_total: {
    type: "counter",
    unit: "count",
    help: "What agents and webhooks report: an order, a cart left, an objective met",
    labels: { event: distinct(50, "an event's name") },
  },
  business_value_total: {
    type: "counter",
    unit: "count",
    help: "The sum of the values that came with those events",
    labels: { event: distinct(50, "an event's name") },
  },

  service_mode: {
    type: "gauge",
    unit: "state",
    help: "1 while a mode is on",
    labels: { mode: oneOf("read_only", "maintenance") },
  },
  telemetry_exports_total: {
    type: "counter",
    unit: "count",
    help: "Batches of traces and reports of errors that were sent, or could not be",
    labels: { signal: oneOf("traces", "errors"), outcome: oneOf("success", "failure") },
  },
  build_info: {
    type: "gauge",
    unit: "state",
    help: "Always 1: what runs",
    labels: { version: distinct(1, "the service's version"), role: distinct(1, "ROLE") },
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

/** Those of the Node.js process that rules may stand on; prom-client gives them, and more that nothing stands on. */
export const processMetrics = {
  process_cpu_seconds_total: { type: "counter", unit: "seconds", help: "Processor time of the process" },
  process_resident_memory_bytes: { type: "gauge", unit: "bytes", help: "Memory that the process holds" },
  process_open_fds: { type: "gauge", unit: "count", help: "Files and sockets that are open" },
  process_max_fds: { type: "gauge", unit: "count", help: "Files and sockets that may be open at most" },
  process_start_time_seconds: { type: "gauge", unit: "seconds", help: "When the process started, since 1970" },
  nodejs_heap_size_used_bytes: { type: "gauge", unit: "bytes", help: "JavaScript heap in use" },
  nodejs_heap_size_total_bytes: { type: "gauge", unit: "bytes", help: "JavaScript heap that is reserved" },
  nodejs_eventloop_lag_p99_seconds: {
    type: "gauge",
    unit: "seconds",
    help: "Delay of the event loop since the last scrape, 99th percentile",
  },
} as const satisfies Readonly<Record<string, MetricRow>>;
