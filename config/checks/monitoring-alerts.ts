import serviceMetrics from "../../service/metrics.json" with { type: "json" };
import type { AlertSettings } from "../monitoring/alerts.js";
import { businessOf } from "../service-schema.js";
import { runsHere } from "../uses.js";
import type { Path } from "../walk.js";
import { type Check, remove, set } from "./finding.js";

/** Promises and bounds that no alert could tell of. */

/** The less there is left, the worse; of all others the more. */
const falling: readonly (keyof AlertSettings)[] = ["databaseFree", "certificateDays"];

export const levelsInOrder: Check = ({ monitoring }, context, found) => {
  if (monitoring.mode === "none") return;
  for (const [key, levels] of Object.entries(monitoring.alerts)) {
    if (typeof levels !== "object") continue;
    const { warning, critical } = levels;
    const falls = falling.some((one) => one === key);
    if (falls ? warning >= critical : warning <= critical) continue;
    const path: Path = ["monitoring", "alerts", key, "warning"];
    const side = falls ? "below" : "above";
    found.problem(
      path,
      `${warning} is ${side} critical, ${critical}: nobody would be warned before`,
      `a number ${falls ? "from" : "up to"} ${critical}`,
      set(context, path, critical),
    );
  }
};

const bounds = serviceMetrics.metrics.http_request_duration_seconds.buckets;

/** Of calls that take no longer than a bound it is known how many there are; between two it is not. */
export const promisesMeasured: Check = ({ services }, context, found) => {
  for (const [name, { slo, agents, metrics, kind }] of Object.entries(services)) {
    const at = (key: string): Path => ["services", name, "slo", key];
    if (slo.p99 < slo.p95) {
      const what = `${slo.p99} is below p95, ${slo.p95}: 99 of 100 calls are no faster than 95 of them`;
      found.problem(at("p99"), what, `a number from ${slo.p95}`, set(context, at("p99"), slo.p95));
    }
    if (agents === undefined || metrics === undefined || kind !== "web") continue;
    for (const key of ["p95", "p99"] as const) {
      const value = slo[key];
      if (bounds.includes(value)) continue;
      const beside = [bounds.findLast((bound) => bound < value), bounds.find((bound) => bound > value)];
      const near = beside.filter((bound) => bound !== undefined);
      const what = `${value} is no bound of the agent service's histogram: how many calls are so fast is not counted`;
      found.problem(at(key), what, near.join(" or "), set(context, at(key), near.at(-1)));
    }
  }
};

export const businessTold: Check = ({ services }, context, found) => {
  for (const [name, service] of Object.entries(services)) {
    const metrics = businessOf(service);
    metrics.forEach((metric, index) => {
      const at: Path = ["services", name, "metrics", "business", index];
      if (metrics.findIndex((other) => other.name === metric.name) < index)
        found.problem(at, `${metric.name} is there already`, "each metric once", remove(context, at));
      const alert: Path = [...at, "alert"];
      if (metric.alert !== undefined && metric.alert.above === undefined && metric.alert.below === undefined)
        found.problem(alert, "an alert without a bound", "above, below or both", set(context, [...alert, "below"], 1));
    });
  }
};

/** Days over which a budget is reckoned. */
const BUDGET_DAYS = 30;

/** What is not kept any more is not counted. */
export const budgetKept: Check = ({ monitoring, services }, context, found) => {
  if (monitoring.mode !== "inCluster" || monitoring.retention >= BUDGET_DAYS) return;
  const parts = [monitoring, ...Object.values(services).filter(runsHere)];
  if (!parts.some(({ budget }) => budget.dollars !== undefined || budget.tokens !== undefined)) return;
  const at: Path = ["monitoring", "retention"];
  found.warning(
    `a budget is of 30 days, and only ${monitoring.retention} days of measurements are kept: what models cost before is not counted; ${set(context, at, BUDGET_DAYS)}`,
  );
};
