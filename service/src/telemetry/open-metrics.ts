import * as prometheus from "prom-client";

/**
 * The same metrics in the form that has room for exemplars: with a bucket of a histogram comes the trace of a call that
 * fell into it. Prometheus asks for it; others get the plain one.
 */

export const OPEN_METRICS = prometheus.Registry.OPENMETRICS_CONTENT_TYPE;

export const wantsOpenMetrics = (accept: string | undefined): boolean =>
  accept?.toLowerCase().includes("application/openmetrics-text") ?? false;

/** Of plain text that ends in the other form: a counter's family goes without `_total`, and there are no empty lines. */
export const asOpenMetrics = (plain: string): string =>
  plain
    .replaceAll(/^# HELP (\w+)_total (.*)\n# TYPE \1_total counter$/gm, "# HELP $1 $2\n# TYPE $1 counter")
    .replaceAll(/\n{2,}/g, "\n");
