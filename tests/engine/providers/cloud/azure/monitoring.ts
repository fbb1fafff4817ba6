import type { Kind, Rule } from "../kind.js";
import { at, text } from "../kind.js";
import { WORKSPACE } from "./account.js";
import { inGroup, names } from "./arm.js";
import { guid } from "./words.js";

const NAMESPACE = "Microsoft.Insights";
const INSIGHTS = "azure-native:applicationinsights:Component";
const TEST = "azure-native:applicationinsights:WebTest";
const ACTIONS = "azure-native:monitor:ActionGroup";

const LINK = "hidden-link:";
const belongsTo = (tags: unknown): readonly string[] =>
  Object.keys(typeof tags === "object" && tags !== null ? tags : {}).flatMap((key) =>
    key.startsWith(LINK) ? [key.slice(LINK.length)] : [],
  );

const canBeAsked: Rule = ({ frequency, timeout, tags }) => {
  if (![300, 600, 900].includes(Number(frequency))) return `BadRequest: Frequency ${frequency} is not supported.`;
  if (Number(timeout) < 30 || Number(timeout) > 120) return `BadRequest: Timeout ${timeout} is not supported.`;
  return belongsTo(tags).length === 1
    ? undefined
    : "BadRequest: A single 'hidden-link' tag pointing to an existing AI component is required. Found none.";
};

const shortEnough: Rule = ({ groupShortName }) =>
  text(groupShortName).length <= 12 ? undefined : "BadRequest: The group short name is longer than 12 characters.";

/** What asks from outside, and whom it tells. */
export const monitoring: Readonly<Record<string, Kind>> = {
  [INSIGHTS]: inGroup(NAMESPACE, [{ of: "components", named: "resourceName" }], {
    noun: "component",
    max: 260,
    needs: [names("workspaceResourceId", WORKSPACE, "leaves")],
    replaceOn: ["location"],
    outputs: (_, id) => ({ appId: guid(id), instrumentationKey: guid(`${id} key`) }),
  }),
  [TEST]: inGroup(NAMESPACE, [{ of: "webtests", named: "webTestName" }], {
    noun: "web test",
    max: 64,
    given: true,
    needs: [{ at: ({ tags }) => belongsTo(tags), type: INSIGHTS, named: "leaves" }],
    replaceOn: ["location"],
    refuses: { create: canBeAsked },
    outputs: () => ({ provisioningState: "Succeeded" }),
  }),
  [ACTIONS]: inGroup(NAMESPACE, [{ of: "actionGroups", named: "actionGroupName" }], {
    noun: "action group",
    max: 260,
    refuses: { create: shortEnough },
  }),
  "azure-native:monitor:MetricAlert": inGroup(NAMESPACE, [{ of: "metricAlerts", named: "ruleName" }], {
    noun: "metric alert",
    max: 260,
    needs: [
      names("criteria.webTestId", TEST, "leaves"),
      names("criteria.componentId", INSIGHTS, "leaves"),
      {
        at: ({ actions }) => (Array.isArray(actions) ? actions.map((one) => text(at(one, "actionGroupId"))) : []),
        type: ACTIONS,
        named: "leaves",
      },
    ],
  }),
};
