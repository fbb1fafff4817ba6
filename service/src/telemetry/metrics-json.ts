import { type Label, type MetricRow, metricTable, processMetrics } from "./metric-table.js";

/** `service/metrics.json`: what rules and dashboards may name, and which labels they may select by. */
export function metricsJson(): string {
  const tables: readonly Readonly<Record<string, MetricRow>>[] = [metricTable, processMetrics];
  const metrics = tables.flatMap((table) =>
    Object.entries(table).map(([name, { type, unit, help, labels = {}, buckets }]) => ({
      name,
      type,
      unit,
      help,
      labels: Object.fromEntries(Object.entries(labels).map(([label, about]) => [label, described(about)])),
      ...(buckets === undefined ? {} : { buckets }),
    })),
  );
  // A line a metric: a change of one is a change of one line.
  return `{"metrics": [\n${metrics.map((metric) => JSON.stringify(metric)).join(",\n")}\n]}\n`;
}

const described = (label: Label) =>
  label.kind === "distinct" ? { of: label.of, atMost: label.atMost } : { values: label.values };
