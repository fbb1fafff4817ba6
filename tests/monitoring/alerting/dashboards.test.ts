import assert from "node:assert/strict";
import { dashboardsOf } from "../../../components/monitoring/dashboards/index.js";
import { dashboardOf, ruleGroups } from "../../../components/monitoring/rules/index.js";
import type { Tree } from "../../../config/walk.js";
import { awsStack } from "../../support/settings.js";
import { scopeOf, scopes } from "../scopes.js";

describe("the dashboard that an alert leads to", () => {
  it("is there", () => {
    const drawn = dashboardsOf({ ...scopes.whole, traces: true, logs: undefined }).map(({ uid }) => uid);
    for (const uid of [...Object.values(dashboardOf), "business"]) assert.ok(drawn.includes(uid), uid);
  });

  const leads = (monitoring: Tree): readonly (string | undefined)[] => {
    const services = {
      shop: { image: "s:1", routes: [{}], metrics: { business: [{ name: "orders", alert: { below: 1 } }] } },
    };
    const alerts = ruleGroups(scopeOf({ ...awsStack, domain: "example.com", services, monitoring })).flatMap(
      ({ rules }) => rules.flatMap((rule) => ("alert" in rule ? [rule] : [])),
    );
    return ["ServiceDown", "NodeNotReady", "BusinessMetricLow"].map(
      (name) => alerts.find(({ alert }) => alert === name)?.annotations["dashboard_url"],
    );
  };

  it("is a link where Grafana is reached by a name, the stack's own or another's", () => {
    const under = (address: string) =>
      ["application", "infrastructure", "business"].map((uid) => `${address}/d/${uid}`);
    assert.deepEqual(leads({ grafana: { host: "watch.example.com" } }), under("https://watch.example.com"));
    const existing = { mode: "existing", query: "https://p.example.com", remoteWrite: "https://p.example.com/write" };
    const grafanaUrl = "https://grafana.example.com/";
    assert.deepEqual(leads({ ...existing, grafanaUrl, grafanaToken: "G" }), under("https://grafana.example.com"));
    assert.deepEqual(leads({}), [undefined, undefined, undefined]);
    assert.deepEqual(leads(existing), [undefined, undefined, undefined]);
  });
});
