import type { ServiceSettings } from "../../../config/service-schema.js";
import { alertsOf, callable, type RuleScope } from "../rules/scope.js";
import type { Limits } from "./panel.js";

/** What dashboards are drawn for: what rules are made for, and where else people may look. */
export interface DashboardScope extends RuleScope {
  /** Whether the Grafana has the data source `jaeger`: lines lead to traces then. */
  readonly traces: boolean;
  /** Where logs are read, if anywhere: each dashboard leads there. */
  readonly logs: string | undefined;
}

type Slo = ServiceSettings["slo"];

/** Of several services on one panel the strictest promise is the one that is drawn. */
export function strictest(scope: DashboardScope, promise: keyof Slo): number {
  const said = callable(scope).flatMap((service) => scope.running[service]?.slo[promise] ?? []);
  const most = promise === "availability" || promise === "agentHealth";
  return most ? Math.max(...said) : Math.min(...said);
}

type Alerts = ReturnType<typeof alertsOf>;
type Names<T> = { readonly [K in keyof Alerts]-?: Alerts[K] extends T ? K : never }[keyof Alerts];
interface Levels {
  readonly warning: number;
  readonly critical: number;
}

const PERCENT = 100;

/** Where alerts begin: the same numbers on panels, in a panel's own unit. */
export const levelsOf = (scope: DashboardScope, name: Names<Levels>, per = PERCENT): Limits => {
  const { warning, critical } = alertsOf(scope)[name];
  return { warn: warning / per, bad: critical / per };
};
export const limitOf = (scope: DashboardScope, name: Names<number>, per = 1): Limits => ({
  bad: alertsOf(scope)[name] / per,
});
