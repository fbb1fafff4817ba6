import type { AlertName } from "../rules/index.js";

/** Which alerts are not told because another one says what is behind them. */

interface Cause {
  readonly alert: AlertName;
  /** What is so because of it. */
  readonly mutes: readonly AlertName[];
  /** In what the two must agree, beside the environment. */
  readonly same: readonly string[];
}

/** All by which alerts say what they are about, where one name is told as bad and as worse. */
export const subjects = [
  "service",
  "dependency",
  "slo",
  "budget",
  "metric",
  "database",
  "cache",
  "instance",
  "application_name",
  "client_addr",
  "namespace",
  "pod",
  "container",
  "persistentvolumeclaim",
  "node",
  "mountpoint",
  "name",
] as const;

export const causes: readonly Cause[] = [
  {
    alert: "ServiceDown",
    mutes: [
      "HighErrorRate",
      "HighResponseTime",
      "HighLatency",
      "ErrorBudgetBurnFast",
      "ErrorBudgetBurn",
      "ErrorBudgetBurnSlow",
    ],
    same: ["service"],
  },
  { alert: "ErrorBudgetBurnFast", mutes: ["ErrorBudgetBurn", "ErrorBudgetBurnSlow"], same: ["service", "slo"] },
  { alert: "ErrorBudgetBurn", mutes: ["ErrorBudgetBurnSlow"], same: ["service", "slo"] },
  {
    alert: "AllProvidersDown",
    mutes: ["ProviderDown", "BreakerOpen", "ProviderFailover", "SlowFirstToken"],
    same: ["service"],
  },
  { alert: "DatabaseDown", mutes: ["DatabaseSessionsHigh", "ReplicationLag"], same: ["database"] },
  { alert: "CacheDown", mutes: ["CacheMemoryHigh"], same: ["cache"] },
  {
    alert: "NodeNotReady",
    mutes: ["PodNotReady", "NodeCpuHigh", "NodeMemoryHigh", "LogsNotDelivered"],
    same: ["node"],
  },
];

const matches = (...names: readonly string[]): string =>
  names.length === 1 ? `alertname="${names[0]}"` : `alertname=~"${names.join("|")}"`;

/** The same trouble, told again: it is worse by now. What neither of the two says is the same to Alertmanager. */
const worse = (source: string, target: string) => ({
  source_matchers: [`severity="${source}"`],
  target_matchers: [`severity=~"${target}"`],
  equal: ["alertname", "environment", ...subjects],
});

export const renderInhibitions = () => [
  worse("critical", "warning|info"),
  worse("warning", "info"),
  ...causes.map(({ alert, mutes, same }) => ({
    source_matchers: [matches(alert)],
    target_matchers: [matches(...mutes)],
    equal: ["environment", ...same],
  })),
];
