import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { m } from "../metrics/names.js";
import { JAEGER, type PanelOf, PROMETHEUS } from "./panel.js";
import { min, of, served } from "./query.js";
import type { DashboardScope } from "./scope.js";

export interface Row {
  readonly title: string;
  /** Whether the stack has any of it. @default true */
  readonly when?: boolean;
  /** Their widths make whole lines of 24 columns. */
  readonly panels: () => readonly PanelOf[];
}

export interface DashboardSpec {
  /** Its address and its file: it stays when the title changes. */
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  readonly rows: readonly Row[];
}

/** By it dashboards find each other. */
export const TAG = "agent-platform";

/** What all dashboards have: variables, what happened, ways to the others. Rows that would be empty are left out. */
export function dashboard({ uid, title, about, rows }: DashboardSpec, scope: DashboardScope): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(about)
    .tags([TAG])
    .readonly()
    .timezone("browser")
    .time({ from: "now-6h", to: "now" })
    .refresh("1m")
    .tooltip(DashboardCursorSync.Crosshair)
    .variables(variables())
    .annotations(annotations())
    .links(links(scope));
  for (const { title: name, panels, when = true } of rows) {
    if (!when) continue;
    builder.withRow(new RowBuilder(name));
    for (const panel of panels()) builder.withPanel(panel);
  }
  const built = builder.build();
  // Grafana would number them anew each time, and links to one panel would lead to another.
  for (const [index, panel] of (built.panels ?? []).entries()) panel.id = index + 1;
  return built;
}

const variable = (name: string, query: string, all: string) =>
  new QueryVariableBuilder(name)
    .label(name)
    .datasource(PROMETHEUS)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(all)
    .current({ selected: true, text: "All", value: "$__all" });

const variables = () => [
  variable("environment", `label_values(${m.up},environment)`, ".*"),
  // Series that belong to no service have no such label, and are none of them.
  variable("service", `label_values(${of(m.up)},service)`, ".+"),
];

/** What happened meanwhile, as lines across every panel. */
const annotations = () => [
  annotation("Alerts", "red", of(m.ALERTS, 'alertstate="firing"'))
    .titleFormat("{{alertname}}")
    .textFormat("{{severity}} {{service}} {{namespace}} {{pod}}")
    .tagKeys("alertname,severity")
    .step("60s"),
  // As long as pods of what was there before are there too; an autoscaler's changes are none.
  annotation(
    "Rollouts",
    "blue",
    `${of(m.kube_deployment_status_replicas, 'deployment=~"$service"')} > ${of(m.kube_deployment_status_replicas_updated)}`,
  )
    .titleFormat("{{deployment}} is rolled out")
    .textFormat("old pods go")
    .step("15s"),
  // The value is the moment, so that no step is too long to see it.
  annotation(
    "Versions",
    "purple",
    `${min(
      ["environment", "service", "version"],
      `${served(m.process_start_time_seconds)} * on (environment,service,instance) group_left (version) ${served(m.build_info)}`,
    )} * 1000`,
  )
    .titleFormat("{{service}} {{version}}")
    .textFormat("first of its pods that still run")
    .useValueForTime(true),
];

const annotation = (name: string, color: string, expr: string) =>
  new AnnotationQueryBuilder().name(name).datasource(PROMETHEUS).enable(true).iconColor(color).expr(expr);

function links({ traces, logs }: DashboardScope) {
  const others = new DashboardLinkBuilder("Dashboards")
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true);
  const away = (title: string, url: string) => new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(url);
  return [
    others,
    ...(traces ? [away("Traces", tracesOf("")).keepTime(true)] : []),
    ...(logs === undefined ? [] : [away("Logs", logs).targetBlank(true)]),
  ];
}

/** Grafana fills it in when somebody looks. */
const filledIn = (name: string): string => `\${${name}}`;

/** Grafana's own search in Jaeger. */
const tracesOf = (service: string): string => {
  const panes = {
    traces: {
      datasource: JAEGER.uid,
      queries: [{ refId: "A", datasource: JAEGER, queryType: "search", service }],
      range: { from: filledIn("__from"), to: filledIn("__to") },
    },
  };
  const encoded = encodeURIComponent(JSON.stringify(panes));
  return `/explore?schemaVersion=1&orgId=1&panes=${encoded.replace(/%24%7B([\w.]+)%7D/g, (_, name) => filledIn(name))}`;
};

const SERVICE = filledIn("__field.labels.service");

/** On a line of one service: the traces that were made meanwhile. */
export const toTraces = ({ traces }: DashboardScope) =>
  traces ? [{ title: `Traces of ${SERVICE}`, url: tracesOf(SERVICE) }] : [];
