import type { Receivers } from "../../../config/monitoring/receivers.js";

/** Where files with secrets are mounted: each has the name of the secret that it holds. */
export type FileOf = (secret: string) => string;

const template = (name: string): string => `{{ template "platform.${name}" . }}`;
const annotation = (name: string): string => `{{ .CommonAnnotations.${name} }}`;

/** Every receiver of a stack, by its name. All of them are told when an alert is over; no file of theirs holds a secret. */
export function renderNotifiers({ pagerduty, slack, email, webhooks, deadman }: Receivers, fileOf: FileOf) {
  return [
    ...(pagerduty === undefined ? [] : [renderPagerDuty(pagerduty, fileOf)]),
    ...(slack === undefined ? [] : [renderSlack(slack, fileOf)]),
    ...(email === undefined ? [] : [renderEmail(email, fileOf)]),
    ...Object.entries(webhooks).map(([name, webhook]) => renderWebhook(name, webhook, fileOf, true)),
    // It wants signs of life, and an end would be none.
    ...(deadman === undefined ? [] : [renderWebhook("deadman", { ...deadman, token: undefined }, fileOf, false)]),
  ];
}

const renderPagerDuty = ({ routingKey }: NonNullable<Receivers["pagerduty"]>, fileOf: FileOf) => ({
  name: "pagerduty",
  pagerduty_configs: [
    {
      routing_key_file: fileOf(routingKey),
      send_resolved: true,
      description: `${template("title")}: ${annotation("summary")}`,
      severity: template("severity"),
      component: "{{ .GroupLabels.service }}",
      group: "{{ .GroupLabels.environment }}",
      class: "{{ .GroupLabels.alertname }}",
      details: { description: annotation("description"), runbook: annotation("runbook") },
      links: [
        { href: annotation("runbook_url"), text: "Runbook" },
        { href: annotation("dashboard_url"), text: "Dashboard" },
        { href: template("silence"), text: "Silence" },
      ],
    },
  ],
});

const renderSlack = ({ webhook, channel }: NonNullable<Receivers["slack"]>, fileOf: FileOf) => ({
  name: "slack",
  slack_configs: [
    {
      api_url_file: fileOf(webhook),
      channel,
      send_resolved: true,
      title: template("title"),
      text: template("slack"),
      fallback: template("title"),
    },
  ],
});

const renderEmail = (email: NonNullable<Receivers["email"]>, fileOf: FileOf) => ({
  name: "email",
  email_configs: [
    {
      to: email.to.join(", "),
      from: email.from,
      smarthost: `${email.host}:${email.port}`,
      ...(email.username === undefined ? {} : { auth_username: email.username }),
      ...(email.password === undefined ? {} : { auth_password_file: fileOf(email.password) }),
      require_tls: email.tls,
      send_resolved: true,
      headers: { Subject: template("title") },
      text: template("text"),
      html: template("html"),
    },
  ],
});

interface Hook {
  readonly url?: string | undefined;
  readonly urlSecret?: string | undefined;
  readonly token?: string | undefined;
}

const renderWebhook = (name: string, { url, urlSecret, token }: Hook, fileOf: FileOf, resolved: boolean) => ({
  name,
  webhook_configs: [
    {
      ...(urlSecret === undefined ? { url: url ?? "" } : { url_file: fileOf(urlSecret) }),
      send_resolved: resolved,
      ...(token === undefined
        ? {}
        : { http_config: { authorization: { type: "Bearer", credentials_file: fileOf(token) } } }),
    },
  ],
});
