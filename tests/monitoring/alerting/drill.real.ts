import assert from "node:assert/strict";
import { ruleFile } from "../../../components/monitoring/rules/index.js";
import { awsProduction } from "../../support/settings.js";
import { scopeOf } from "../scopes.js";
import { type Alertmanager, startAlertmanager } from "../support/alertmanager.js";
import { type Listener, startListener } from "../support/listener.js";
import { receiversOf } from "../support/receivers.js";
import { startWatchedService, targetLabels, type WatchedService } from "../support/watched-service.js";

/** The stack that the service is one of: all its rules, its routes, and one receiver, which is this test. */
const webhooks = { ops: { urlSecret: "OPS_URL", token: "OPS_TOKEN" } };
const scope = scopeOf({
  ...awsProduction,
  services: { api: { image: "ghcr.io/acme/api:1.4.2", agents: { role: "all" }, uses: ["database"] } },
  monitoring: { receivers: { webhooks } },
});

/** Nothing waits less than in production, but for how often Prometheus looks. */
describe("a drill: the service goes down and comes back", () => {
  let people: Listener;
  let alertmanager: Alertmanager;
  let watched: WatchedService;
  before(async () => {
    people = await startListener();
    alertmanager = await startAlertmanager(receiversOf({ webhooks }), {
      OPS_URL: `${people.url}/ops`,
      OPS_TOKEN: "the-token",
    });
    watched = await startWatchedService({ rules: [ruleFile(scope)], alertmanagers: [alertmanager.address] });
  });
  after(async () => {
    await watched?.stop();
    await alertmanager?.stop();
    await people?.stop();
  });
  const labels = {
    alertname: "ServiceDown",
    environment: targetLabels.environment,
    service: targetLabels.service,
    severity: "critical",
  };

  it("nobody is told while it is well", async () => {
    await watched.load("chat", 5);
    assert.deepEqual(await watched.prometheus.query('ALERTS{alertname="ServiceDown"}'), []);
  });

  it("whoever is on call is told that it is down", async () => {
    await watched.kill();
    const told = await people.alert("ServiceDown", "firing", 240);
    assert.deepEqual(told.labels, labels);
    assert.deepEqual(told.annotations, {
      summary: "api is down",
      description: "No pod of api has shown its metrics for a minute.",
      runbook: "docs/runbooks/ServiceDown.md",
    });
    const [first] = people.told.filter(({ body }) => JSON.stringify(body).includes("ServiceDown"));
    assert.deepEqual([first?.path, first?.headers.authorization], ["/ops", "Bearer the-token"]);
  });

  it("and that it is back", async () => {
    await watched.start();
    const told = await people.alert("ServiceDown", "resolved", 240);
    assert.deepEqual(told.labels, labels);
  });
});
