import { mutesOf, reachedBy, repeatOf } from "../../../config/monitoring/reach.js";
import { type Receivers, type Severity, severityNames } from "../../../config/monitoring/receivers.js";

/** Which alert goes to whom, how soon, how often, and when not. */

/** Fires always: it shows that alerts reach people at all. */
const WATCHDOG = "Watchdog";
/** A receiver without anybody. */
export const NOBODY = "nobody";

/** One message for what is one trouble to whoever reads it. */
const groupBy = ["alertname", "service", "environment"];

/** What says no severity, or one that nobody knows, is told like a warning: it is never lost. */
const matchers: Readonly<Record<Severity, readonly string[]>> = {
  critical: ['severity="critical"'],
  warning: ['severity!~"critical|info|none"'],
  info: ['severity="info"'],
};

/** How long is waited for more of the same before the first message. What mutes others must be there by then. */
const wait: Readonly<Record<Severity, string>> = { critical: "10s", warning: "30s", info: "30s" };

/** Between looks at what came or went since; a repetition comes at a multiple of it. */
const lookEvery = (severity: Severity, repeat: number): string => {
  if (severity === "critical") return "30s";
  return repeat % 5 === 0 ? "5m" : "1m";
};

/** Each receiver of a severity has a route of its own, so that one that fails keeps nobody else waiting. */
export const renderRoute = (receivers: Receivers) => ({
  receiver: NOBODY,
  group_by: groupBy,
  group_wait: wait.warning,
  group_interval: "5m",
  repeat_interval: "1h",
  routes: [
    renderWatchdog(receivers),
    ...severityNames.flatMap((severity) =>
      reachedBy(severity, receivers).map((receiver) => renderSeverity(severity, receiver, receivers)),
    ),
  ],
});

const renderWatchdog = ({ deadman }: Receivers) => ({
  receiver: deadman === undefined ? NOBODY : "deadman",
  matchers: [`alertname="${WATCHDOG}"`],
  group_wait: "0s",
  group_interval: "1m",
  repeat_interval: `${deadman?.repeat ?? 5}m`,
});

function renderSeverity(severity: Severity, receiver: string, receivers: Receivers) {
  const repeat = repeatOf(severity, receivers);
  const mutes = mutesOf(severity, receivers);
  return {
    receiver,
    matchers: matchers[severity],
    group_wait: wait[severity],
    group_interval: lookEvery(severity, repeat),
    repeat_interval: `${repeat}m`,
    ...(mutes.length === 0 ? {} : { mute_time_intervals: mutes }),
    continue: true,
  };
}

const weekdays = {
  Mon: "monday",
  Tue: "tuesday",
  Wed: "wednesday",
  Thu: "thursday",
  Fri: "friday",
  Sat: "saturday",
  Sun: "sunday",
} as const;

export const renderMuteTimes = ({ muteTimes }: Receivers) =>
  Object.entries(muteTimes).map(([name, { weekdays: days, times, timeZone }]) => ({
    name,
    time_intervals: [
      {
        ...(days.length === 0 ? {} : { weekdays: days.map((day) => weekdays[day]) }),
        ...(times.length === 0 ? {} : { times: times.map(renderTime) }),
        location: timeZone,
      },
    ],
  }));

const renderTime = (time: string) => ({ start_time: time.slice(0, 5), end_time: time.slice(6) });
