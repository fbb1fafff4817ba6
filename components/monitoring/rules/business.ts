import { type BusinessMetric, businessOf } from "../../../config/service-schema.js";
import { annotationsOf } from "./annotations.js";
import type { AlertingRule } from "./row.js";
import { duration, measured, type RuleScope } from "./scope.js";

/** What a service says of its business, and whom it wakes. */

export const businessAlertNames = ["BusinessMetricHigh", "BusinessMetricLow"] as const;

const together: { readonly [A in BusinessMetric["across"]]: (series: string) => string } = {
  sum: (series) => `sum(${series})`,
  average: (series) => `avg(${series})`,
  most: (series) => `max(${series})`,
};

/** What is shown and held against bounds: of what only grows, what came in the last hour. */
export function businessValue({ name, across }: BusinessMetric, service: string): string {
  const series = `${name}{service="${service}"}`;
  return together[across](name.endsWith("_total") ? `increase(${series}[1h])` : series);
}

/** In the first hour little came in, whatever comes. */
const knownFor = ({ name }: BusinessMetric, service: string): string =>
  name.endsWith("_total") ? ` and on () sum(${name}{service="${service}"} offset 1h)` : "";

export const businessAlerts = (scope: RuleScope): readonly AlertingRule[] =>
  measured(scope).flatMap((service) => {
    const settings = scope.running[service];
    return settings === undefined ? [] : businessOf(settings).flatMap((metric) => alertsFor(metric, service, scope));
  });

function alertsFor(metric: BusinessMetric, service: string, scope: RuleScope): readonly AlertingRule[] {
  const { name, title = name, unit = "", alert } = metric;
  if (alert === undefined) return [];
  const { above, below, minutes, severity } = alert;
  const rule = (named: (typeof businessAlertNames)[number], sign: string, limit: number): AlertingRule => ({
    alert: named,
    expr: `${businessValue(metric, service)} ${sign} ${limit}${sign === "<" ? knownFor(metric, service) : ""}`,
    for: duration(minutes),
    labels: { severity, service, metric: name },
    annotations: annotationsOf(
      named,
      {
        summary: `${title} of ${service}: ${sign === ">" ? "more" : "less"} than ${[limit, unit].join(" ").trim()}`,
        description: `${title} of ${service} is at {{ $value | humanize }}${unit === "" ? "" : ` ${unit}`}${name.endsWith("_total") ? " an hour" : ""}.`,
      },
      scope,
      "business",
    ),
  });
  return [
    ...(above === undefined ? [] : [rule("BusinessMetricHigh", ">", above)]),
    ...(below === undefined ? [] : [rule("BusinessMetricLow", "<", below)]),
  ];
}
