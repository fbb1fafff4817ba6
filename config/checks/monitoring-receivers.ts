import { mutesOf, ownReceivers, reachedBy, receiverNames } from "../monitoring/reach.js";
import { oneOfAKind, severityNames } from "../monitoring/receivers.js";
import { isCareful } from "../names.js";
import { listed, nearest } from "../problems.js";
import type { Path } from "../walk.js";
import { type Check, type Context, type Findings, isSaid, remove, set } from "./finding.js";

/** Alerts that would reach nobody, or go where nothing is: refused before anything is made. */

const at: Path = ["monitoring", "receivers"];

export const receiversUsed: Check = ({ monitoring }, context, found) => {
  if (monitoring.mode !== "existing" || monitoring.alertmanager === undefined || !isSaid(context, at)) return;
  const what = "said beside monitoring.alertmanager, which knows its own receivers";
  found.problem(at, what, "one of the two", remove(context, at));
};

export const criticalReaches: Check = ({ monitoring, environment }, context, found) => {
  const receivers = ownReceivers(monitoring);
  if (receivers === undefined || !isCareful(environment)) return;
  const path: Path = [...at, "routes", "critical", "to"];
  if (receivers.routes.critical.to?.length === 0) {
    found.problem(path, "a critical alert reaches nobody", "whom it reaches", remove(context, path));
  } else if (reachedBy("critical", receivers).length === 0) {
    found.problem(
      at,
      "a critical alert reaches nobody",
      "pagerduty, slack, email or a webhook in production",
      set(context, [...at, "pagerduty", "routingKey"], "PAGERDUTY_ROUTING_KEY"),
    );
  } else if (reachedBy("warning", receivers).length === 0) {
    found.warning("warnings reach nobody: say monitoring.receivers.slack, email, or routes.warning.to");
  }
};

export const receiversThere: Check = ({ monitoring }, context, found) => {
  const receivers = ownReceivers(monitoring);
  if (receivers === undefined) return;
  const names = receiverNames(receivers);
  for (const severity of severityNames) {
    const to = receivers.routes[severity].to ?? [];
    to.forEach((name, index) => {
      const path: Path = [...at, "routes", severity, "to", index];
      const meant = nearest(name, names) ?? names[0];
      if (to.indexOf(name) < index) {
        found.problem(path, `${name} is there twice`, "each once", remove(context, path));
      } else if (meant === undefined) {
        found.problem(path, `there is no receiver ${name}, nor any other`, "a receiver", remove(context, path));
      } else if (!names.includes(name)) {
        found.problem(path, `there is no receiver ${name}`, listed(names), set(context, path, meant));
      }
    });
  }
};

/** Names that mean something else in a list of receivers. */
const taken: readonly string[] = [...oneOfAKind, "deadman", "nobody"];

export const webhooksNamed: Check = ({ monitoring }, context, found) => {
  for (const [name, webhook] of Object.entries(ownReceivers(monitoring)?.webhooks ?? {})) {
    if (!taken.includes(name)) continue;
    const path = [...at, "webhooks", name];
    const [from, to] = [context.written(path), context.written([...at, "webhooks", `${name}-hook`])];
    found.problem(
      path,
      `${name} is the name of another receiver`,
      "a name of its own",
      context.repairs.move(from, to, webhook),
    );
  }
};

export const receiversAddressed: Check = ({ monitoring }, context, found) => {
  const receivers = ownReceivers(monitoring);
  if (receivers === undefined) return;
  for (const [name, webhook] of Object.entries(receivers.webhooks)) {
    addressed([...at, "webhooks", name], webhook, `${name.toUpperCase().replaceAll("-", "_")}_URL`, context, found);
  }
  if (receivers.deadman !== undefined) addressed([...at, "deadman"], receivers.deadman, "DEADMAN_URL", context, found);
};

function addressed(
  path: Path,
  { url, urlSecret }: { url?: string | undefined; urlSecret?: string | undefined },
  proposed: string,
  context: Context,
  found: Findings,
): void {
  if (url === undefined && urlSecret === undefined) {
    const secret = [...path, "urlSecret"];
    found.problem(
      path,
      "it has no address",
      "url, or urlSecret with the name of a secret",
      set(context, secret, proposed),
    );
  } else if (url !== undefined && urlSecret !== undefined) {
    const plain = [...path, "url"];
    found.problem(plain, "said beside urlSecret", "one of the two", remove(context, plain));
  }
}

/** A server would never be told the password, or never who it is for. */
export const mailLogsIn: Check = ({ monitoring }, context, found) => {
  const email = ownReceivers(monitoring)?.email;
  if (email === undefined) return;
  const key = (name: string): Path => [...at, "email", name];
  if (email.username === undefined && email.password !== undefined) {
    found.problem(
      key("username"),
      "missing beside a password",
      "who logs in",
      set(context, key("username"), email.from),
    );
  } else if (email.username !== undefined && email.password === undefined) {
    const repair = set(context, key("password"), "SMTP_PASSWORD");
    found.problem(key("password"), "missing beside a username", "the name of a secret", repair);
  }
  if (email.password !== undefined && !email.tls) {
    const what = "false, and the password would be read on the way";
    found.problem(key("tls"), what, "true where somebody logs in", set(context, key("tls"), true));
  }
};

const wholeDay = (times: readonly string[]): boolean => times.length === 0 || times.includes("00:00-24:00");

export const muteTimes: Check = ({ monitoring }, context, found) => {
  const receivers = ownReceivers(monitoring);
  for (const [name, { weekdays, times, timeZone }] of Object.entries(receivers?.muteTimes ?? {})) {
    const path: Path = [...at, "muteTimes", name];
    if ([0, 7].includes(new Set(weekdays).size) && wholeDay(times)) {
      found.problem(path, "it is always", "weekdays or times", set(context, [...path, "weekdays"], ["Sat", "Sun"]));
    }
    times.forEach((time, index) => {
      const [begin = "", end = ""] = time.split("-");
      if (begin < end) return;
      const halves = [...(begin < "24:00" ? [`${begin}-24:00`] : []), ...(end > "00:00" ? [`00:00-${end}`] : [])];
      found.problem(
        [...path, "times", index],
        `${time} ends before it begins`,
        "times within one day",
        set(context, [...path, "times"], [...times.slice(0, index), ...halves, ...times.slice(index + 1)]),
      );
    });
    if (!zoneKnown(timeZone)) {
      const zone = [...path, "timeZone"];
      const near = nearest(timeZone, Intl.supportedValuesOf("timeZone")) ?? "UTC";
      found.problem(zone, `there is no time zone ${timeZone}`, "a name of the IANA list", set(context, zone, near));
    }
  }
};

function zoneKnown(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    // An offset is none to Alertmanager.
    return !/^[+-]/.test(timeZone);
  } catch {
    return false;
  }
}

export const mutesThere: Check = ({ monitoring }, context, found) => {
  const receivers = ownReceivers(monitoring);
  if (receivers === undefined) return;
  const names = Object.keys(receivers.muteTimes);
  for (const severity of severityNames) {
    mutesOf(severity, receivers).forEach((name, index) => {
      if (names.includes(name)) return;
      const path: Path = [...at, "routes", severity, "mute", index];
      const meant = nearest(name, names) ?? names[0];
      found.problem(
        path,
        `there is no mute time ${name}`,
        meant === undefined ? "one of monitoring.receivers.muteTimes" : listed(names),
        meant === undefined ? remove(context, path) : set(context, path, meant),
      );
    });
  }
};
