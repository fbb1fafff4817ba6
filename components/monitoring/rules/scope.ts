import type { AlertSettings } from "../../../config/monitoring/alerts.js";
import type { ServiceSettings } from "../../../config/service-schema.js";
import type { CloudMetric } from "../metrics/names.js";
import type { MonitoringScene } from "../scene.js";

/** What rules are made of: what the stack says, and what runs. */
export interface RuleScope extends Pick<MonitoringScene, "settings" | "watching" | "running"> {
  /** What the chosen cloud tells of its own parts: a query for each name. */
  readonly cloud: Readonly<Partial<Record<CloudMetric, string>>>;
}

export const alertsOf = ({ watching }: RuleScope): AlertSettings => watching.alerts;

type Running = RuleScope["running"];
const namesOf = (running: Running, has: (service: ServiceSettings) => boolean): readonly string[] =>
  Object.entries(running).flatMap(([name, service]) => (has(service) ? [name] : []));

const shows = ({ kind, metrics }: ServiceSettings): boolean => metrics !== undefined && kind !== "job";

/** Those that have a part to be found by; each a function of the scope, and its names the services' keys. */
export const measured = ({ running }: RuleScope) => namesOf(running, shows);
export const callable = ({ running }: RuleScope) => namesOf(running, (one) => shows(one) && one.kind === "web");
/** Those that run the agent service: its own metrics are theirs. */
export const agentic = ({ running }: RuleScope) => namesOf(running, (one) => shows(one) && one.agents !== undefined);
/** Those that always have pods. */
export const standing = ({ running }: RuleScope) =>
  namesOf(running, ({ kind, replicas }) => kind !== "job" && replicas.min > 0);
export const migrating = ({ running }: RuleScope) => namesOf(running, ({ migrate }) => migrate !== undefined);
export const routed = ({ running }: RuleScope) => namesOf(running, ({ routes }) => routes.length > 0);

export type Services = (scope: RuleScope) => readonly string[];
export const some =
  (services: Services) =>
  (scope: RuleScope): boolean =>
    services(scope).length > 0;

/** A matcher for one of some names; they are names that no expression means more by. */
export const oneOf = (label: string, names: readonly string[]): string => `${label}=~"${names.join("|")}"`;
export const of = (services: Services, scope: RuleScope): string => oneOf("service", services(scope));

export const tells =
  (...metrics: readonly CloudMetric[]) =>
  ({ cloud }: RuleScope): boolean =>
    metrics.some((metric) => cloud[metric] !== undefined);

/** Where the platform's pods are: in a cluster of its own everywhere, in somebody else's in its own namespaces alone. */
export const namespaces = ({ settings }: RuleScope): string =>
  settings.cluster.mode === "managed" ? `namespace=~".+"` : `namespace=~"${settings.prefix}(-.+)?"`;

/** `90m`, `1d`: the longest unit that says it whole. */
export function duration(minutes: number): string {
  const units: readonly (readonly [string, number])[] = [
    ["d", 1440],
    ["h", 60],
    ["m", 1],
  ];
  const found = units.find(([, length]) => minutes % length === 0);
  return found === undefined ? `${Math.round(minutes * 60)}s` : `${minutes / found[1]}${found[0]}`;
}
