import type { Receivers } from "../../../config/monitoring/receivers.js";
import type { Tree } from "../../../config/walk.js";
import { localStack, receivers as people, settingsOf } from "../../support/settings.js";

/** Every kind of receiver at once. */
export const everyReceiver = {
  ...people,
  email: {
    to: ["on-call@example.com", "ops@example.com"],
    from: "alerts@example.com",
    host: "smtp.example.com",
    username: "alerts",
    password: "SMTP_PASSWORD",
  },
  webhooks: {
    ops: { urlSecret: "OPS_URL", token: "OPS_TOKEN", severities: ["critical", "warning", "info"] },
    open: { url: "http://alerts.example.com:8080/hook", severities: ["warning"] },
  },
  deadman: { url: "https://deadman.example.com/1" },
  muteTimes: {
    weekend: { weekdays: ["Sat", "Sun"] },
    night: { times: ["22:00-24:00", "00:00-06:00"], timeZone: "Europe/Berlin" },
  },
} as const;

/** Receivers as a stack has them: with all that it need not say. */
export function receiversOf(said: Tree, stack: Tree = localStack): Receivers {
  const { monitoring } = settingsOf({ ...stack, monitoring: { receivers: said } });
  if (monitoring.mode !== "inCluster") throw new Error(`monitoring is ${monitoring.mode}`);
  return monitoring.receivers;
}
