import assert from "node:assert/strict";
import { namespacesIn } from "../support/objects.js";
import { changesOf } from "../support/stack.js";
import { type Ground, openGround, Trial } from "../support/trial.js";

/** The stack file `dev` with everything that watches it: a real API server takes its objects, by their definitions. */
describe("a stack that is watched", () => {
  let ground: Ground;
  let trial: Trial;

  before(async () => {
    ground = await openGround();
    trial = await Trial.open(ground, {
      stack: "dev",
      watching: true,
      serving: true,
      secretNames: ["OPENAI_API_KEY", "PAGERDUTY_ROUTING_KEY"],
      settings: {
        "monitoring.receivers.pagerduty.routingKey": "PAGERDUTY_ROUTING_KEY",
        "monitoring.logs.to": "openSearch",
      },
    });
  });
  after(async () => {
    await trial?.close();
    await ground?.close();
  });
  afterEach("leaves no secret in plain text and nothing half done", () => trial.assertSound());

  it("comes up in one up", async () => {
    const { code, output } = await trial.stack.up();
    assert.equal(code, 0, output);
  });

  it("has nothing left to do", async () => {
    const again = await trial.stack.up("--expect-no-changes");
    assert.equal(again.code, 0, again.output);
  });

  it("begins other alerts by a setting, and changes nothing but the rules and what is drawn of them", async () => {
    await trial.stack.configure({ "monitoring.alerts.nodeCpu": "80" });
    const up = await trial.stack.up();
    assert.equal(up.code, 0, up.output);
    const kinds = changesOf(up).map(({ op, type }) => `${op} ${type.split(":").at(-1)}`);
    // Dashboards draw the threshold; Grafana starts again with them.
    const dashboards = ["create-replacement ConfigMap", "delete-replaced ConfigMap", "replace ConfigMap"];
    assert.deepEqual([...new Set(kinds)].sort(), [...dashboards, "update PrometheusRule", "update Release"]);
  });

  it("goes, and leaves nothing", async () => {
    const destroy = await trial.stack.destroy();
    assert.equal(destroy.code, 0, destroy.output);
    assert.deepEqual(trial.stack.state().resources, []);
    assert.deepEqual(await namespacesIn(ground.cluster), []);
  });
});
