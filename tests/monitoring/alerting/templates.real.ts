import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runFolder } from "../../service/real/run-folder.js";
import { tool } from "../../tools/cache.js";
import { writeFiles } from "../support/alertmanager.js";
import { receiversOf } from "../support/receivers.js";

const alert = (status: string, service: string, more: object = {}) => ({
  status,
  labels: { alertname: "HighErrorRate", severity: "critical", environment: "production", service },
  annotations: {
    summary: `${service} fails calls`,
    description: `12.5 % of <the calls> of ${service} failed.`,
    runbook_url: "https://git.example.com/HighErrorRate.md",
    ...more,
  },
});

/** What Alertmanager hands to templates of two alerts, one of them over. */
const data = {
  receiver: "email",
  status: "firing",
  alerts: [alert("firing", "api"), alert("resolved", "api")],
  groupLabels: { alertname: "HighErrorRate", environment: "production", service: "api" },
  commonLabels: { alertname: "HighErrorRate", severity: "critical", environment: "production", service: "api" },
  commonAnnotations: {},
  externalURL: "http://alertmanager.example.com",
};

const SILENCE =
  "http://alertmanager.example.com/#/silences/new?filter=%7Balertname%3D%22HighErrorRate%22%2Cenvironment%3D%22production%22%2Cservice%3D%22api%22%7D";

describe("texts of messages, as amtool renders them", () => {
  let folder: string;
  before(() => {
    folder = writeFiles(receiversOf({})).folder;
  });
  const render = (name: string, given: object = {}, type = "text"): readonly string[] => {
    const file = join(mkdtempSync(join(runFolder(), "template-")), "data.json");
    writeFileSync(file, JSON.stringify({ ...data, ...given }));
    const { status, stdout, stderr } = spawnSync(
      tool("amtool"),
      [
        ...["template", "render", `--template.glob=${folder}/*.tmpl`, `--template.data=${file}`],
        ...[`--template.type=${type}`, `--template.text={{ template "platform.${name}" . }}`],
      ],
      { encoding: "utf8" },
    );
    assert.equal(status, 0, stderr);
    return stdout.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
  };

  it("a title says how bad it is, what, of which service, where, and of how many", () => {
    assert.deepEqual(render("title"), ["CRITICAL HighErrorRate of api in production (2)"]);
    const one = { alerts: [alert("firing", "api")] };
    assert.deepEqual(render("title", { ...one, status: "resolved" }), ["RESOLVED HighErrorRate of api in production"]);
    const bare = { ...one, groupLabels: { alertname: "X" }, commonLabels: { alertname: "X" } };
    assert.deepEqual(render("title", bare), ["ALERT X"]);
  });

  it("PagerDuty gets a severity that it knows", () => {
    for (const severity of ["critical", "warning", "info"])
      assert.deepEqual(render("severity", { commonLabels: { severity } }), [severity]);
    assert.deepEqual(render("severity", { commonLabels: { severity: "page" } }), ["error"]);
    assert.deepEqual(render("severity", { commonLabels: {} }), ["error"]);
  });

  it("mail tells each alert, its page and how to silence it", () => {
    assert.deepEqual(render("text"), [
      "CRITICAL HighErrorRate of api in production (2)",
      "api fails calls",
      "12.5 % of <the calls> of api failed.",
      "Runbook: https://git.example.com/HighErrorRate.md",
      "alertname=HighErrorRate environment=production service=api severity=critical",
      "api fails calls (resolved)",
      "12.5 % of <the calls> of api failed.",
      "Runbook: https://git.example.com/HighErrorRate.md",
      "alertname=HighErrorRate environment=production service=api severity=critical",
      `Silence: ${SILENCE}`,
    ]);
  });

  it("and does not take for markup what an alert says", () => {
    const html = render("html", {}, "html").join("\n");
    assert.ok(html.includes("<h2>CRITICAL HighErrorRate of api in production (2)</h2>"), html);
    assert.ok(html.includes("12.5 % of &lt;the calls&gt; of api failed.<br>"), html);
    assert.ok(html.includes('<a href="https://git.example.com/HighErrorRate.md">Runbook</a>'), html);
    assert.ok(html.includes("(resolved)"), html);
    assert.match(html, /<a href="http:\/\/alertmanager\.example\.com\/#\/silences\/new\?filter=%7Balertname/);
  });

  it("a channel is told ten of many", () => {
    const alerts = Array.from({ length: 12 }, (_, index) => alert("firing", `s${index}`));
    const said = render("slack", { alerts }).join("\n");
    assert.ok(said.includes("*s9 fails calls*"));
    assert.ok(!said.includes("*s10 fails calls*"));
    assert.ok(said.endsWith("and more: <http://alertmanager.example.com/#/alerts|all of them>"), said);
  });

  it("a page that is on no web is named by its file", () => {
    const said = render("text", {
      alerts: [alert("firing", "api", { runbook_url: undefined, runbook: "docs/runbooks/A.md" })],
    });
    assert.ok(said.includes("Runbook: docs/runbooks/A.md"), said.join("\n"));
  });
});
