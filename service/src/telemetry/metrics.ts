import * as prometheus from "prom-client";
import { type Label, type MetricRow, metricTable, NONE, OTHER } from "./metric-table.js";
import { asOpenMetrics, OPEN_METRICS, wantsOpenMetrics } from "./open-metrics.js";
import { scopes } from "./scope.js";

type Table = typeof metricTable;
export type MetricName = keyof Table;

type ValueOf<L> = L extends { readonly kind: "oneOf"; readonly values: readonly (infer V)[] } ? V : string;
type LabelsOf<Row> = Row extends { readonly labels: infer L } ? { readonly [K in keyof L]: ValueOf<L[K]> } : never;
/** A metric without labels takes none; one with labels takes them all. */
type Args<Labels, Rest extends readonly unknown[]> = [Labels] extends [never] ? Rest : [labels: Labels, ...Rest];

interface Counter<Labels> {
  inc(...args: Args<Labels, [by?: number]>): void;
}
interface Gauge<Labels> {
  set(...args: Args<Labels, [value: number]>): void;
  inc(...args: Args<Labels, [by?: number]>): void;
  dec(...args: Args<Labels, [by?: number]>): void;
}
interface Histogram<Labels> {
  observe(...args: Args<Labels, [value: number]>): void;
}

interface Instruments<Labels> {
  readonly counter: Counter<Labels>;
  readonly gauge: Gauge<Labels>;
  readonly histogram: Histogram<Labels>;
}

type Instrument<Row extends MetricRow> = Instruments<LabelsOf<Row>>[Row["type"]];

type InstrumentsByName = { readonly [Name in MetricName]: Instrument<Table[Name]> };

export interface Metrics extends InstrumentsByName {
  /** What Prometheus scrapes, in the form that it accepts. */
  text(accept?: string): Promise<{ readonly contentType: string; readonly body: string }>;
  /** Runs before each scrape, for gauges that are looked up and not counted. */
  beforeScrape(look: () => void | Promise<void>): void;
  /** A series is there and zero from now on, because a rate of a series that appears at 1 is 0. */
  expectCalls(calls: Iterable<{ readonly method: string; readonly route: string; readonly status: number }>): void;
}

type Values = Readonly<Record<string, string>>;

/** What prom-client's three kinds have in common here: feed a series, make one at zero, drop one. */
interface Series {
  readonly feed: Readonly<Record<string, (labels: Values, value: number) => void>>;
  readonly zero: (labels: Values) => void;
  readonly remove: (labels: Values) => void;
}

/** prom-client writes one form for each registry, and in the other one renames the counters that it writes, for good. */
interface Registries {
  /** All of them. */
  readonly plain: prometheus.Registry;
  readonly histograms: prometheus.Registry<prometheus.OpenMetricsContentType>;
  readonly others: prometheus.Registry;
}

type Config = { name: string; help: string; labelNames: string[] };

const makers: {
  readonly [T in MetricRow["type"]]: (config: Config, registries: Registries, row: MetricRow) => Series;
} = {
  counter: (config, { plain, others }) => {
    const counter = new prometheus.Counter({ ...config, registers: [plain, others] });
    const inc = (labels: Values, by: number) => {
      if (by >= 0) counter.inc(labels, by);
    };
    return { feed: { inc }, zero: (labels) => counter.inc(labels, 0), remove: (labels) => counter.remove(labels) };
  },
  gauge: (config, { plain, others }) => {
    const gauge = new prometheus.Gauge({ ...config, registers: [plain, others] });
    return {
      feed: {
        set: (labels, value) => gauge.set(labels, value),
        inc: (labels, by) => gauge.inc(labels, by),
        dec: (labels, by) => gauge.dec(labels, by),
      },
      zero: (labels) => gauge.set(labels, 0),
      remove: (labels) => gauge.remove(labels),
    };
  },
  histogram: (config, { plain, histograms }, { buckets = [] }) => {
    const histogram = new prometheus.Histogram({
      ...config,
      buckets: [...buckets],
      enableExemplars: true,
      registers: [histograms],
    });
    // Not as the others are: it would be refused with exemplars, which the plain form only leaves out.
    plain.registerMetric(histogram);
    return {
      feed: { observe: (labels, value) => histogram.observe({ labels, value, ...exemplar() }) },
      zero: (labels) => histogram.zero(labels),
      remove: (labels) => histogram.remove(labels),
    };
  },
};

/** The trace that is looked up from a bucket, by the label that Grafana looks for; none of those that are sent nowhere. */
function exemplar(): { readonly exemplarLabels?: Values } {
  const trace = scopes.getStore()?.trace;
  return trace?.sampled === true ? { exemplarLabels: { trace_id: trace.traceId } } : {};
}

/** The value, or `other` where the label may not take it. */
function bound(label: Label): (value: string) => string {
  const values = new Set(label.kind === "distinct" ? [] : label.values);
  if (label.kind !== "distinct") return (value) => (values.has(value) ? value : OTHER);
  return (value) => {
    if (values.has(value)) return value;
    if (values.size >= label.atMost || value.length > 200) return OTHER;
    values.add(value);
    return value;
  };
}

function instrumentOf(name: string, row: MetricRow, registries: Registries): Instruments<Values>[MetricRow["type"]] {
  const labels = Object.entries(row.labels ?? {});
  const bounds = labels.map(([label, about]) => [label, bound(about)] as const);
  const series = makers[row.type](
    { name, help: row.help, labelNames: labels.map(([label]) => label) },
    registries,
    row,
  );
  const bounded = (given: Values) =>
    Object.fromEntries(bounds.map(([label, within]) => [label, within(given[label] ?? OTHER)]));

  let standIns: Values[] = [];
  for (const first of combinations(labels)) {
    series.zero(first);
    if (Object.values(first).includes(NONE)) standIns.push(first);
  }

  const feed = Object.entries(series.feed).map(([verb, put]) => [
    verb,
    (...args: readonly (Values | number | undefined)[]) => {
      const [given, value] = labels.length === 0 ? [{}, args[0]] : args;
      const number = value ?? 1;
      // A number that is none would make prom-client throw, and a metric never fails a call.
      if (typeof given !== "object" || typeof number !== "number" || !Number.isFinite(number)) return;
      // An average over agents must not count one that stands for none.
      for (const standIn of standIns) series.remove(standIn);
      standIns = [];
      put(bounded(given), number);
    },
  ]);
  return Object.fromEntries(feed);
}

function combinations(labels: readonly (readonly [string, Label])[]): readonly Values[] {
  return labels.reduce<readonly Values[]>(
    (made, [name, { first }]) => made.flatMap((values) => first.map((value) => ({ ...values, [name]: value }))),
    [{}],
  );
}

/**
 * One process has one heap and one event loop, however many registries: prom-client starts a timer and an observer for
 * each call, and neither ever ends.
 */
let ofProcess: prometheus.Registry | undefined;
function processRegistry(): prometheus.Registry {
  if (ofProcess === undefined) {
    ofProcess = new prometheus.Registry();
    prometheus.collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
}

function createRegistries(): Registries {
  const histograms = new prometheus.Registry<prometheus.OpenMetricsContentType>();
  histograms.setContentType(OPEN_METRICS);
  return { plain: new prometheus.Registry(), histograms, others: new prometheus.Registry() };
}

/** The metrics of one service, in registries of their own. */
export function createMetrics(): Metrics {
  const registries = createRegistries();
  const { plain, histograms, others } = registries;
  const looks: (() => void | Promise<void>)[] = [];
  const rows: readonly (readonly [string, MetricRow])[] = Object.entries(metricTable);
  // The table's types say which instrument each name has; Object.fromEntries forgets them.
  const instruments = Object.fromEntries(
    rows.map(([name, row]) => [name, instrumentOf(name, row, registries)]),
  ) as unknown as InstrumentsByName;
  return {
    ...instruments,
    async text(accept) {
      // What can't be looked up keeps its last value: a scrape with the rest is worth more than none.
      await Promise.allSettled(looks.map(async (look) => look()));
      if (wantsOpenMetrics(accept)) {
        const texts = await Promise.all([others.metrics(), processRegistry().metrics(), histograms.metrics()]);
        return { contentType: OPEN_METRICS, body: asOpenMetrics(texts.join("")) };
      }
      const texts = await Promise.all([plain.metrics(), processRegistry().metrics()]);
      return { contentType: plain.contentType, body: texts.join("") };
    },
    beforeScrape: (look) => void looks.push(look),
    expectCalls(calls) {
      for (const { method, route, status } of calls)
        instruments.http_requests_total.inc({ method, route, status: String(status) }, 0);
    },
  };
}
