import assert from "node:assert/strict";
import { mutesOf, reachedBy, repeatOf } from "../../../config/monitoring/reach.js";
import { type Severity, severityNames } from "../../../config/monitoring/receivers.js";
import type { Tree } from "../../../config/walk.js";
import { refuses } from "../../config/refuses.js";
import { awsProduction, localStack, parsed, receivers } from "../../support/settings.js";

const watched = (said: Tree, stack: Tree = localStack): Tree => ({ ...stack, monitoring: { receivers: said } });
const receiversOf = (said: Tree, stack: Tree = localStack) => {
  const { monitoring } = parsed(watched(said, stack)).settings;
  assert.ok(monitoring.mode === "inCluster");
  return monitoring.receivers;
};
const reached = (said: Tree): Readonly<Record<Severity, readonly string[]>> => {
  const found = receiversOf(said);
  return {
    critical: reachedBy("critical", found),
    warning: reachedBy("warning", found),
    info: reachedBy("info", found),
  };
};
const email = { to: ["on-call@example.com"], from: "alerts@example.com", host: "smtp.example.com" };
const hook = { urlSecret: "OPS_URL" };

describe("whom alerts reach", () => {
  it("critical: PagerDuty and Slack; warnings: Slack; info: nobody", () => {
    assert.deepEqual(reached(receivers), { critical: ["pagerduty", "slack"], warning: ["slack"], info: [] });
    assert.deepEqual(reached({}), { critical: [], warning: [], info: [] });
  });

  it("mail stands in where nothing else would tell people", () => {
    assert.deepEqual(reached({ email }), { critical: ["email"], warning: ["email"], info: [] });
    const { pagerduty, slack } = receivers;
    assert.deepEqual(reached({ email, pagerduty }), { critical: ["pagerduty"], warning: ["email"], info: [] });
    assert.deepEqual(reached({ email, slack }), { critical: ["slack"], warning: ["slack"], info: [] });
  });

  it("webhooks hear what they say", () => {
    const webhooks = { ops: hook, all: { ...hook, severities: ["critical", "info"] } };
    assert.deepEqual(reached({ ...receivers, webhooks }), {
      critical: ["pagerduty", "slack", "ops", "all"],
      warning: ["slack", "ops"],
      info: ["all"],
    });
  });

  it("routes say it themselves", () => {
    const routes = { critical: { to: ["slack"] }, warning: { to: [] }, info: { to: ["pagerduty"] } };
    assert.deepEqual(reached({ ...receivers, routes }), { critical: ["slack"], warning: [], info: ["pagerduty"] });
  });

  it("repeats critical alerts every 5 minutes, others every hour", () => {
    const every = (said: Tree) => severityNames.map((severity) => repeatOf(severity, receiversOf(said)));
    assert.deepEqual(every({}), [5, 60, 60]);
    assert.deepEqual(every({ routes: { critical: { repeat: 15 }, warning: { repeat: 240 } } }), [15, 240, 60]);
  });

  it("mutes no critical alert unless that is said", () => {
    const muteTimes = { weekend: { weekdays: ["Sat", "Sun"] }, night: { times: ["00:00-06:00"] } };
    const muted = (said: Tree) =>
      severityNames.map((severity) => mutesOf(severity, receiversOf({ muteTimes, ...said })));
    assert.deepEqual(muted({}), [[], ["weekend", "night"], ["weekend", "night"]]);
    const routes = { critical: { mute: ["weekend"] }, warning: { mute: ["night"] }, info: { mute: [] } };
    assert.deepEqual(muted({ routes }), [["weekend"], ["night"], []]);
  });
});

describe("secrets that monitoring names", () => {
  it("are asked for before `up` like those of services, once each", () => {
    const webhooks = { ops: { urlSecret: "OPS_URL", token: "OPS_TOKEN" }, open: { url: "https://alerts.example.com" } };
    const said = {
      ...receivers,
      email: { ...email, username: "alerts", password: "SMTP_PASSWORD" },
      webhooks,
      deadman: { urlSecret: "OPS_URL" },
    };
    assert.deepEqual(parsed(watched(said)).unsetSecrets, [
      "OPS_TOKEN",
      "OPS_URL",
      "PAGERDUTY_ROUTING_KEY",
      "SLACK_WEBHOOK",
      "SMTP_PASSWORD",
    ]);
  });

  it("those of a Prometheus, a Grafana and a collector that exist are among them", () => {
    const { unsetSecrets } = parsed({
      ...localStack,
      monitoring: {
        mode: "existing",
        query: "https://prometheus.example.com",
        remoteWrite: "https://prometheus.example.com/api/v1/write",
        token: "PROMETHEUS_TOKEN",
        grafanaUrl: "https://grafana.example.com",
        grafanaToken: "GRAFANA_TOKEN",
        otlp: "https://otlp.example.com",
        otlpToken: "OTLP_TOKEN",
      },
    });
    assert.deepEqual(unsetSecrets, ["GRAFANA_TOKEN", "OTLP_TOKEN", "PROMETHEUS_TOKEN"]);
  });

  const KEY = "0123456789abcdef0123456789abcdef";
  const plain = (key: string, name: string): string =>
    `monitoring.receivers.${key}: a secret in plain text; expected none in a setting: secrets are encrypted, under agent-secrets:; take it out and set it with: pulumi config set --secret agent-secrets:${name}`;
  refuses(
    "are not said themselves",
    watched({
      pagerduty: { routingKey: KEY },
      slack: { webhook: "https://hooks.slack.com/services/T0/B0/abcdefgh", channel: "#alerts" },
      email: { ...email, username: "alerts", password: "hunter2" },
      webhooks: { ops: { urlSecret: "https://ops.example.com/abc" } },
    }),
    [
      plain("pagerduty.routingKey", "ROUTING_KEY"),
      plain("slack.webhook", "WEBHOOK"),
      plain("email.password", "PASSWORD"),
      plain("webhooks.ops.urlSecret", "URL_SECRET"),
      "monitoring.receivers.pagerduty.routingKey: missing; expected the name of a secret: capital letters, digits and underscores; set it with: pulumi config set --path monitoring.receivers.pagerduty.routingKey PAGERDUTY_ROUTING_KEY",
      "monitoring.receivers.slack.webhook: missing; expected the name of a secret: capital letters, digits and underscores; set it with: pulumi config set --path monitoring.receivers.slack.webhook SLACK_WEBHOOK",
    ],
  );
});

describe("receivers that would not do", () => {
  const production = (said: Tree): Tree => watched(said, awsProduction);
  const nobody = (stack: Tree) =>
    refuses(`none in ${stack["environment"]}`, { ...stack, monitoring: {} }, [
      "monitoring.receivers: a critical alert reaches nobody; expected pagerduty, slack, email or a webhook in production; set it with: pulumi config set --path monitoring.receivers.pagerduty.routingKey PAGERDUTY_ROUTING_KEY",
    ]);
  nobody(awsProduction);
  nobody({ ...awsProduction, environment: "dr" });

  refuses(
    "none of a stack whose Prometheus exists",
    {
      ...awsProduction,
      monitoring: { mode: "existing", query: "https://p.example.com", remoteWrite: "https://p.example.com/write" },
    },
    [
      "monitoring.receivers: a critical alert reaches nobody; expected pagerduty, slack, email or a webhook in production; set it with: pulumi config set --path monitoring.receivers.pagerduty.routingKey PAGERDUTY_ROUTING_KEY",
    ],
  );

  refuses(
    "a webhook that hears warnings only",
    production({ webhooks: { ops: { ...hook, severities: ["warning"] } } }),
    [
      "monitoring.receivers: a critical alert reaches nobody; expected pagerduty, slack, email or a webhook in production; set it with: pulumi config set --path monitoring.receivers.pagerduty.routingKey PAGERDUTY_ROUTING_KEY",
    ],
  );

  refuses(
    "a route for critical alerts that leads nowhere",
    production({ ...receivers, routes: { critical: { to: [] } } }),
    [
      "monitoring.receivers.routes.critical.to: a critical alert reaches nobody; expected whom it reaches; remove it with: pulumi config rm --path monitoring.receivers.routes.critical.to",
    ],
  );

  it("warnings that reach nobody are a warning of the plan", () => {
    const warnings = (said: Tree) => parsed(production(said)).warnings.filter((line) => line.includes("reach nobody"));
    assert.deepEqual(warnings({ pagerduty: receivers.pagerduty }), [
      "warnings reach nobody: say monitoring.receivers.slack, email, or routes.warning.to",
    ]);
    assert.deepEqual(warnings(receivers), []);
  });

  it("development, staging, and an Alertmanager that exists need none", () => {
    for (const environment of ["development", "staging"]) parsed({ ...awsProduction, environment, monitoring: {} });
    const existing = { mode: "existing", query: "https://p.example.com", remoteWrite: "https://p.example.com/write" };
    parsed({ ...awsProduction, monitoring: { ...existing, alertmanager: "https://a.example.com" } });
    parsed({ ...awsProduction, monitoring: { mode: "none" } });
  });

  refuses(
    "receivers beside an Alertmanager that has its own",
    {
      ...localStack,
      monitoring: {
        mode: "existing",
        query: "https://p.example.com",
        remoteWrite: "https://p.example.com/write",
        alertmanager: "https://a.example.com",
        receivers,
      },
    },
    [
      "monitoring.receivers: said beside monitoring.alertmanager, which knows its own receivers; expected one of the two; remove it with: pulumi config rm --path monitoring.receivers",
    ],
  );

  refuses(
    "routes to who is not there",
    watched({ ...receivers, routes: { critical: { to: ["pagerdutty", "slack", "slack"] }, info: { to: ["mail"] } } }),
    [
      "monitoring.receivers.routes.critical.to[0]: there is no receiver pagerdutty; expected pagerduty or slack; set it with: pulumi config set --path 'monitoring.receivers.routes.critical.to[0]' pagerduty",
      "monitoring.receivers.routes.critical.to[2]: slack is there twice; expected each once; remove it with: pulumi config rm --path 'monitoring.receivers.routes.critical.to[2]'",
      "monitoring.receivers.routes.info.to[0]: there is no receiver mail; expected pagerduty or slack; set it with: pulumi config set --path 'monitoring.receivers.routes.info.to[0]' pagerduty",
    ],
  );

  refuses("routes where there is nobody", watched({ routes: { warning: { to: ["slack"] } } }), [
    "monitoring.receivers.routes.warning.to[0]: there is no receiver slack, nor any other; expected a receiver; remove it with: pulumi config rm --path 'monitoring.receivers.routes.warning.to[0]'",
  ]);

  refuses("a webhook by another's name", watched({ webhooks: { slack: hook } }), [
    'monitoring.receivers.webhooks.slack: slack is the name of another receiver; expected a name of its own; rename it with: pulumi config rm --path monitoring.receivers.webhooks.slack && pulumi config set --path monitoring.receivers.webhooks.slack-hook \'{"urlSecret":"OPS_URL","severities":["critical","warning"]}\'',
  ]);

  refuses(
    "no address, and two",
    watched({ webhooks: { ops: {}, two: { ...hook, url: "https://a.example.com" } }, deadman: {} }),
    [
      "monitoring.receivers.webhooks.ops: it has no address; expected url, or urlSecret with the name of a secret; set it with: pulumi config set --path monitoring.receivers.webhooks.ops.urlSecret OPS_URL",
      "monitoring.receivers.webhooks.two.url: said beside urlSecret; expected one of the two; remove it with: pulumi config rm --path monitoring.receivers.webhooks.two.url",
      "monitoring.receivers.deadman: it has no address; expected url, or urlSecret with the name of a secret; set it with: pulumi config set --path monitoring.receivers.deadman.urlSecret DEADMAN_URL",
    ],
  );

  refuses(
    "a channel, an address and a list that are none",
    watched({
      slack: { webhook: "SLACK_WEBHOOK", channel: "Alerts here" },
      email: { ...email, to: ["on-call"], host: "localhost" },
      webhooks: { ops: { url: "ftp://example.com" } },
    }),
    [
      "monitoring.receivers.slack.channel: \"Alerts here\" will not do; expected a channel: # and lower-case letters, digits, - and _, or its id; set it with: pulumi config set --path monitoring.receivers.slack.channel '#alerts'",
      "monitoring.receivers.email.to[0]: \"on-call\" will not do; expected a mail address; set it with: pulumi config set --path 'monitoring.receivers.email.to[0]' on-call@example.com",
      'monitoring.receivers.email.host: "localhost" will not do; expected a host name of lower-case labels with dots between them; set it with: pulumi config set --path monitoring.receivers.email.host agents.example.com',
      'monitoring.receivers.webhooks.ops.url: "ftp://example.com" will not do; expected an http or https address; set it with: pulumi config set --path monitoring.receivers.webhooks.ops.url https://alerts.example.com/hook',
    ],
  );

  refuses("half of a login, and one that could be read", watched({ email: { ...email, username: "alerts" } }), [
    "monitoring.receivers.email.password: missing beside a username; expected the name of a secret; set it with: pulumi config set --path monitoring.receivers.email.password SMTP_PASSWORD",
  ]);
  refuses(
    "the other half, and a password that could be read",
    watched({
      email: { ...email, password: "SMTP_PASSWORD", tls: false },
    }),
    [
      "monitoring.receivers.email.username: missing beside a password; expected who logs in; set it with: pulumi config set --path monitoring.receivers.email.username alerts@example.com",
      "monitoring.receivers.email.tls: false, and the password would be read on the way; expected true where somebody logs in; set it with: pulumi config set --path monitoring.receivers.email.tls true",
    ],
  );

  refuses(
    "mute times that are always, end before they begin, or are nowhere",
    watched({
      muteTimes: {
        always: {},
        night: { times: ["22:00-06:00"] },
        late: { times: ["22:00-00:00"] },
        far: { weekdays: ["Sat"], timeZone: "Europe/Berln" },
      },
    }),
    [
      'monitoring.receivers.muteTimes.always: it is always; expected weekdays or times; set it with: pulumi config set --path monitoring.receivers.muteTimes.always.weekdays \'["Sat","Sun"]\'',
      'monitoring.receivers.muteTimes.night.times[0]: 22:00-06:00 ends before it begins; expected times within one day; set it with: pulumi config set --path monitoring.receivers.muteTimes.night.times \'["22:00-24:00","00:00-06:00"]\'',
      "monitoring.receivers.muteTimes.late.times[0]: 22:00-00:00 ends before it begins; expected times within one day; set it with: pulumi config set --path monitoring.receivers.muteTimes.late.times '[\"22:00-24:00\"]'",
      "monitoring.receivers.muteTimes.far.timeZone: there is no time zone Europe/Berln; expected a name of the IANA list; set it with: pulumi config set --path monitoring.receivers.muteTimes.far.timeZone Europe/Berlin",
    ],
  );

  refuses(
    "a mute time that is not there",
    watched({
      muteTimes: { weekend: { weekdays: ["Sat", "Sun"] } },
      routes: { critical: { mute: ["weekends"] } },
    }),
    [
      "monitoring.receivers.routes.critical.mute[0]: there is no mute time weekends; expected weekend; set it with: pulumi config set --path 'monitoring.receivers.routes.critical.mute[0]' weekend",
    ],
  );
});
