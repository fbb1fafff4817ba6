import type { Rule } from "../kind.js";
import { text } from "../kind.js";
import { last, need, refused, type Table } from "./words.js";

const CHECK = "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig";
const CHANNEL = "gcp:monitoring/notificationChannel:NotificationChannel";

const PERIODS: readonly unknown[] = ["60s", "300s", "600s", "900s"];

const canBeAsked: Rule = ({ period, selectedRegions }) => {
  if (!PERIODS.includes(period)) return refused(400, `Invalid period ${period}`, "badRequest");
  const regions: unknown = selectedRegions ?? [1, 2, 3];
  return Array.isArray(regions) && regions.length >= 3
    ? undefined
    : refused(400, "Field uptime_check_config.selected_regions must have at least 3 locations", "badRequest");
};

const numbered =
  (folder: string) =>
  (_: unknown, chance: string, { account }: { readonly account: string }): string =>
    `projects/${account}/${folder}/${Number.parseInt(chance.slice(0, 8), 16)}`;

/** What asks from outside, and whom it tells. */
export const monitoring: Table = {
  [CHECK]: {
    noun: "uptime check",
    id: ({ displayName }, chance, { account }) =>
      `projects/${account}/uptimeCheckConfigs/${displayName}-${chance.replaceAll("-", "").slice(0, 11)}`,
    calledBy: ["name", "uptimeCheckId"],
    replaceOn: ["project", "monitoredResource", "checkerType"],
    refuses: { create: canBeAsked },
    outputs: (_, id) => ({ name: id, uptimeCheckId: last(id) }),
  },
  [CHANNEL]: {
    noun: "notification channel",
    id: numbered("notificationChannels"),
    replaceOn: ["project"],
    outputs: (_, id) => ({ name: id }),
  },
  "gcp:monitoring/alertPolicy:AlertPolicy": {
    noun: "alerting policy",
    id: numbered("alertPolicies"),
    needs: [
      need("notificationChannels", CHANNEL),
      {
        // Cloud Monitoring keeps a check that a policy looks at.
        at: ({ conditions }) =>
          [...JSON.stringify(conditions).matchAll(/check_id = \\"([^"\\]+)/g)].map(([, id]) => text(id)),
        type: CHECK,
        named: "stays",
      },
    ],
    replaceOn: ["project"],
    outputs: (_, id) => ({ name: id }),
  },
};
