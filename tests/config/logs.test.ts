import assert from "node:assert/strict";
import { diskFor } from "../../config/checks/monitoring-logs.js";
import { logsOf } from "../../config/monitoring/logs.js";
import type { Tree } from "../../config/walk.js";
import { awsStack, azureStack, gcpStack, localStack, parsed, receivers, settingsOf } from "../support/settings.js";
import { problemsOf, refuses, sourceOf } from "./refuses.js";

const logsWith = (stack: Tree, logs: Tree): Tree => ({ ...stack, monitoring: { logs } });
const warningsOf = (said: Tree): readonly string[] =>
  parsed(said).warnings.filter((warning) => warning.startsWith("monitoring.logs"));

describe("settings of logs", () => {
  it("go to the cloud for thirty days, with events; on local nowhere", () => {
    for (const stack of [awsStack, gcpStack, azureStack])
      assert.deepEqual(logsOf(settingsOf(stack)), {
        to: "cloud",
        retention: 30,
        events: true,
        openSearch: { nodes: 1, memory: 2, storage: 25, perDay: 0.5 },
      });
    assert.equal(logsOf(settingsOf(localStack))?.to, "none");
  });

  it("production has three nodes of OpenSearch, and what nobody watches has no logs", () => {
    const monitoring = { receivers, logs: { to: "openSearch" } };
    const production = settingsOf({ ...localStack, environment: "production", monitoring });
    assert.equal(logsOf(production)?.openSearch.nodes, 3);
    assert.equal(logsOf(settingsOf({ ...awsStack, monitoring: { mode: "none" } })), undefined);
  });

  refuses("days that CloudWatch Logs does not know", logsWith(awsStack, { retention: 45 }), [
    "monitoring.logs.retention: 45: CloudWatch Logs keeps logs for no such number of days; expected one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288; set it with: pulumi config set --path monitoring.logs.retention 60",
  ]);
  refuses("more days than CloudWatch Logs knows", logsWith(awsStack, { retention: 3650 }), [
    "monitoring.logs.retention: 3650: CloudWatch Logs keeps logs for no such number of days; expected one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288; set it with: pulumi config set --path monitoring.logs.retention 3288",
  ]);
  refuses("fewer days than Log Analytics knows", logsWith(azureStack, { retention: 7 }), [
    "monitoring.logs.retention: 7: Log Analytics keeps logs for no such number of days; expected 30 to 730; set it with: pulumi config set --path monitoring.logs.retention 30",
  ]);
  refuses("more days than Log Analytics knows", logsWith(azureStack, { retention: 1000 }), [
    "monitoring.logs.retention: 1000: Log Analytics keeps logs for no such number of days; expected 30 to 730; set it with: pulumi config set --path monitoring.logs.retention 730",
  ]);

  it("days that a service knows, or that no service is asked for, are taken", () => {
    for (const said of [
      logsWith(gcpStack, { retention: 45 }),
      logsWith(awsStack, { retention: 365 }),
      logsWith(azureStack, { retention: 45 }),
      logsWith(awsStack, { to: "none", retention: 45 }),
    ])
      assert.deepEqual(problemsOf(sourceOf(said)), []);
  });

  refuses("a log service on local", logsWith(localStack, { to: "cloud" }), [
    "monitoring.logs.to: local has no log service of its own; expected openSearch or none; set it with: pulumi config set --path monitoring.logs.to openSearch",
  ]);

  it("OpenSearch has a disk for the lines of all days, and where there are three nodes each line is on two", () => {
    assert.equal(diskFor(30, 0.5, 1), 20);
    assert.equal(diskFor(30, 0.5, 3), 13);
    assert.equal(diskFor(30, 10, 3), 259);
    const enough = logsWith(localStack, { to: "openSearch", retention: 90, openSearch: { storage: 59 } });
    assert.deepEqual(problemsOf(sourceOf(enough)), []);
  });
  refuses("a disk that is too small", logsWith(localStack, { to: "openSearch", retention: 90 }), [
    "monitoring.logs.openSearch.storage: 25 GiB: 90 days of 0.5 GiB a day need 59 on the one node; expected a larger disk, or monitoring.logs.retention of fewer days; set it with: pulumi config set --path monitoring.logs.openSearch.storage 59",
  ]);
  refuses(
    "disks that are too small",
    logsWith(localStack, { to: "openSearch", openSearch: { nodes: 3, perDay: 10, storage: 100 } }),
    [
      "monitoring.logs.openSearch.storage: 100 GiB: 30 days of 10 GiB a day need 259 on each of 3 nodes; expected a larger disk, or monitoring.logs.retention of fewer days; set it with: pulumi config set --path monitoring.logs.openSearch.storage 259",
    ],
  );

  it("says that OpenSearch has no password, and what one node means in production", () => {
    const guarded =
      "monitoring.logs: OpenSearch in the cluster has no password and no TLS: network policies alone say who reads logs";
    assert.deepEqual(warningsOf(logsWith(localStack, { to: "openSearch" })), [guarded]);
    const one = { receivers, logs: { to: "openSearch", openSearch: { nodes: 1 } } };
    assert.deepEqual(warningsOf({ ...localStack, environment: "production", monitoring: one }), [
      guarded,
      "monitoring.logs.openSearch.nodes 1: no logs while that node is away, and none left if its disk goes",
    ]);
    assert.deepEqual(warningsOf(awsStack), []);
  });

  refuses("a place that there is not", logsWith(awsStack, { to: "elsewhere" }), [
    'monitoring.logs.to: "elsewhere" will not do; expected cloud, openSearch or none; set it with: pulumi config set --path monitoring.logs.to cloud',
  ]);
  refuses("two nodes, of which neither may go", logsWith(awsStack, { openSearch: { nodes: 2 } }), [
    "monitoring.logs.openSearch.nodes: 2 will not do; expected 1 or 3; set it with: pulumi config set --path monitoring.logs.openSearch.nodes 1",
  ]);
});
