import type { Dataquery as AnyQuery, Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  DashboardLinkBuilder,
  MappingType,
  type Panel,
  PanelBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { Options as GaugeOptions } from "@grafana/grafana-foundation-sdk/gauge";
import type { Options as HeatmapOptions } from "@grafana/grafana-foundation-sdk/heatmap";
import type { Dataquery } from "@grafana/grafana-foundation-sdk/prometheus";
import type { Options as StatOptions } from "@grafana/grafana-foundation-sdk/stat";
import type { Options as TableOptions } from "@grafana/grafana-foundation-sdk/table";
import type { Options as GraphOptions, FieldConfig as GraphStyle } from "@grafana/grafana-foundation-sdk/timeseries";

/**
 * The kinds of panels that dashboards are made of, each with the looks that all of its kind have. Of the SDK's packages
 * for single kinds only the types are used: what they load is most of the SDK, a third of a second of each plan.
 */

/** Its id in every Grafana that is provisioned; one that exists must have a data source with it. */
export const PROMETHEUS = { type: "prometheus", uid: "prometheus" };
export const JAEGER = { type: "jaeger", uid: "jaeger" };

export interface Query {
  readonly expr: string;
  /** Of each line, with `{{label}}` where a label's value belongs. */
  readonly legend: string;
  /** Shows the traces of single calls as dots: of histograms alone. */
  readonly exemplars?: boolean;
}

/** Ids of Grafana's units; `short` is a plain number. */
export type Unit = "short" | "reqps" | "ops" | "cps" | "percentunit" | "s" | "bytes" | "Bps" | "currencyUSD";

export interface Spec {
  readonly title: string;
  /** What it means, and what is usual. */
  readonly about: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Where it begins to be bad, and where it is; upwards, or downwards with `lessIsWorse`. */
  readonly limits?: Limits | undefined;
  /** Of 24 columns. @default 8, and 4 where it is one number */
  readonly width?: number;
  /** Texts for values that stand for states. */
  readonly states?: Readonly<Record<number, State>>;
  /** Where a click on a line leads. */
  readonly links?: readonly Link[];
}

export interface Limits {
  /** What is aimed at, where it is better than good enough. */
  readonly best?: number;
  readonly warn?: number;
  readonly bad: number;
  readonly lessIsWorse?: boolean;
}

export interface State {
  readonly text: string;
  readonly color: "green" | "yellow" | "red";
}

export interface Link {
  readonly title: string;
  readonly url: string;
}

export type PanelOf = Builder<Panel>;

/** A type of the SDK with the texts of its enumerations, which exist at run time only where their package is loaded. */
type Plain<T> = T extends (...given: never) => unknown
  ? T
  : T extends string
    ? `${T}`
    : T extends object
      ? { [K in keyof T]: Plain<T[K]> }
      : T;
type Target = Plain<Omit<Dataquery, keyof AnyQuery>>;

const HEIGHT = 8;
const LOW = 5;

interface Looks {
  readonly height: number;
  readonly width: number;
  readonly options: object;
  readonly targets: readonly Target[];
}

const dress = (type: string, spec: Spec, { height, width, options, targets }: Looks): PanelBuilder =>
  new PanelBuilder()
    .type(type)
    .title(spec.title)
    .description(spec.about)
    .datasource(PROMETHEUS)
    .unit(spec.unit)
    .height(height)
    .span(spec.width ?? width)
    .options(options)
    .targets(targets.map(built))
    .thresholds(thresholdsOf(spec.limits))
    .mappings(mappingsOf(spec.states))
    .dataLinks((spec.links ?? []).map(({ title, url }) => new DashboardLinkBuilder(title).url(url)));

/** The SDK marks queries by a function that does nothing, and that no JSON has. */
const built = (target: Target): Builder<AnyQuery> => ({
  build: () => ({ ...target, _implementsDataqueryVariant: () => {} }),
});

const targetOf = ({ expr, legend, exemplars = false }: Query, index: number, once: boolean): Target => ({
  refId: String.fromCharCode("A".charCodeAt(0) + index),
  datasource: PROMETHEUS,
  expr,
  legendFormat: legend,
  exemplar: exemplars,
  instant: once,
  range: !once,
});

const overTime = (query: Query, index: number): Target => targetOf(query, index, false);
const now = (query: Query, index: number): Target => targetOf(query, index, true);

function thresholdsOf(limits: Limits | undefined): ThresholdsConfigBuilder {
  const builder = new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute);
  return builder.steps(limits === undefined ? [{ value: null, color: "green" }] : stepsOf(limits));
}

/** From the lowest value upwards, each with the color that begins there. */
function stepsOf({ best, warn, bad, lessIsWorse = false }: Limits): { value: number | null; color: string }[] {
  if (!lessIsWorse)
    return [
      { value: null, color: "green" },
      ...(warn === undefined ? [] : [{ value: warn, color: "yellow" }]),
      { value: bad, color: "red" },
    ];
  return [
    { value: null, color: "red" },
    ...(warn === undefined ? [] : [{ value: bad, color: "orange" }]),
    { value: warn ?? bad, color: best === undefined ? "green" : "yellow" },
    ...(best === undefined ? [] : [{ value: best, color: "green" }]),
  ];
}

const mappingsOf = (states: Spec["states"]): ValueMapping[] =>
  states === undefined ? [] : [{ type: MappingType.ValueToText, options: Object.fromEntries(Object.entries(states)) }];

/** Lines over time, their values in a table below. */
export function graph({ stacked = false, ...spec }: Spec & { readonly stacked?: boolean }): PanelOf {
  const options = {
    legend: { displayMode: "table", placement: "bottom", showLegend: true, calcs: ["mean", "max", "lastNotNull"] },
    tooltip: { mode: "multi", sort: "desc" },
  } satisfies Plain<GraphOptions>;
  const style = {
    fillOpacity: stacked ? 30 : 5,
    stacking: { mode: stacked ? "normal" : "none" },
    thresholdsStyle: { mode: spec.limits === undefined ? "off" : "dashed" },
  } satisfies Plain<GraphStyle>;
  const looks = { height: HEIGHT, width: 8, options, targets: spec.queries.map(overTime) };
  return dress("timeseries", spec, looks).custom(style);
}

const last = { calcs: ["lastNotNull"] };

/** One number for each series, and how it came there; of what is counted over the whole time there is but one. */
export function stat(spec: Spec): PanelOf {
  const options = {
    graphMode: "area",
    colorMode: "value",
    justifyMode: "auto",
    textMode: "auto",
    wideLayout: true,
    showPercentChange: false,
    percentChangeColorMode: "standard",
    orientation: "auto",
    reduceOptions: last,
  } satisfies Plain<StatOptions>;
  const targets = spec.queries.map((query, index) => targetOf(query, index, query.expr.includes("$__range")));
  return dress("stat", spec, { height: LOW, width: 4, options, targets });
}

/** One number between its limits. */
export function gauge({ min, max, ...spec }: Spec & { readonly min: number; readonly max: number }): PanelOf {
  const options = {
    showThresholdLabels: false,
    showThresholdMarkers: true,
    sizing: "auto",
    minVizWidth: 75,
    minVizHeight: 75,
    orientation: "auto",
    reduceOptions: last,
  } satisfies Plain<GaugeOptions>;
  const looks = { height: LOW, width: 4, options, targets: spec.queries.map(overTime) };
  return dress("gauge", spec, looks).min(min).max(max);
}

/** How the values of a histogram lie; its one query gives buckets. */
export function heatmap({ query, ...spec }: Omit<Spec, "queries" | "states"> & { readonly query: Query }): PanelOf {
  const options = {
    calculate: false,
    color: { mode: "scheme", scheme: "Oranges", fill: "", exponent: 0, steps: 64, reverse: false },
    filterValues: { le: 1e-9 },
    showValue: "auto",
    cellGap: 1,
    yAxis: { unit: spec.unit },
    legend: { show: true },
    tooltip: { mode: "single" },
    exemplars: { color: "rgba(31,120,193,0.9)" },
    selectionMode: "x",
  } satisfies Plain<HeatmapOptions>;
  const targets = [{ ...overTime(query, 0), format: "heatmap" as const }];
  return dress("heatmap", { ...spec, queries: [query] }, { height: HEIGHT, width: 8, options, targets });
}

/** What is now, a line for each series. */
export function table({ hidden = [], ...spec }: Spec & { readonly hidden?: readonly string[] }): PanelOf {
  const options = {
    frameIndex: 0,
    showHeader: true,
    showTypeIcons: false,
    footer: { show: false, reducer: [], countRows: false },
    cellHeight: "sm",
  } satisfies Plain<TableOptions>;
  const targets = spec.queries.map((query, index) => ({ ...now(query, index), format: "table" as const }));
  return dress("table", spec, { height: HEIGHT, width: 8, options, targets }).withTransformation({
    id: "organize",
    options: { excludeByName: Object.fromEntries(["Time", ...hidden].map((name) => [name, true])) },
  });
}
