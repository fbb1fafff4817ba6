import { m } from "../metrics/names.js";
import { agentic, callable, some, tells } from "../rules/scope.js";
import { agentHealth } from "./agents.js";
import { asked, errorRatio, requestRate, responseTime, responseTimes, webSockets } from "./application.js";
import { dashboard } from "./dashboard.js";
import { nodesReady, podsWanted } from "./infrastructure.js";
import { graph, type PanelOf, stat, table } from "./panel.js";
import { count, increase, max, min, of, rate, ratio, served, sum } from "./query.js";
import { type DashboardScope, strictest } from "./scope.js";

/** The first page: whether all is well, and where to look if it is not. */
export function overview(scope: DashboardScope) {
  const runsAgents = some(agentic)(scope);
  const answers = some(callable)(scope);
  return dashboard(
    {
      uid: "overview",
      title: "System Overview",
      about: "Whether all is well, and where to look if it is not.",
      rows: [
        {
          title: "Now",
          panels: () => [
            ...(runsAgents ? [agentHealth(scope), cost()] : []),
            ...(answers ? [failedNow(scope)] : []),
            alerts(),
            nodesReady(),
            targets(),
          ],
        },
        {
          title: "Callers",
          when: answers,
          panels: () => [requestRate(), errorRatio(scope), responseTime(scope), responseTimes()],
        },
        {
          title: "What runs",
          panels: () => [podsWanted(), ...(runsAgents ? [webSockets(), providers(), waiting(), versions()] : [])],
        },
        { title: "What is wrong", panels: () => [firing()] },
        { title: "From outside", when: tells("cloud:uptime_success")(scope), panels: () => [outside()] },
      ],
    },
    scope,
  );
}

const alerts = (): PanelOf =>
  stat({
    title: "Alerts",
    about: "Alerts that fire and that somebody should look at.",
    unit: "short",
    limits: { bad: 1 },
    queries: [
      {
        expr: `${count([], of(m.ALERTS, 'alertstate="firing"', 'severity=~"critical|warning"'))} or vector(0)`,
        legend: "firing",
      },
    ],
  });

const failedNow = (scope: DashboardScope): PanelOf =>
  stat({
    title: "Failed now",
    about: "Part of all calls that services failed (5xx).",
    unit: "percentunit",
    limits: { bad: strictest(scope, "errors") / 100 },
    queries: [{ expr: ratio(sum([], rate(asked('status=~"5.."'))), sum([], rate(asked()))), legend: "failed" }],
  });

const targets = (): PanelOf =>
  stat({
    title: "Targets down",
    about: "What Prometheus would read and cannot.",
    unit: "short",
    limits: { bad: 1 },
    queries: [{ expr: sum([], `1 - ${of(m.up)}`), legend: "down" }],
  });

const cost = (): PanelOf =>
  stat({
    title: "Cost",
    about: "US dollars for tokens over the time that is looked at.",
    unit: "currencyUSD",
    queries: [{ expr: sum([], increase(served(m.llm_cost_usd_total))), legend: "cost" }],
  });

const providers = (): PanelOf =>
  graph({
    title: "Model providers",
    about: "Attempts a second at each provider; a line that comes up while another goes down is a failover.",
    unit: "reqps",
    queries: [{ expr: sum(["provider"], rate(served(m.llm_attempts_total))), legend: "{{provider}}" }],
  });

const waiting = (): PanelOf =>
  graph({
    title: "Runs that wait",
    about: "Runs in the queue, and those that were given up.",
    unit: "short",
    width: 12,
    queries: [
      { expr: max(["service"], served(m.run_queue_depth)), legend: "{{service}} waits" },
      { expr: max(["service"], served(m.dead_letters)), legend: "{{service}} given up" },
    ],
  });

const versions = (): PanelOf =>
  table({
    title: "Versions",
    about: "What runs: pods of each version and role.",
    unit: "short",
    width: 12,
    queries: [{ expr: count(["service", "version", "role"], served(m.build_info)), legend: "" }],
  });

const firing = (): PanelOf =>
  table({
    title: "Alerts that fire",
    about: "What is wrong now; each has a runbook that says what to do.",
    unit: "short",
    width: 24,
    hidden: ["Value", "__name__", "alertstate"],
    queries: [{ expr: of(m.ALERTS, 'alertstate="firing"'), legend: "" }],
  });

const outside = (): PanelOf =>
  graph({
    title: "Public routes",
    about: "Whether public routes answer, asked from outside.",
    unit: "percentunit",
    limits: { bad: 1, lessIsWorse: true },
    width: 24,
    queries: [{ expr: min(["check"], of(m["cloud:uptime_success"])), legend: "{{check}}" }],
  });
