import assert from "node:assert/strict";
import { createRules } from "../../../components/monitoring/rules/objects.js";
import type { RuleScope } from "../../../components/monitoring/rules/scope.js";
import type { Tree } from "../../../config/walk.js";
import { all, deploy } from "../../support/deploy.js";
import { staged } from "../../support/scene.js";
import { localStack, settingsOf } from "../../support/settings.js";

const RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule";
const image = "ghcr.io/acme/api:1.4.2";

const run = async (said: Tree, recorded: RuleScope["cloud"] = {}, preview = false) => {
  const { resources } = await deploy(
    () => {
      const { scene, parent, definitions } = staged(settingsOf(said));
      createRules("test", { ...scene, recorded, after: [definitions] }, parent);
    },
    { preview },
  );
  return all(resources, RULE);
};
const namesOf = (rules: Awaited<ReturnType<typeof run>>) => rules.map(({ name }) => name).sort();

const ofAnyStack = ["nodes", "pods", "saturation", "stores", "watching"].map((theme) => `test-${theme}-alerts`);

describe("objects of rules", () => {
  it("of a stack that runs nothing are about its cluster and its stores", async () => {
    const rules = await run(localStack);
    assert.deepEqual(namesOf(rules), ofAnyStack);
    assert.deepEqual(namesOf(await run(localStack, {}, true)), ofAnyStack);
    for (const { inputs, dependsOn } of rules) {
      const { metadata, spec } = inputs as { metadata: Tree; spec: { groups: readonly { name: string }[] } };
      assert.equal(spec.groups.length, 1);
      assert.deepEqual(metadata, {
        name: `agents-development-${spec.groups[0]?.name}`,
        namespace: metadata["namespace"],
        labels: { "app.kubernetes.io/name": "prometheus" },
      });
      assert.equal(dependsOn.length, 1);
    }
  });

  it("of one with services, with budgets and with a cloud are about those as well", async () => {
    const services = {
      api: { image, agents: {}, routes: [{ path: "/" }], budget: { dollars: 10 } },
      shop: { image, metrics: { business: [{ name: "orders_total", alert: { below: 1 } }] } },
    };
    const rules = await run({ ...localStack, services }, { "cloud:database_cpu_ratio": "x / 100" });
    const alerts = ["agents", "budget", "business", "calls", "models", "nodes", "outside", "pods"];
    assert.deepEqual(
      namesOf(rules),
      [
        ...["test-budget", "test-cloud", "test-slo"],
        ...[...alerts, "saturation", "slo", "stores", "watching"].map((theme) => `test-${theme}-alerts`),
      ].sort(),
    );
    const of = (name: string) => rules.find((rule) => rule.name === name)?.inputs["spec"];
    assert.deepEqual(of("test-cloud"), {
      groups: [
        {
          name: "cloud",
          rules: [{ record: "cloud:database_cpu_ratio", expr: "x / 100", labels: { environment: "development" } }],
        },
      ],
    });
    assert.deepEqual(of("test-business-alerts"), {
      groups: [
        {
          name: "business-alerts",
          rules: [
            {
              alert: "BusinessMetricLow",
              expr: 'sum(increase(orders_total{service="shop"}[1h])) < 1 and on () sum(orders_total{service="shop"} offset 1h)',
              for: "15m",
              labels: { severity: "warning", service: "shop", metric: "orders_total", environment: "development" },
              annotations: {
                summary: "orders_total of shop: less than 1",
                description: "orders_total of shop is at {{ $value | humanize }} an hour.",
                runbook: "docs/runbooks/BusinessMetricLow.md",
              },
            },
          ],
        },
      ],
    });
  });
});
