import assert from "node:assert/strict";
import { causes, renderInhibitions, subjects } from "../../../components/monitoring/alerting/inhibition.js";
import { alertNames, ruleGroups } from "../../../components/monitoring/rules/index.js";
import type { AlertingRule } from "../../../components/monitoring/rules/row.js";
import { scopes } from "../scopes.js";

const alerts: readonly AlertingRule[] = ruleGroups(scopes.whole).flatMap(({ rules }) =>
  rules.flatMap((rule) => ("alert" in rule ? [rule] : [])),
);

/** By what the rules of a name say what they are about: what they group by, and what their texts name. */
function labelsOf(name: string): ReadonlySet<string> {
  const rules = alerts.filter(({ alert }) => alert === name);
  assert.ok(rules.length > 0, `no rule ${name}`);
  return new Set(
    rules.flatMap(({ expr, labels, annotations }) => [
      ...Object.keys(labels),
      ...[...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label = ""]) => label),
      ...[...expr.matchAll(/\bby \(([^)]+)\)/g)].flatMap(([, labels = ""]) => labels.split(/, */)),
    ]),
  );
}

describe("alerts that mute others", () => {
  it("as Alertmanager takes them", () => {
    assert.deepEqual(renderInhibitions().slice(0, 4), [
      {
        source_matchers: ['severity="critical"'],
        target_matchers: ['severity=~"warning|info"'],
        equal: ["alertname", "environment", ...subjects],
      },
      {
        source_matchers: ['severity="warning"'],
        target_matchers: ['severity=~"info"'],
        equal: ["alertname", "environment", ...subjects],
      },
      {
        source_matchers: ['alertname="ServiceDown"'],
        target_matchers: [
          'alertname=~"HighErrorRate|HighResponseTime|HighLatency|ErrorBudgetBurnFast|ErrorBudgetBurn|ErrorBudgetBurnSlow"',
        ],
        equal: ["environment", "service"],
      },
      {
        source_matchers: ['alertname="ErrorBudgetBurnFast"'],
        target_matchers: ['alertname=~"ErrorBudgetBurn|ErrorBudgetBurnSlow"'],
        equal: ["environment", "service", "slo"],
      },
    ]);
  });

  it("worse ones mute what is about the same, by every label that tells one from another", () => {
    const told = alertNames.filter(
      (name) => new Set(alerts.filter((one) => one.alert === name).map((one) => one.labels["severity"])).size > 1,
    );
    assert.ok(told.length > 5);
    const known = new Set<string>(["severity", "environment", "le", ...subjects]);
    for (const name of [...told, "BusinessMetricHigh", "BusinessMetricLow"]) {
      const missing = [...labelsOf(name)].filter((label) => !known.has(label));
      assert.deepEqual(missing, [], name);
    }
  });

  it("causes and what they mute have the labels in which they must agree", () => {
    for (const { alert, mutes, same } of causes)
      for (const name of [alert, ...mutes]) {
        const labels = labelsOf(name);
        assert.deepEqual(
          same.filter((label) => !labels.has(label)),
          [],
          name,
        );
      }
  });
});
