import { logsOf } from "../monitoring/logs.js";
import { type CloudName, isCareful } from "../names.js";
import { type Check, set } from "./finding.js";

/** What settings of logs mean for each other, and for the cloud. */

const at = (field: string) => ["monitoring", "logs", field];
const inOpenSearch = (field: string) => ["monitoring", "logs", "openSearch", field];

const LONGEST = 3650;

/** Days for which each cloud's log service keeps lines: some take any number from a range, one those of a list. */
const kept: Readonly<Record<CloudName, { readonly service: string; readonly days: Range | readonly number[] }>> = {
  aws: {
    service: "CloudWatch Logs",
    days: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288],
  },
  gcp: { service: "Cloud Logging", days: { min: 1, max: LONGEST } },
  azure: { service: "Log Analytics", days: { min: 30, max: 730 } },
  local: { service: "", days: { min: 1, max: LONGEST } },
};

interface Range {
  readonly min: number;
  readonly max: number;
}
const isRange = (days: Range | readonly number[]): days is Range => "min" in days;

/** The next longer time that there is, or else the longest. */
function nearest(asked: number, days: Range | readonly number[]): number {
  if (isRange(days)) return Math.min(Math.max(asked, days.min), days.max);
  return days.find((one) => one >= asked) ?? days.at(-1) ?? asked;
}

export const logsKept: Check = (settings, context, found) => {
  const logs = logsOf(settings);
  if (logs?.to !== "cloud") return;
  const { service, days } = kept[settings.cloud];
  const next = nearest(logs.retention, days);
  if (next === logs.retention) return;
  const expected = isRange(days) ? `${days.min} to ${days.max}` : `one of ${days.join(", ")}`;
  found.problem(
    at("retention"),
    `${logs.retention}: ${service} keeps logs for no such number of days`,
    expected,
    set(context, at("retention"), next),
  );
};

export const logsTaken: Check = (settings, context, found) => {
  if (settings.cloud !== "local" || logsOf(settings)?.to !== "cloud") return;
  found.problem(
    at("to"),
    "local has no log service of its own",
    "openSearch or none",
    set(context, at("to"), "openSearch"),
  );
};

/** OpenSearch makes no more indexes where the disk is fuller than that. */
const FULL = 0.85;
/** What an index needs beside the lines themselves. */
const INDEX = 1.1;

/** GiB that each node needs for the lines of all days; where there are several, each line is on two. */
export const diskFor = (days: number, perDay: number, nodes: number): number =>
  Math.ceil((days * perDay * INDEX * Math.min(nodes, 2)) / nodes / FULL);

export const logsFit: Check = (settings, context, found) => {
  const logs = logsOf(settings);
  if (logs?.to !== "openSearch") return;
  const { nodes, storage, perDay } = logs.openSearch;
  const needed = diskFor(logs.retention, perDay, nodes);
  if (storage >= needed) return;
  found.problem(
    inOpenSearch("storage"),
    `${storage} GiB: ${logs.retention} days of ${perDay} GiB a day need ${needed} on ${nodes === 1 ? "the one node" : `each of ${nodes} nodes`}`,
    "a larger disk, or monitoring.logs.retention of fewer days",
    set(context, inOpenSearch("storage"), needed),
  );
};

export const logsGuarded: Check = (settings, _context, found) => {
  const logs = logsOf(settings);
  if (logs?.to !== "openSearch") return;
  found.warning(
    "monitoring.logs: OpenSearch in the cluster has no password and no TLS: network policies alone say who reads logs",
  );
  if (isCareful(settings.environment) && logs.openSearch.nodes === 1)
    found.warning(
      "monitoring.logs.openSearch.nodes 1: no logs while that node is away, and none left if its disk goes",
    );
};
