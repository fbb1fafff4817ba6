import { type Label, type MetricRow, metricTable, processMetrics } from "./metric-table.js";

/** `service/metrics.json`: what rules and dashboards may name, and which labels they may select by. */
export function metricsJson(): string {
  const tables: readonly Readonly<Record<string, MetricRow>>[] = [metricTable, processMetrics];
  // A line a metric: a change of one is a change of one line. By name, so that a compiler that reads it knows the names.
  const lines = tables.flatMap((table) =>
    Object.entries(table).map(([name, { type, unit, help, labels = {}, buckets }]) => {
      const described = Object.fromEntries(Object.entries(labels).map(([label, about]) => [label, valuesOf(about)]));
      const metric = { type, unit, help, labels: described, ...(buckets === undefined ? {} : { buckets }) };
      return `"${name}":${JSON.stringify(metric)}`;
    }),
  );
  return `{"metrics": {\n${lines.join(",\n")}\n}}\n`;
}

const valuesOf = (label: Label) =>
  label.kind === "distinct" ? { of: label.of, atMost: label.atMost } : { values: label.values };
