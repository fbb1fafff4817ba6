import type { Dashboard, Panel, RowPanel } from "@grafana/grafana-foundation-sdk/dashboard";
import type { DashboardScope } from "../../../components/monitoring/dashboards/scope.js";
import type { RuleScope } from "../../../components/monitoring/rules/scope.js";

/** Dashboards as whoever looks at them asks for data. */

export const drawn = (scope: RuleScope, more: Partial<DashboardScope> = {}): DashboardScope => ({
  ...scope,
  traces: true,
  logs: undefined,
  ...more,
});

export interface Shown {
  readonly panel: Panel;
  /** `application/Request rate`: no two are called the same. */
  readonly name: string;
  readonly queries: readonly string[];
}

const isRow = (panel: Panel | RowPanel): panel is RowPanel => panel.type === "row";

export const rowsOf = ({ panels = [] }: Dashboard): readonly string[] =>
  panels.filter(isRow).map(({ title }) => title ?? "");

export const shownOn = ({ uid, panels = [] }: Dashboard): readonly Shown[] =>
  panels.flatMap((panel) =>
    isRow(panel) ? [] : [{ panel, name: `${uid}/${panel.title}`, queries: queriesOf(panel) }],
  );

const queriesOf = ({ targets = [] }: Panel): readonly string[] =>
  targets.map((target) => ("expr" in target ? String(target.expr) : ""));

/** Seconds for what Grafana fills in. */
export interface Times {
  /** That rates are taken over. */
  readonly rate: number;
  /** That is looked at. */
  readonly range: number;
}

/** As Grafana asks where nobody has chosen anything: of all environments and all services. */
export const filledIn = (query: string, { rate, range }: Times = { rate: 60, range: 3600 }): string =>
  query
    .replaceAll("$__rate_interval", `${rate}s`)
    .replaceAll("$__range", `${range}s`)
    .replaceAll("$environment", ".*")
    .replaceAll("$service", ".+");
