import { m } from "../metrics/names.js";
import { agentic, alertsOf, some } from "../rules/scope.js";
import { dashboard, toTraces } from "./dashboard.js";
import { gauge, graph, heatmap, type Limits, type PanelOf, stat, table } from "./panel.js";
import { avg, increase, max, min, quantile, rate, ratio, served, sum, top } from "./query.js";
import { type DashboardScope, limitOf, strictest } from "./scope.js";

/** How agents do their work. */
export function agents(scope: DashboardScope) {
  const when = some(agentic)(scope);
  return dashboard(
    {
      uid: "agents",
      title: "Agent Performance",
      about: "How well agents are, how their runs end, how long they take, and what waits.",
      rows: [
        { title: "Health", when, panels: () => health(scope) },
        { title: "Runs", when, panels: () => runs(scope) },
        { title: "Queue and dead letters", when, panels: () => queue(scope) },
        { title: "Chats", when, panels: chats },
      ],
    },
    scope,
  );
}

/** Below it a release is taken back. */
const TAKEN_BACK = 0.9;
const AIMED_AT = 0.99;

const limitsOf = (scope: DashboardScope): Limits => {
  const promised = strictest(scope, "agentHealth");
  return {
    best: Math.max(AIMED_AT, promised),
    ...(promised > TAKEN_BACK ? { warn: promised, bad: TAKEN_BACK } : { bad: promised }),
    lessIsWorse: true,
  };
};

/** The stand-in of a process that has no agent yet. */
const AGENTS = 'agent_name!="none"';

export const agentHealth = (scope: DashboardScope): PanelOf =>
  gauge({
    title: "Agent health",
    about:
      "Mean health of all agents, from 0 to 1. Below 0.90 a release is taken back; below the strictest promise (`slo.agentHealth`) alerts begin.",
    unit: "percentunit",
    min: 0,
    max: 1,
    limits: limitsOf(scope),
    queries: [{ expr: avg([], served(m.agent_health, AGENTS)), legend: "agents" }],
  });

const health = (scope: DashboardScope): readonly PanelOf[] => [
  agentHealth(scope),
  stat({
    title: "Worst agent",
    about: "Health of the agent that is least well.",
    unit: "percentunit",
    limits: limitsOf(scope),
    queries: [{ expr: min([], served(m.agent_health, AGENTS)), legend: "worst" }],
  }),
  graph({
    title: "Health by agent",
    about: "Health of each agent over time.",
    unit: "percentunit",
    limits: limitsOf(scope),
    width: 16,
    queries: [{ expr: avg(["agent_name"], served(m.agent_health, AGENTS)), legend: "{{agent_name}}" }],
  }),
];

const runs = (scope: DashboardScope): readonly PanelOf[] => [
  graph({
    title: "Executions",
    about: "Runs a second that ended, by how.",
    unit: "ops",
    stacked: true,
    queries: [{ expr: sum(["status"], rate(served(m.agent_executions_total))), legend: "{{status}}" }],
  }),
  graph({
    title: "Execution failures",
    about: "Part of each agent's runs that ended with an error or ran out of time.",
    unit: "percentunit",
    limits: limitOf(scope, "agentFailures", 100),
    queries: [
      {
        expr: ratio(
          sum(["agent_name"], rate(served(m.agent_executions_total, 'status=~"error|timeout"'))),
          sum(["agent_name"], rate(served(m.agent_executions_total))),
        ),
        legend: "{{agent_name}}",
      },
    ],
    links: toTraces(scope),
  }),
  graph({
    title: "Execution time",
    about: "Within which 50, 95 and 99 of 100 runs ended.",
    unit: "s",
    queries: [50, 95, 99].map((percent) => ({
      expr: quantile(percent / 100, [], served(m.agent_execution_duration_seconds_bucket)),
      legend: `p${percent}`,
      exemplars: percent === 99,
    })),
  }),
  heatmap({
    title: "Execution times",
    about: "How many runs took how long.",
    unit: "s",
    query: {
      expr: sum(["le"], `increase(${served(m.agent_execution_duration_seconds_bucket)}[$__rate_interval])`),
      legend: "{{le}}",
      exemplars: true,
    },
  }),
  table({
    title: "Slowest agents",
    about: "Agents by the time within which 95 of 100 of their runs ended, over the time that is looked at.",
    unit: "s",
    queries: [
      {
        expr: top(
          10,
          `histogram_quantile(0.95,${sum(["agent_name", "le"], increase(served(m.agent_execution_duration_seconds_bucket, AGENTS)))}) >= 0`,
        ),
        legend: "",
      },
    ],
  }),
  table({
    title: "Runs by agent",
    about: "Runs of each agent that ended over the time that is looked at, by how.",
    unit: "short",
    queries: [
      {
        expr: top(20, sum(["agent_name", "status"], increase(served(m.agent_executions_total, AGENTS)))),
        legend: "",
      },
    ],
  }),
];

const queue = (scope: DashboardScope): readonly PanelOf[] => [
  graph({
    title: "Runs that wait",
    about: "Runs in the queue that no worker has taken; it grows when there are too few workers.",
    unit: "short",
    limits: limitOf(scope, "queueDepth"),
    queries: [{ expr: max(["service"], served(m.run_queue_depth)), legend: "{{service}}" }],
  }),
  graph({
    title: "Dead letters",
    about: "Runs that were given up and wait for a person.",
    unit: "short",
    limits: { bad: alertsOf(scope).deadLetters + 1 },
    queries: [{ expr: max(["service"], served(m.dead_letters)), legend: "{{service}}" }],
  }),
  graph({
    title: "Oldest dead letter",
    about: "For how long the oldest of them has waited.",
    unit: "s",
    limits: limitOf(scope, "deadLetterHours", 1 / 3600),
    queries: [{ expr: max(["service"], served(m.dead_letters_oldest_age_seconds)), legend: "{{service}}" }],
  }),
];

const chats = (): readonly PanelOf[] => [
  graph({
    title: "Chat messages",
    about: "Messages a second that were answered.",
    unit: "ops",
    width: 12,
    queries: [{ expr: sum(["service"], rate(served(m.chat_messages_total))), legend: "{{service}}" }],
  }),
  graph({
    title: "Active chats",
    about: "Chats with a message in the last minutes.",
    unit: "short",
    width: 12,
    queries: [{ expr: sum(["service"], served(m.chat_active_sessions)), legend: "{{service}}" }],
  }),
];
