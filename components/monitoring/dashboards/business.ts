import { type BusinessMetric, businessOf } from "../../../config/service-schema.js";
import { m } from "../metrics/names.js";
import { businessValue } from "../rules/business.js";
import { agentic, measured, some } from "../rules/scope.js";
import { dashboard } from "./dashboard.js";
import { graph, type Limits, type PanelOf, stat, table } from "./panel.js";
import { increase, rate, served, sum } from "./query.js";
import type { DashboardScope } from "./scope.js";

/** What it is all for: what services say of themselves by `metrics.business`, and what agents and webhooks report. */
export const business = (scope: DashboardScope) =>
  dashboard(
    {
      uid: "business",
      title: "Business Metrics",
      about:
        "What services report of the business: metrics that `services.NAME.metrics.business` names, and events of agents and webhooks.",
      rows: [
        { title: "Events", when: some(agentic)(scope), panels: events },
        ...measured(scope).map((service) => {
          const metrics = businessOf(scope.running[service] ?? {});
          return {
            title: service,
            when: metrics.length > 0,
            panels: () => metrics.flatMap((one) => own(service, one)),
          };
        }),
      ],
    },
    scope,
  );

const events = (): readonly PanelOf[] => [
  stat({
    title: "Events reported",
    about: "Events over the time that is looked at: an order, a cart left, an objective met.",
    unit: "short",
    width: 6,
    queries: [{ expr: sum([], increase(served(m.business_events_total))), legend: "events" }],
  }),
  stat({
    title: "Value delivered",
    about: "The sum of the values that came with the events, over the time that is looked at.",
    unit: "short",
    width: 6,
    queries: [{ expr: sum([], increase(served(m.business_value_total))), legend: "value" }],
  }),
  table({
    title: "By event",
    about: "How often each event was reported over the time that is looked at.",
    unit: "short",
    width: 12,
    queries: [{ expr: sum(["service", "event"], increase(served(m.business_events_total))), legend: "" }],
  }),
  graph({
    title: "Events over time",
    about: "Events a second, by what they are.",
    unit: "cps",
    width: 12,
    queries: [{ expr: sum(["event"], rate(served(m.business_events_total))), legend: "{{event}}" }],
  }),
  graph({
    title: "Value over time",
    about: "Value a second, by the event that it came with.",
    unit: "cps",
    width: 12,
    queries: [{ expr: sum(["event"], rate(served(m.business_value_total))), legend: "{{event}}" }],
  }),
];

function own(service: string, metric: BusinessMetric): readonly PanelOf[] {
  const { name, title = name, unit = "" } = metric;
  const counts = name.endsWith("_total");
  const said = `\`${name}\` of ${service}${unit === "" ? "" : `, ${unit}`}`;
  const query = { expr: businessValue(metric, service), legend: title };
  const about = counts ? `${said}: what came in the last hour.` : `${said}.`;
  return [
    stat({ title, about, unit: "short", width: 6, limits: limitsOf(metric), queries: [query] }),
    graph({ title: `${title} over time`, about, unit: "short", width: 18, limits: limitsOf(metric), queries: [query] }),
  ];
}

/** Where its alerts begin. */
function limitsOf({ alert }: BusinessMetric): Limits | undefined {
  if (alert?.above !== undefined) return { bad: alert.above };
  return alert?.below === undefined ? undefined : { bad: alert.below, lessIsWorse: true };
}
