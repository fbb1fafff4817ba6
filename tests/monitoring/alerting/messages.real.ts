import assert from "node:assert/strict";
import { receivers } from "../../support/settings.js";
import { type Alertmanager, startAlertmanager } from "../support/alertmanager.js";
import { eventually } from "../support/eventually.js";
import { type Listener, startListener, type Told } from "../support/listener.js";
import { receiversOf } from "../support/receivers.js";

/** PagerDuty and Slack are called at addresses of their own: what they would get is what a webhook in their place gets. */
const annotations = {
  summary: "api fails calls",
  description: "12.5 % of the calls of api failed in the last 5 minutes.",
  runbook_url: "https://git.example.com/runbooks/HighErrorRate.md",
};
const labels = { alertname: "HighErrorRate", severity: "critical", service: "api", environment: "production" };

describe("messages of a real Alertmanager", () => {
  let people: Listener;
  let alertmanager: Alertmanager;
  before(async () => {
    people = await startListener();
    alertmanager = await startAlertmanager(
      receiversOf({
        slack: receivers.slack,
        webhooks: { ops: { urlSecret: "OPS_URL", token: "OPS_TOKEN" } },
        deadman: { url: `${people.url}/deadman` },
      }),
      { SLACK_WEBHOOK: `${people.url}/slack`, OPS_URL: `${people.url}/ops`, OPS_TOKEN: "the-token" },
    );
  });
  after(async () => {
    await alertmanager?.stop();
    await people?.stop();
  });
  const slackOf = (title: string) =>
    people.heard(`"${title}" in Slack`, ({ path, body }) => path === "/slack" && body.attachments[0].title === title);

  it("tell in Slack what is wrong, where, and what to do", async () => {
    await alertmanager.post([{ labels, annotations }]);
    const { body } = await slackOf("CRITICAL HighErrorRate of api in production");
    assert.equal(body.channel, "#alerts");
    const [{ text, fallback, color }] = body.attachments;
    const silence =
      "http://alertmanager.example.com/#/silences/new?filter=%7Balertname%3D%22HighErrorRate%22%2Cenvironment%3D%22production%22%2Cservice%3D%22api%22%7D";
    assert.equal(
      text.trim(),
      [
        "*api fails calls*",
        "12.5 % of the calls of api failed in the last 5 minutes.",
        `<https://git.example.com/runbooks/HighErrorRate.md|Runbook>   <${silence}|Silence>`,
      ].join("\n"),
    );
    assert.deepEqual([fallback, color], ["CRITICAL HighErrorRate of api in production", "danger"]);
  });

  it("carry the token of a webhook, from its file", async () => {
    const { headers } = await people.heard("the webhook's call", ({ path }) => path === "/ops");
    assert.equal(headers.authorization, "Bearer the-token");
  });

  it("tell that it is over", async () => {
    await alertmanager.post([{ labels, annotations, endsAt: new Date().toISOString() }]);
    const { body } = await slackOf("RESOLVED HighErrorRate of api in production");
    const [{ text, color }] = body.attachments;
    assert.equal(
      text.trim(),
      [
        "*api fails calls* (resolved)",
        "12.5 % of the calls of api failed in the last 5 minutes.",
        "<https://git.example.com/runbooks/HighErrorRate.md|Runbook>",
      ].join("\n"),
    );
    assert.equal(color, "good");
    const over = await people.alert("HighErrorRate", "resolved");
    assert.deepEqual(over.labels, labels);
  });

  it("say of an alert without a page on the web which file is its page", async () => {
    const { runbook_url, ...rest } = annotations;
    const page = { ...rest, runbook: "docs/runbooks/ServiceDown.md" };
    await alertmanager.post([{ labels: { ...labels, alertname: "ServiceDown" }, annotations: page }]);
    const { body } = await slackOf("CRITICAL ServiceDown of api in production");
    assert.match(body.attachments[0].text, /\ndocs\/runbooks\/ServiceDown\.md {3}</);
  });

  it("give the dead man's switch a sign of life, and nobody else", async () => {
    await alertmanager.post([{ labels: { alertname: "Watchdog", severity: "info" }, annotations }]);
    await people.heard("a sign of life", ({ path }) => path === "/deadman");
    const told = (one: Told) => JSON.stringify(one.body).includes("Watchdog");
    assert.deepEqual(
      people.told.filter(told).map(({ path }) => path),
      ["/deadman"],
    );
  });
});

/** All days but the one that is furthest from now, wherever the clock of the machine is. */
const sixDays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].filter(
  (_, day) => day !== (new Date().getUTCDay() + 3) % 7,
);

describe("what a real Alertmanager does not tell", () => {
  let people: Listener;
  let alertmanager: Alertmanager;
  before(async () => {
    people = await startListener();
    alertmanager = await startAlertmanager(
      receiversOf({
        webhooks: { ops: { url: `${people.url}/ops` } },
        muteTimes: { quiet: { weekdays: sixDays } },
        routes: { warning: { mute: [] }, info: { to: ["ops"] } },
      }),
    );
    await alertmanager.post(alerts);
  });
  after(async () => {
    await alertmanager?.stop();
    await people?.stop();
  });
  const alert = (alertname: string, severity: string, about: Readonly<Record<string, string>>) => ({
    labels: { alertname, severity, environment: "production", ...about },
    annotations,
  });
  const [api, shop] = [{ service: "api" }, { service: "shop" }];
  const alerts = [
    alert("BudgetSpent", "info", { service: "mail", budget: "tokens" }),
    alert("ServiceDown", "critical", api),
    alert("HighLatency", "warning", api),
    alert("HighLatency", "warning", shop),
    alert("PodCrashLooping", "warning", api),
    alert("NodeDiskFull", "critical", { node: "n1", mountpoint: "/" }),
    alert("NodeDiskFull", "warning", { node: "n1", mountpoint: "/" }),
    alert("NodeDiskFull", "warning", { node: "n2", mountpoint: "/" }),
    alert("NodeNotReady", "warning", { node: "n3" }),
    alert("PodNotReady", "warning", { node: "n3", pod: "api-1" }),
    alert("PodNotReady", "warning", { node: "n2", pod: "api-2" }),
    alert("BudgetSpent", "critical", { ...api, budget: "dollars" }),
    alert("BudgetSpent", "warning", { ...api, budget: "dollars" }),
    alert("BudgetSpent", "info", { ...api, budget: "dollars" }),
    alert("BudgetSpent", "info", { ...shop, budget: "dollars" }),
  ];
  /** Whether each is muted, once Alertmanager has made up its mind about all. */
  const muted = async (count: number): Promise<Readonly<Record<string, boolean>>> => {
    const found = await eventually(`${count} alerts`, async () => {
      const all = await alertmanager.alerts();
      return all.length === count ? all : undefined;
    });
    return Object.fromEntries(
      found.map(({ labels: { alertname, severity, service, node, pod }, inhibited }) => [
        [alertname, severity, service, node, pod].filter((word) => word !== undefined).join(" "),
        inhibited,
      ]),
    );
  };

  it("is what another alert is behind: the same thing's warning, a service that is down, a node that is gone", async () => {
    assert.deepEqual(await muted(alerts.length), {
      "BudgetSpent info mail": false,
      "ServiceDown critical api": false,
      "HighLatency warning api": true,
      "HighLatency warning shop": false,
      "PodCrashLooping warning api": false,
      "NodeDiskFull critical n1": false,
      "NodeDiskFull warning n1": true,
      "NodeDiskFull warning n2": false,
      "NodeNotReady warning n3": false,
      "PodNotReady warning n3 api-1": true,
      "PodNotReady warning n2 api-2": false,
      "BudgetSpent critical api": false,
      "BudgetSpent warning api": true,
      "BudgetSpent info api": true,
      "BudgetSpent info shop": false,
    });
    await people.heard("both that are not muted", () => {
      const names = people.told.flatMap(({ body }) => body.alerts).map(({ labels }) => labels.alertname);
      return names.includes("ServiceDown") && names.includes("PodCrashLooping");
    });
    const told = people.told.flatMap(({ body }) => body.alerts).map(({ labels }) => labels);
    assert.deepEqual(
      told.filter(({ alertname, service }) => alertname === "HighLatency" && service === "api"),
      [],
    );
  });

  it("is what a mute time keeps back, and a critical alert is no such thing", async () => {
    await eventually("the mute", async () => {
      const held = await alertmanager.alerts();
      const one = held.find(({ labels }) => labels["service"] === "mail");
      return one?.mutedBy.includes("quiet") ? one : undefined;
    });
    await people.alert("ServiceDown", "firing");
    assert.ok(!JSON.stringify(people.told).includes('"mail"'));
  });
});
