import type { Severity } from "../../../config/monitoring/receivers.js";
import { agentAlerts } from "./agents.js";
import { annotationsOf } from "./annotations.js";
import { budgetAlerts, budgetGroups, budgetRecordings } from "./budget.js";
import { businessAlertNames, businessAlerts } from "./business.js";
import { callAlerts } from "./calls.js";
import { modelAlerts } from "./models.js";
import { nodeAlerts } from "./nodes.js";
import { outsideAlerts } from "./outside.js";
import { podAlerts } from "./pods.js";
import type { AlertingRule, AlertTable, Rule, RuleGroup } from "./row.js";
import { saturationAlerts } from "./saturation.js";
import type { RuleScope } from "./scope.js";
import { sloAlerts, sloGroups, sloRecordings } from "./slo.js";
import { storeAlerts } from "./stores.js";
import { watchingAlerts } from "./watching.js";

/** All rules of a stack: what is recorded, and what somebody is told of. */

/** Alerts by theme. */
export const alertTables = {
  calls: callAlerts,
  saturation: saturationAlerts,
  agents: agentAlerts,
  models: modelAlerts,
  budget: budgetAlerts,
  slo: sloAlerts,
  stores: storeAlerts,
  pods: podAlerts,
  nodes: nodeAlerts,
  outside: outsideAlerts,
  watching: watchingAlerts,
} as const satisfies Readonly<Record<string, AlertTable>>;

type Tables = typeof alertTables;

/** Which dashboard shows what the alerts of a theme are about. */
export const dashboardOf = {
  calls: "application",
  saturation: "application",
  agents: "agents",
  models: "models",
  budget: "models",
  slo: "slo",
  stores: "stores",
  pods: "infrastructure",
  nodes: "infrastructure",
  outside: "gateway",
  watching: "infrastructure",
} as const satisfies { readonly [T in keyof Tables]: string };
const themes = Object.keys(alertTables) as readonly (keyof Tables)[];
type IdsOf<T> = T extends unknown ? keyof T & string : never;
/** `HighErrorRate/critical`, and business alerts by their names: how bad those are is the stack's to say. */
export type AlertId = IdsOf<Tables[keyof Tables]> | (typeof businessAlertNames)[number];
type NameIn<Id> = Id extends `${infer Name}/${string}` ? Name : Id;
export type AlertName = NameIn<AlertId>;

export const alertIds = [
  ...Object.values(alertTables).flatMap((table) => Object.keys(table)),
  ...businessAlertNames,
] as readonly AlertId[];
export const alertNames = [...new Set(alertIds.map((id) => id.split("/")[0] as AlertName))] as readonly AlertName[];

/** Names and labels of everything that is recorded, but what the cloud tells. */
export const recordings: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({ ...sloRecordings, ...budgetRecordings }),
);

function renderTable(table: AlertTable, dashboard: string, scope: RuleScope): readonly AlertingRule[] {
  return Object.entries(table).flatMap(([id, row]): readonly AlertingRule[] => {
    if (row.when?.(scope) === false) return [];
    const [alert = id, severity = "warning"] = id.split("/") as [string, Severity];
    const time = typeof row.for === "function" ? row.for(scope) : row.for;
    return [
      {
        alert,
        expr: row.expr(scope),
        ...(time === undefined ? {} : { for: time }),
        labels: { severity },
        annotations: annotationsOf(alert, row, scope, dashboard),
      },
    ];
  });
}

const cloudGroups = ({ cloud }: RuleScope): readonly RuleGroup[] => {
  const rules = Object.entries(cloud).map(([record, expr]) => ({ record, expr }));
  return rules.length === 0 ? [] : [{ name: "cloud", rules }];
};

/** Which stack it is about is said by each rule: what is summed up has lost the label by which series say it. */
const ofStack = (rule: Rule, { settings }: RuleScope): Rule => ({
  ...rule,
  labels: { ...rule.labels, environment: settings.environment },
});

/** Groups by theme, each under a name that is its own in the whole stack. */
export function ruleGroups(scope: RuleScope): readonly RuleGroup[] {
  const groups: readonly RuleGroup[] = [
    ...cloudGroups(scope),
    ...sloGroups(scope),
    ...budgetGroups(scope),
    ...themes.map((theme) => ({
      name: `${theme}-alerts`,
      rules: renderTable(alertTables[theme], dashboardOf[theme], scope),
    })),
    { name: "business-alerts", rules: businessAlerts(scope) },
  ];
  return groups
    .filter(({ rules }) => rules.length > 0)
    .map((group) => ({ ...group, rules: group.rules.map((rule) => ofStack(rule, scope)) }));
}

/** A file as Prometheus and promtool read it, JSON being YAML. */
export const ruleFile = (scope: RuleScope): string =>
  `${JSON.stringify({ groups: ruleGroups(scope) }, undefined, 2)}\n`;
