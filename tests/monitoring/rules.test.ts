import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { MODEL_ROUTES } from "../../components/monitoring/rules/calls.js";
import { alertIds, alertNames, alertTables, ruleGroups } from "../../components/monitoring/rules/index.js";
import { renderRules } from "../../components/monitoring/rules/objects.js";
import type { AlertRow } from "../../components/monitoring/rules/row.js";
import { alerts } from "../../config/monitoring/alerts.js";
import { severityNames } from "../../config/monitoring/receivers.js";
import { valueAt } from "../../config/walk.js";
import { routes } from "../../service/src/faces/index.js";
import { knownIn } from "./known.js";
import { metricsIn, unknownNames } from "./promql.js";
import { nameOf } from "./proof.js";
import { proofs } from "./proofs/index.js";
import { scopes } from "./scopes.js";

const root = join(import.meta.dirname, "..", "..");
const rows: readonly (readonly [string, AlertRow])[] = Object.values(alertTables).flatMap((table) =>
  Object.entries<AlertRow>(table),
);

describe("rules", () => {
  for (const [name, scope] of Object.entries(scopes)) {
    it(`name nothing that nobody shows: ${name}`, () => {
      const known = knownIn(scope);
      const rules = ruleGroups(scope).flatMap((group) => group.rules);
      assert.deepEqual(
        rules.flatMap((rule) => unknownNames(rule.expr, known)),
        [],
      );
    });
  }

  it("have a proof each that they fire and are quiet", () => {
    assert.deepEqual(
      alertIds.filter((id) => proofs[id].quiet === "always on"),
      ["Watchdog/info"],
    );
    assert.deepEqual(Object.keys(proofs).sort(), [...alertIds].sort());
  });

  it("say how bad it is, whose it is, and which page helps", () => {
    for (const group of Object.values(scopes).flatMap((scope) => ruleGroups(scope))) {
      for (const rule of group.rules) {
        assert.equal(typeof rule.labels?.["environment"], "string");
        if (!("alert" in rule)) continue;
        assert.ok(
          severityNames.some((one) => one === rule.labels["severity"]),
          rule.alert,
        );
        const { summary, description, ...page } = rule.annotations;
        assert.ok(summary && description, rule.alert);
        assert.deepEqual(Object.keys(page), ["runbook" in page ? "runbook" : "runbook_url"]);
      }
    }
  });

  it("have a page each in docs/runbooks", () => {
    assert.deepEqual(
      alertNames.filter((name) => !existsSync(join(root, "docs/runbooks", `${name}.md`))),
      [],
    );
  });

  it("begin where a setting says that there is", () => {
    const defaults = alerts.parse({});
    for (const [id, { setting }] of rows) {
      if (setting === undefined || /^(monitoring|services)\./.test(setting)) continue;
      assert.equal(typeof valueAt(defaults, setting.split(".")), "number", `${id}: ${setting}`);
    }
    const said = rows.flatMap(([, { setting }]) => setting ?? []);
    const bounds = Object.entries(defaults).flatMap(([key, value]) =>
      typeof value === "object" ? Object.keys(value).map((level) => `${key}.${level}`) : [key],
    );
    assert.deepEqual(
      bounds.filter((bound) => !said.includes(bound)),
      [],
      "settings that no alert begins at",
    );
  });

  it("follow the settings", () => {
    const { whole } = scopes;
    const high = { ...whole.watching.alerts.errorRate, critical: 25 };
    const scope = { ...whole, watching: { ...whole.watching, alerts: { ...whole.watching.alerts, errorRate: high } } };
    const [rule] = ruleGroups(scope)
      .flatMap(({ rules }) => rules)
      .filter((one) => "alert" in one && one.alert === "HighErrorRate" && one.labels["severity"] === "critical");
    assert.match(rule?.expr ?? "", / > 25$/);
  });

  const exprOf = (alert: string, severity: string): string | undefined =>
    ruleGroups(scopes.whole)
      .flatMap(({ rules }) => rules)
      .find((rule) => "alert" in rule && rule.alert === alert && rule.labels["severity"] === severity)?.expr;

  it("take errors as a part of all calls", () => {
    const calls = 'service=~"api|shop",route!~"/health.*|/metrics"';
    const failed = `sum by (service) (rate(http_requests_total{${calls},status=~"5.."}[5m]))`;
    const all = `sum by (service) (rate(http_requests_total{${calls}}[5m]))`;
    assert.equal(exprOf("HighErrorRate", "critical"), `100 * ${failed} / ${all} > 10`);
  });

  it("look at a long and a short time at once where a budget burns", () => {
    const windows = (alert: string, severity: string) =>
      metricsIn(exprOf(alert, severity) ?? "").filter((metric) => metric.startsWith("service:slo_errors:"));
    const over = (...times: readonly string[]) => times.map((time) => `service:slo_errors:ratio_rate${time}`);
    assert.deepEqual(windows("ErrorBudgetBurnFast", "critical"), over("1h", "5m"));
    assert.deepEqual(windows("ErrorBudgetBurn", "critical"), over("6h", "30m"));
    assert.deepEqual(windows("ErrorBudgetBurn", "warning"), over("1d", "2h"));
    assert.deepEqual(windows("ErrorBudgetBurnSlow", "warning"), over("3d", "6h"));
  });

  it("are there for what the stack has, and for no more", () => {
    const names = (scope: keyof typeof scopes): ReadonlySet<string> =>
      new Set(
        ruleGroups(scopes[scope]).flatMap(({ rules }) => rules.flatMap((rule) => ("alert" in rule ? rule.alert : []))),
      );
    const [whole, existing, ownCertificate, small, empty] = (
      ["whole", "existing", "ownCertificate", "small", "empty"] as const
    ).map(names);
    const missing = (from: ReadonlySet<string> | undefined) => alertNames.filter((name) => !from?.has(name));
    assert.deepEqual(missing(whole), ["PrometheusRemoteWriteBehind"]);
    assert.deepEqual(missing(existing), [
      "DatabaseCpuHigh",
      "DatabaseDiskFull",
      "DatabaseDiskFullSoon",
      "LoadBalancerErrors",
      "UptimeFailed",
      "AlertmanagerConfigNotLoaded",
      "AlertmanagerNotificationsFailing",
      "CollectorRefusing",
      "CollectorDropping",
    ]);
    assert.ok(!ownCertificate?.has("CertificateNotReady") && ownCertificate?.has("CertificateExpiry"));
    const callsOfNobody = [
      "ServiceDown",
      "HighErrorRate",
      "ErrorBudgetBurn",
      "GatewayErrors",
      "BudgetSpent",
      "HighMemoryUsage",
    ];
    for (const name of callsOfNobody) assert.ok(!small?.has(name) && !empty?.has(name), name);
    assert.ok(small?.has("NoReplicas") && !empty?.has("NoReplicas"));
  });

  it("leave calls of models out where they ask how soon a service answers", () => {
    const byModels = routes.filter(({ limit }) => limit === "ai").map(({ path }) => path);
    assert.deepEqual([...new Set(byModels)].sort(), [...MODEL_ROUTES].sort());
  });

  it("are an object a theme", () => {
    const [group] = ruleGroups(scopes.empty);
    assert.ok(group);
    assert.deepEqual(renderRules("agents-dev", group, "agents-dev-monitoring"), {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: {
        name: `agents-dev-${group.name}`,
        namespace: "agents-dev-monitoring",
        labels: { "app.kubernetes.io/name": "prometheus" },
      },
      spec: { groups: [group] },
    });
  });

  it("are named once", () => {
    assert.equal(new Set(alertIds).size, alertIds.length);
    assert.deepEqual([...new Set(alertIds.map(nameOf))].sort(), [...alertNames].sort());
  });
});

describe("names in expressions", () => {
  const recorded = new Map([
    ["service:x:ratio", ["service"]],
    ["anything", undefined],
  ] as const);
  it("are told where nobody has them", () => {
    assert.deepEqual(unknownNames("rate(htp_requests_total[5m])", recorded), ["htp_requests_total"]);
    assert.deepEqual(unknownNames('sum by (service, code) (rate(http_requests_total{state="1"}[5m]))', recorded), [
      "http_requests_total{state}",
      "http_requests_total{code}",
    ]);
    assert.deepEqual(unknownNames('service:x:ratio{slo="a"} > 1', recorded), ["service:x:ratio{slo}"]);
    assert.deepEqual(unknownNames('{job="a"}', recorded), ["a selector without a metric"]);
    assert.deepEqual(unknownNames("sum(up", recorded), ["no PromQL at 6: sum(up"]);
  });
  it("are none of it where they are known", () => {
    assert.deepEqual(
      unknownNames('sum by (le) (http_request_duration_seconds_bucket{service="a"}) + anything{x="1"}', recorded),
      [],
    );
  });
});
