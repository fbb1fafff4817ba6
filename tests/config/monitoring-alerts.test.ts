import assert from "node:assert/strict";
import { businessOf } from "../../config/service-schema.js";
import { parseSettings } from "../../config/settings.js";
import type { Tree } from "../../config/walk.js";
import { refuses, sourceOf } from "./refuses.js";

const local = { cloud: "local" };
const image = "ghcr.io/acme/api:1.4.2";
const watched = (alerts: Tree): Tree => ({ ...local, monitoring: { mode: "inCluster", alerts } });
const agents = (slo: Tree): Tree => ({ ...local, services: { a: { image, agents: {}, slo } } });

describe("alerts, promises and budgets of a stack", () => {
  refuses("a bound of the wrong type", watched({ latency: "fast" }), [
    'monitoring.alerts.latency: "fast" will not do; expected a number from 0.001 to 86400; set it with: pulumi config set --path monitoring.alerts.latency 0.001',
  ]);

  refuses("a percentage that no rate reaches", watched({ errorRate: { critical: 150 } }), [
    "monitoring.alerts.errorRate.critical: 150 is above 100; expected a number from 0.001 to 100; set it with: pulumi config set --path monitoring.alerts.errorRate.critical 100",
  ]);

  refuses(
    "a warning that comes after what it warns of",
    watched({ errorRate: { warning: 20 }, certificateDays: { warning: 3 } }),
    [
      "monitoring.alerts.errorRate.warning: 20 is above critical, 10: nobody would be warned before; expected a number up to 10; set it with: pulumi config set --path monitoring.alerts.errorRate.warning 10",
      "monitoring.alerts.certificateDays.warning: 3 is below critical, 7: nobody would be warned before; expected a number from 7; set it with: pulumi config set --path monitoring.alerts.certificateDays.warning 7",
    ],
  );

  refuses("a page that is no address", watched({ runbooks: "docs/runbooks" }), [
    'monitoring.alerts.runbooks: "docs/runbooks" will not do; expected an https address that ends in /; set it with: pulumi config set --path monitoring.alerts.runbooks https://git.example.com/platform/docs/runbooks/',
  ]);

  refuses("promises that nobody can keep, or break", agents({ availability: 100, errors: 0, agentHealth: 1 }), [
    "services.a.slo.availability: 100 is above 99.999; expected a number from 50 to 99.999; set it with: pulumi config set --path services.a.slo.availability 99.999",
    "services.a.slo.errors: 0 is below 0.001; expected a number from 0.001 to 50; set it with: pulumi config set --path services.a.slo.errors 0.001",
    "services.a.slo.agentHealth: 1 is above 0.999; expected a number from 0.01 to 0.999; set it with: pulumi config set --path services.a.slo.agentHealth 0.999",
  ]);

  refuses("no promise at all", agents({ availability: 0 }), [
    "services.a.slo.availability: 0 is below 50; expected a number from 50 to 99.999; set it with: pulumi config set --path services.a.slo.availability 50",
  ]);

  refuses("times that the agent service does not count by", agents({ p95: 0.7, p99: 90 }), [
    "services.a.slo.p95: 0.7 is no bound of the agent service's histogram: how many calls are so fast is not counted; expected 0.5 or 1; set it with: pulumi config set --path services.a.slo.p95 1",
    "services.a.slo.p99: 90 is no bound of the agent service's histogram: how many calls are so fast is not counted; expected 60; set it with: pulumi config set --path services.a.slo.p99 60",
  ]);

  refuses("99 of 100 calls that are faster than 95 of them", agents({ p95: 2, p99: 1 }), [
    "services.a.slo.p99: 1 is below p95, 2: 99 of 100 calls are no faster than 95 of them; expected a number from 2; set it with: pulumi config set --path services.a.slo.p99 2",
  ]);

  it("any time will do for a service that is not the platform's", () => {
    parseSettings(sourceOf({ ...local, services: { a: { image, metrics: {}, slo: { p95: 0.7, p99: 90 } } } }));
  });

  refuses(
    "business metrics with impossible names",
    { ...local, services: { a: { image, metrics: { business: ["orders-total", { name: "2nd_orders" }] } } } },
    [
      "services.a.metrics.business[0]: \"orders-total\" will not do; expected the name of a metric (letters, digits, underscores and colons), or a map with name; set it with: pulumi config set --path 'services.a.metrics.business[0]' orders_total",
      "services.a.metrics.business[1].name: \"2nd_orders\" will not do; expected the name of a metric: letters, digits, underscores and colons, beginning with no digit; set it with: pulumi config set --path 'services.a.metrics.business[1].name' ndorders",
    ],
  );

  refuses(
    "a metric that is there twice, and an alert without a bound",
    { ...local, services: { a: { image, metrics: { business: ["orders", { name: "orders", alert: {} }] } } } },
    [
      "services.a.metrics.business[1]: orders is there already; expected each metric once; remove it with: pulumi config rm --path 'services.a.metrics.business[1]'",
      "services.a.metrics.business[1].alert: an alert without a bound; expected above, below or both; set it with: pulumi config set --path 'services.a.metrics.business[1].alert.below' 1",
    ],
  );

  refuses("a budget of nothing", { ...local, monitoring: { mode: "inCluster", budget: { dollars: 0 } } }, [
    "monitoring.budget.dollars: 0 is below 0.01; expected a number from 0.01 to 1000000000; set it with: pulumi config set --path monitoring.budget.dollars 0.01",
  ]);

  it("a name alone, and all that may be said", () => {
    const business = ["carts", { name: "stock", across: "most", alert: { above: 500 } }];
    const { settings } = parseSettings(sourceOf({ ...local, services: { a: { image, metrics: { business } } } }));
    const { a } = settings.services;
    assert.ok(a);
    assert.deepEqual(businessOf(a), [
      { name: "carts", across: "sum" },
      { name: "stock", across: "most", alert: { above: 500, minutes: 15, severity: "warning" } },
    ]);
  });

  it("a budget beyond what is kept is a warning", () => {
    const warnings = (retention: number, budget: Tree) =>
      parseSettings(sourceOf({ ...local, monitoring: { mode: "inCluster", retention, budget } })).warnings.filter(
        (line) => line.includes("budget"),
      );
    assert.deepEqual(warnings(7, { tokens: 1000 }), [
      "a budget is of 30 days, and only 7 days of measurements are kept: what models cost before is not counted; set it with: pulumi config set --path monitoring.retention 30",
    ]);
    assert.deepEqual([...warnings(30, { tokens: 1000 }), ...warnings(7, {})], []);
  });
});
