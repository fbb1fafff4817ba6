import assert from "node:assert/strict";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { messageFiles, renderAlertmanagerConfig } from "../../../components/monitoring/alerting/config.js";
import { receiverReaches } from "../../../components/monitoring/alerting/reaches.js";
import { createAlerting } from "../../../components/monitoring/alerting.js";
import type { Watching } from "../../../components/monitoring/scene.js";
import { ANYWHERE, INTERNET } from "../../../components/peers.js";
import type { Tree } from "../../../config/walk.js";
import { deploy, inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { ground, madeCluster } from "../../support/inside.js";
import { localStack, receivers, settingsOf } from "../../support/settings.js";
import { everyReceiver, receiversOf } from "../support/receivers.js";

const SECRET = "kubernetes:core/v1:Secret";
const EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret";
const FOLDER = "/etc/alertmanager/secrets/alertmanager-receivers-0";

const configOf = (said: Tree) => parse(renderAlertmanagerConfig(receiversOf(said), { secrets: FOLDER }));

describe("Alertmanager's configuration", () => {
  it("tells critical alerts to PagerDuty and Slack every 5 minutes, and warnings to Slack every hour", () => {
    const { route } = configOf(receivers);
    const critical = {
      matchers: ['severity="critical"'],
      group_wait: "10s",
      group_interval: "30s",
      repeat_interval: "5m",
      continue: true,
    };
    assert.deepEqual(route, {
      receiver: "nobody",
      group_by: ["alertname", "service", "environment"],
      group_wait: "30s",
      group_interval: "5m",
      repeat_interval: "1h",
      routes: [
        {
          receiver: "nobody",
          matchers: ['alertname="Watchdog"'],
          group_wait: "0s",
          group_interval: "1m",
          repeat_interval: "5m",
        },
        { receiver: "pagerduty", ...critical },
        { receiver: "slack", ...critical },
        {
          receiver: "slack",
          matchers: ['severity!~"critical|info|none"'],
          group_wait: "30s",
          group_interval: "5m",
          repeat_interval: "60m",
          continue: true,
        },
      ],
    });
  });

  it("holds no secret: each is a file under its name", () => {
    const found = configOf(everyReceiver).receivers;
    const links = [
      { href: "{{ .CommonAnnotations.runbook_url }}", text: "Runbook" },
      { href: "{{ .CommonAnnotations.dashboard_url }}", text: "Dashboard" },
      { href: '{{ template "platform.silence" . }}', text: "Silence" },
    ];
    assert.deepEqual(found, [
      { name: "nobody" },
      {
        name: "pagerduty",
        pagerduty_configs: [
          {
            routing_key_file: `${FOLDER}/PAGERDUTY_ROUTING_KEY`,
            send_resolved: true,
            description: '{{ template "platform.title" . }}: {{ .CommonAnnotations.summary }}',
            severity: '{{ template "platform.severity" . }}',
            component: "{{ .GroupLabels.service }}",
            group: "{{ .GroupLabels.environment }}",
            class: "{{ .GroupLabels.alertname }}",
            details: {
              description: "{{ .CommonAnnotations.description }}",
              runbook: "{{ .CommonAnnotations.runbook }}",
            },
            links,
          },
        ],
      },
      {
        name: "slack",
        slack_configs: [
          {
            api_url_file: `${FOLDER}/SLACK_WEBHOOK`,
            channel: "#alerts",
            send_resolved: true,
            title: '{{ template "platform.title" . }}',
            text: '{{ template "platform.slack" . }}',
            fallback: '{{ template "platform.title" . }}',
          },
        ],
      },
      {
        name: "email",
        email_configs: [
          {
            to: "on-call@example.com, ops@example.com",
            from: "alerts@example.com",
            smarthost: "smtp.example.com:587",
            auth_username: "alerts",
            auth_password_file: `${FOLDER}/SMTP_PASSWORD`,
            require_tls: true,
            send_resolved: true,
            headers: { Subject: '{{ template "platform.title" . }}' },
            text: '{{ template "platform.text" . }}',
            html: '{{ template "platform.html" . }}',
          },
        ],
      },
      {
        name: "ops",
        webhook_configs: [
          {
            url_file: `${FOLDER}/OPS_URL`,
            send_resolved: true,
            http_config: { authorization: { type: "Bearer", credentials_file: `${FOLDER}/OPS_TOKEN` } },
          },
        ],
      },
      { name: "open", webhook_configs: [{ url: "http://alerts.example.com:8080/hook", send_resolved: true }] },
      { name: "deadman", webhook_configs: [{ url: "https://deadman.example.com/1", send_resolved: false }] },
    ]);
  });

  it("mutes warnings at the times that are said, and critical alerts at none", () => {
    const { route, time_intervals } = configOf(everyReceiver);
    const muted = route.routes.map(({ receiver, mute_time_intervals }: Tree) => [receiver, mute_time_intervals]);
    const all = ["weekend", "night"];
    assert.deepEqual(muted, [
      ["deadman", undefined],
      ["pagerduty", undefined],
      ["slack", undefined],
      ["ops", undefined],
      ["slack", all],
      ["ops", all],
      ["open", all],
      ["ops", all],
    ]);
    assert.deepEqual(time_intervals, [
      { name: "weekend", time_intervals: [{ weekdays: ["saturday", "sunday"], location: "UTC" }] },
      {
        name: "night",
        time_intervals: [
          {
            times: [
              { start_time: "22:00", end_time: "24:00" },
              { start_time: "00:00", end_time: "06:00" },
            ],
            location: "Europe/Berlin",
          },
        ],
      },
    ]);
  });

  it("repeats when it is asked to, whatever it looks by", () => {
    const routes = { critical: { repeat: 15 }, warning: { repeat: 7 }, info: { to: ["slack"], repeat: 1440 } };
    const found = configOf({ ...receivers, routes }).route.routes.map((one: Tree) => [
      one["receiver"],
      one["group_interval"],
      one["repeat_interval"],
    ]);
    assert.deepEqual(found, [
      ["nobody", "1m", "5m"],
      ["pagerduty", "30s", "15m"],
      ["slack", "30s", "15m"],
      ["slack", "1m", "7m"],
      ["slack", "5m", "1440m"],
    ]);
  });

  it("is left as it is by a reader that takes 22:00 for a number", () => {
    assert.match(renderAlertmanagerConfig(receiversOf(everyReceiver), { secrets: FOLDER }), /start_time: "22:00"/);
  });
});

describe("what Alertmanager calls", () => {
  const reaches = (said: Tree) => receiverReaches(receiversOf(said));
  const to = (ipBlock: object, port: number) => ({ to: [{ ipBlock }], port });

  it("is the internet for PagerDuty and Slack, and any address that has a name of its own", () => {
    assert.deepEqual(reaches({}), []);
    assert.deepEqual(reaches(receivers), [to(INTERNET, 443)]);
    const { email } = everyReceiver;
    assert.deepEqual(reaches({ ...receivers, email }), [to(INTERNET, 443), to(ANYWHERE, 587)]);
    assert.deepEqual(reaches(everyReceiver), [to(ANYWHERE, 443), to(ANYWHERE, 587), to(ANYWHERE, 8080)]);
    assert.deepEqual(reaches({ webhooks: { a: { url: "http://a.example.com" } } }), [to(ANYWHERE, 80)]);
  });
});

const entry = (name: string) => ({
  store: pulumi.output("store"),
  key: pulumi.output(`key-of-${name}`),
  identity: pulumi.output(name),
  label: name,
  version: pulumi.output("1"),
});

/** Alerting of a stack, on the recorder. */
async function alerting(monitoring: Tree, stubs: Stubs = {}, version = "1") {
  const settings = settingsOf({ ...localStack, monitoring });
  assert.ok(settings.monitoring.mode !== "none");
  const watching: Watching = settings.monitoring;
  const names = ["PAGERDUTY_ROUTING_KEY", "SLACK_WEBHOOK", "SMTP_PASSWORD", "OPS_URL", "OPS_TOKEN", "OTHER"];
  const secrets = Object.fromEntries(names.map((name) => [name, { ...entry(name), version: pulumi.output(version) }]));
  return deploy(() => {
    const { parent } = ground(settings);
    const cluster = madeCluster(parent);
    const store = new CustomResource(
      "store",
      { apiVersion: "external-secrets.io/v1", kind: "ClusterSecretStore", metadata: { name: "store" } },
      { parent, provider: cluster.provider },
    );
    return { made: createAlerting("alerting", { watching, secrets, cluster, namespace: "watch", store }, parent) };
  }, stubs);
}
const ours = (resources: Awaited<ReturnType<typeof alerting>>["resources"]) =>
  inventory(resources).filter(([type]) => type === SECRET || type === EXTERNAL);

describe("alerting in the cluster", () => {
  it("is a configuration without secrets, and the secrets that it names, from the store", async () => {
    const { resources, result } = await alerting({ receivers });
    assert.deepEqual(ours(resources), [
      [SECRET, "alerting-config"],
      [EXTERNAL, "alerting-receivers"],
    ]);
    const [secret] = result.made?.secrets ?? [];
    assert.ok(secret !== undefined);
    const mounted = await valueOf(secret);
    assert.match(mounted, /^alertmanager-receivers-[0-9a-f]{10}$/);
    const field = (key: string) => ({ secretKey: key, remoteRef: { key: `key-of-${key}`, property: "value" } });
    const { inputs: external } = only(resources, EXTERNAL);
    assert.deepEqual(external["spec"], {
      refreshInterval: "1h",
      secretStoreRef: { kind: "ClusterSecretStore", name: "store" },
      target: {
        name: mounted,
        creationPolicy: "Owner",
        template: {
          engineVersion: "v2",
          mergePolicy: "Replace",
          data: {
            PAGERDUTY_ROUTING_KEY: "{{ .PAGERDUTY_ROUTING_KEY }}",
            SLACK_WEBHOOK: "{{ .SLACK_WEBHOOK }}",
          },
        },
      },
      data: [field("PAGERDUTY_ROUTING_KEY"), field("SLACK_WEBHOOK")],
    });
    const name = await valueOf(result.made?.configSecret ?? "");
    assert.match(name, /^alertmanager-config-[0-9a-f]{10}$/);
    const { inputs: config } = only(resources, SECRET, "alerting-config");
    assert.deepEqual(config, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace: "watch" },
      immutable: true,
      stringData: {
        "alertmanager.yaml": renderAlertmanagerConfig(receiversOf(receivers), {
          secrets: `/etc/alertmanager/secrets/${mounted}`,
        }),
        ...messageFiles,
      },
    });
  });

  it("has another name with another receiver, and with another value of a secret", async () => {
    const name = async (monitoring: Tree, version?: string) =>
      valueOf((await alerting(monitoring, {}, version)).result.made?.configSecret ?? "");
    const one = await name({ receivers });
    assert.equal(await name({ receivers }), one);
    assert.notEqual(await name({ receivers: { ...receivers, routes: { critical: { repeat: 10 } } } }), one);
    assert.notEqual(await name({ receivers }, "2"), one);
  });

  it("mounts nothing where no receiver has a secret", async () => {
    const { resources, result } = await alerting({ receivers: {} });
    assert.deepEqual(ours(resources), [[SECRET, "alerting-config"]]);
    assert.deepEqual(result.made?.secrets, []);
  });

  it("is there for a Prometheus that exists, and not for an Alertmanager that does", async () => {
    const existing = { mode: "existing", query: "https://p.example.com", remoteWrite: "https://p.example.com/write" };
    const own = await alerting({ ...existing, receivers });
    assert.equal(ours(own.resources).length, 2);
    const other = await alerting({ ...existing, alertmanager: "https://a.example.com" });
    assert.deepEqual([ours(other.resources), other.result], [[], { made: undefined }]);
  });

  it("is planned whole", async () => {
    const { resources } = await alerting({ receivers }, { preview: true });
    assert.equal(ours(resources).length, 2);
  });

  it("takes nothing that is not in the store", async () => {
    await assert.rejects(alerting({ receivers: { webhooks: { ops: { urlSecret: "NOT_THERE" } } } }), {
      message: "NOT_THERE is named by monitoring.receivers and not in the store",
    });
  });
});
