import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AlertId, ruleGroups } from "../../components/monitoring/rules/index.js";
import type { AlertingRule, Rule, RuleGroup } from "../../components/monitoring/rules/row.js";
import { tool } from "../tools/cache.js";
import { metricsIn } from "./promql.js";
import { scopes } from "./scopes.js";

/** Series by name and labels, their values a minute apart in promtool's short form: `0+60x30`. */
export type Series = Readonly<Record<string, string>>;

/** What shows that an alert fires, at the right minute, and that it does not a hair short of its bound. */
export interface Proof {
  /** @default whole */
  readonly scope?: keyof typeof scopes;
  /** Minutes from one look at the rules to the next. @default 1 */
  readonly every?: number;
  readonly fires: {
    readonly series: Series;
    /** The minute in which it begins; never before. */
    readonly at: number;
    readonly labels: Readonly<Record<string, string>>;
    readonly summary: string;
    readonly description: string;
  };
  /** Under it, it is quiet from the first minute, or `from`, to `until`. One alert never is. */
  readonly quiet: { readonly series: Series; readonly from?: number; readonly until: number } | "always on";
}

const isAlert = (rule: Rule): rule is AlertingRule => "alert" in rule;
export const nameOf = (id: AlertId): string => id.split("/")[0] ?? id;
const isNamed = (rule: Rule, id: AlertId): boolean => {
  const [name, severity = isAlert(rule) ? rule.labels["severity"] : undefined] = id.split("/");
  return isAlert(rule) && rule.alert === name && rule.labels["severity"] === severity;
};

/** The one alert, as the stack has it, and what is recorded for it: others of its name say nothing here. */
export function rulesFor(id: AlertId, { scope = "whole" }: Proof): readonly RuleGroup[] {
  const groups = ruleGroups(scopes[scope]);
  const alert = groups.flatMap(({ name, rules }) => {
    const found = rules.filter((rule) => isNamed(rule, id));
    return found.length === 0 ? [] : [{ name, rules: found }];
  });
  if (alert.length === 0) throw new Error(`the stack ${scope} has no rule ${id}`);
  const asked = new Set(alert.flatMap(({ rules }) => rules.flatMap(({ expr }) => metricsIn(expr))));
  const recorded = groups.filter(({ rules }) => rules.some((rule) => "record" in rule && asked.has(rule.record)));
  return [...recorded, ...alert];
}

const minutesTo = (end: number, step: number): readonly number[] =>
  Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);

function testFile(id: AlertId, proof: Proof): unknown {
  const { every = 1, fires, quiet } = proof;
  const at = (minute: number, alerts: readonly unknown[]) => ({
    eval_time: `${minute}m`,
    alertname: nameOf(id),
    exp_alerts: alerts,
  });
  const groups = rulesFor(id, proof);
  const [rule] = groups.at(-1)?.rules ?? [];
  const runbook = rule !== undefined && isAlert(rule) ? runbookIn(rule) : {};
  const { labels, summary, description } = fires;
  const expected = { exp_labels: labels, exp_annotations: { summary, description, ...runbook } };
  const test = (series: Series, looks: readonly unknown[]) => ({
    interval: "1m",
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: looks,
  });
  const before = minutesTo(fires.at, every).slice(0, -1);
  return {
    rule_files: ["rules.json"],
    evaluation_interval: `${every}m`,
    // In no order, an alert would now and then see what was recorded the time before.
    group_eval_order: groups.map(({ name }) => name),
    tests: [
      test(fires.series, [...before.map((minute) => at(minute, [])), at(fires.at, [expected])]),
      ...(quiet === "always on"
        ? []
        : [
            test(
              quiet.series,
              minutesTo(quiet.until, every)
                .filter((minute) => minute >= (quiet.from ?? 0))
                .map((minute) => at(minute, [])),
            ),
          ]),
    ],
  };
}

/** Its page, which another test looks for. */
const runbookIn = ({ annotations }: AlertingRule): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(annotations).filter(([key]) => key.startsWith("runbook")));

/** What promtool says against a proof; nothing where it holds. */
export function doubts(id: AlertId, proof: Proof): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "proof-"));
  try {
    writeFileSync(join(folder, "rules.json"), JSON.stringify({ groups: rulesFor(id, proof) }));
    writeFileSync(join(folder, "test.json"), JSON.stringify(testFile(id, proof)));
    const { status, stdout, stderr } = spawnSync(tool("promtool"), ["test", "rules", "test.json"], {
      cwd: folder,
      encoding: "utf8",
    });
    return status === 0 ? undefined : `${stdout}${stderr}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
