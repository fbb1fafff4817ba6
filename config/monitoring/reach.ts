import { oneOfAKind, type Receivers, type Severity } from "./receivers.js";
import type { MonitoringSettings } from "./schema.js";

/** Whom each severity reaches, from what the stack says of its receivers. */

/** Those of a stack that has an Alertmanager of its own. */
export const ownReceivers = (monitoring: MonitoringSettings): Receivers | undefined =>
  monitoring.mode === "none" || (monitoring.mode === "existing" && monitoring.alertmanager !== undefined)
    ? undefined
    : monitoring.receivers;

/** Every receiver that there is, by its name. */
export const receiverNames = (receivers: Receivers): readonly string[] => [
  ...oneOfAKind.filter((name) => receivers[name] !== undefined),
  ...Object.keys(receivers.webhooks),
];

const usual: Readonly<Record<Severity, readonly (typeof oneOfAKind)[number][]>> = {
  critical: ["pagerduty", "slack"],
  warning: ["slack"],
  info: [],
};

/** Mail is what people look at last: it stands in where nothing else would tell them. */
export function reachedBy(severity: Severity, receivers: Receivers): readonly string[] {
  const { to } = receivers.routes[severity];
  if (to !== undefined) return to;
  const people = usual[severity].filter((name) => receivers[name] !== undefined);
  const mail = usual[severity].length > 0 && people.length === 0 && receivers.email !== undefined ? ["email"] : [];
  const webhooks = Object.entries(receivers.webhooks).filter(([, { severities }]) => severities.includes(severity));
  return [...people, ...mail, ...webhooks.map(([name]) => name)];
}

const repeats: Readonly<Record<Severity, number>> = { critical: 5, warning: 60, info: 60 };

/** Minutes after which an alert that lasts is told again. */
export const repeatOf = (severity: Severity, { routes }: Receivers): number =>
  routes[severity].repeat ?? repeats[severity];

/** Times at which a severity is not told. What is critical is told at any, unless the stack says otherwise. */
export const mutesOf = (severity: Severity, { routes, muteTimes }: Receivers): readonly string[] =>
  routes[severity].mute ?? (severity === "critical" ? [] : Object.keys(muteTimes));
