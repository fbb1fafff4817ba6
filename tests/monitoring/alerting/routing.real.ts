import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { severityNames } from "../../../config/monitoring/receivers.js";
import type { Tree } from "../../../config/walk.js";
import { receivers } from "../../support/settings.js";
import { tool } from "../../tools/cache.js";
import { writeFiles } from "../support/alertmanager.js";
import { everyReceiver, receiversOf } from "../support/receivers.js";

const { email } = everyReceiver;

/** Receivers of stacks, and whom amtool says that alerts with these labels reach. */
const stacks: Readonly<Record<string, { readonly said: Tree; readonly reach: Readonly<Record<string, string>> }>> = {
  "PagerDuty and Slack": {
    said: receivers,
    reach: { critical: "pagerduty,slack", warning: "slack", info: "nobody", none: "nobody", page: "slack" },
  },
  "mail alone": { said: { email }, reach: { critical: "email", warning: "email", info: "nobody" } },
  "PagerDuty and mail": {
    said: { pagerduty: receivers.pagerduty, email },
    reach: { critical: "pagerduty", warning: "email", info: "nobody" },
  },
  "a webhook": { said: { webhooks: { ops: { urlSecret: "OPS_URL" } } }, reach: { critical: "ops", warning: "ops" } },
  nobody: { said: {}, reach: { critical: "nobody", warning: "nobody", info: "nobody" } },
  everybody: {
    said: everyReceiver,
    reach: { critical: "pagerduty,slack,ops", warning: "slack,ops,open", info: "ops", page: "slack,ops,open" },
  },
  "routes of its own": {
    said: {
      ...everyReceiver,
      routes: { critical: { to: ["ops", "email"], mute: ["night"] }, warning: { to: [] }, info: { to: ["slack"] } },
    },
    reach: { critical: "email,ops", warning: "nobody", info: "slack" },
  },
};

function amtool(...options: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(tool("amtool"), options, { encoding: "utf8" });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

const sorted = (names: string): string => names.trim().split(",").sort().join(",");

describe("the routes of alerts, as amtool reads them", () => {
  for (const [name, { said, reach }] of Object.entries(stacks))
    describe(name, () => {
      let config: string;
      const reached = (...labels: readonly string[]): string =>
        sorted(amtool("config", "routes", "test", `--config.file=${config}`, ...labels));
      before(() => {
        config = writeFiles(receiversOf(said)).config;
      });

      it("are valid, with matchers of the strict form", () => {
        assert.match(amtool("check-config", "--enable-feature=utf8-strict-mode", config), /SUCCESS/);
      });

      it("lead each severity to whom it should, of a service and of none", () => {
        for (const [severity, expected] of Object.entries(reach)) {
          assert.equal(reached(`severity=${severity}`, "service=api", "alertname=A"), sorted(expected), severity);
          assert.equal(reached(`severity=${severity}`, "alertname=A"), sorted(expected), `${severity}, no service`);
        }
      });

      it("take what says no severity for a warning", () => {
        assert.equal(reached("alertname=A", "service=api"), reached("alertname=A", "severity=warning"));
      });

      it("lead the sign of life to the dead man's switch alone", () => {
        const expected = "deadman" in said ? "deadman" : "nobody";
        for (const severity of severityNames)
          assert.equal(reached("alertname=Watchdog", `severity=${severity}`), expected);
      });
    });
});
