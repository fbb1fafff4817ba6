/** What queries of panels are made of. */

/** Every series has this label; the dashboard's variable chooses. */
const ENVIRONMENT = 'environment=~"$environment"';

/** The services that are looked at: series of none, such as Prometheus' own, have no such label. */
export const SERVICES = 'service=~"$service"';

export const served = (series: string, ...more: readonly string[]): string =>
  `${series}{${[ENVIRONMENT, SERVICES, ...more].join(",")}}`;

/** Series of what belongs to no one service. */
export const of = (series: string, ...more: readonly string[]): string =>
  `${series}{${[ENVIRONMENT, ...more].join(",")}}`;

export const rate = (selected: string): string => `rate(${selected}[$__rate_interval])`;

/** All that came in the time that is looked at. */
export const increase = (selected: string): string => `increase(${selected}[$__range])`;

type Labels = readonly string[];

const aggregate =
  (verb: string) =>
  (by: Labels, expr: string): string =>
    `${verb}${by.length === 0 ? "" : ` by (${by.join(",")})`} (${expr})`;

export const sum = aggregate("sum");
export const max = aggregate("max");
export const min = aggregate("min");
export const avg = aggregate("avg");
export const count = aggregate("count");

/** The value below which that part of a histogram's observations is; `buckets` are its selected `_bucket` series. */
export const quantile = (part: number, by: Labels, buckets: string): string =>
  `histogram_quantile(${part},${sum([...by, "le"], rate(buckets))})`;

/** Part of the whole, and nothing where there is no whole. */
export const ratio = (part: string, whole: string): string => `${part} / (${whole} > 0)`;

export const top = (most: number, expr: string): string => `topk(${most},${expr})`;
