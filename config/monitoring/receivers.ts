import { dnsLabel, hostName, nonEmpty, oneOf, secretName, text, whole } from "../fields.js";
import z from "../zod.cjs";

/** What a stack may say of whom alerts reach. Keys and addresses that are secret are named here, never said. */

/** How bad an alert is: whom it wakes, who reads it by day, and what is only looked up. */
export const severityNames = ["critical", "warning", "info"] as const;
export type Severity = (typeof severityNames)[number];

/** Receivers that need no name of their own. */
export const oneOfAKind = ["pagerduty", "slack", "email"] as const;

const severity = oneOf(severityNames);
const secret = (what: string, example: string) =>
  secretName.meta({ example, description: `Which of the stack's secrets is ${what}.` });
const url = text(/^https?:\/\/[^\s@]+$/, "an http or https address", "https://alerts.example.com/hook", 500);
const mailAddress = text(
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
  "a mail address",
  "on-call@example.com",
);
const channel = text(
  /^(#[\p{Ll}\p{Lo}\p{N}_-]{1,80}|[CG][A-Z0-9]{8,20})$/u,
  "a channel: # and lower-case letters, digits, - and _, or its id",
  "#alerts",
);
const minuteOfDay = "(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)";
const timesOfDay = text(new RegExp(`^${minuteOfDay}-${minuteOfDay}$`), "a time of the day, HH:MM-HH:MM", "22:00-24:00");

/** One of the two. */
const address = {
  url: url.optional().describe("Where it is sent, if that is no secret."),
  urlSecret: secret("the address", "ALERTS_URL").optional(),
};

const webhook = z.strictObject({
  ...address,
  token: secret("the bearer token that goes along", "ALERTS_TOKEN").optional(),
  severities: z
    .array(severity)
    .min(1)
    .default(["critical", "warning"])
    .describe("What it hears, where `routes` does not say whom a severity reaches."),
});

const route = z.strictObject({
  to: z
    .array(nonEmpty("slack"))
    .optional()
    .describe("Whom it reaches: `pagerduty`, `slack`, `email` and names of `webhooks`."),
  repeat: whole(1, 1440)
    .optional()
    .describe("Minutes after which it is told again while it lasts: 5 for critical, 60 for the others."),
  mute: z
    .array(dnsLabel)
    .optional()
    .describe("Which of `muteTimes` hold for it: none for critical, all of them for the others."),
});

const muteTime = z
  .strictObject({
    weekdays: z
      .array(oneOf(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]))
      .default([])
      .describe("Days; every day where none is said."),
    times: z.array(timesOfDay).default([]).describe("Hours of these days; the whole day where none are said."),
    timeZone: nonEmpty("Europe/Berlin").default("UTC").describe("Whose clock it is, by its name in the IANA list."),
  })
  .meta({ expected: "a map with weekdays or times", example: { weekdays: ["Sat", "Sun"] } });

export const receivers = z
  .strictObject({
    pagerduty: z
      .strictObject({
        routingKey: secret("the integration key of a service there (Events API v2)", "PAGERDUTY_ROUTING_KEY"),
      })
      .meta({ expected: "a map with routingKey", example: { routingKey: "PAGERDUTY_ROUTING_KEY" } })
      .optional()
      .describe("Wakes people: critical alerts."),
    slack: z
      .strictObject({
        webhook: secret("the address of an incoming webhook", "SLACK_WEBHOOK"),
        channel: channel.describe("Where in Slack."),
      })
      .meta({ expected: "a map with webhook and channel", example: { webhook: "SLACK_WEBHOOK", channel: "#alerts" } })
      .optional()
      .describe("Critical alerts and warnings."),
    email: z
      .strictObject({
        to: z
          .array(mailAddress)
          .min(1)
          .meta({ expected: "a list of mail addresses", example: ["on-call@example.com"] })
          .describe("Who gets it."),
        from: mailAddress.describe("Whom it comes from."),
        host: hostName.describe("The server that takes it."),
        port: whole(1, 65535).default(587).describe("Its port; on 465 it speaks TLS from the first byte."),
        username: nonEmpty("alerts@example.com").optional().describe("Who logs in there."),
        password: secret("the password", "SMTP_PASSWORD").optional(),
        tls: z.boolean().default(true).describe("Whether it must be encrypted on the way."),
      })
      .meta({
        expected: "a map with to, from and host",
        example: { to: ["on-call@example.com"], from: "alerts@example.com", host: "smtp.example.com" },
      })
      .optional()
      .describe(
        "What nobody else gets: critical alerts where there is neither PagerDuty nor Slack, warnings without Slack.",
      ),
    webhooks: z.record(dnsLabel, webhook).default({}).describe("Whatever takes Alertmanager's JSON, by a name."),
    deadman: z
      .strictObject({ ...address, repeat: whole(1, 60).default(5).describe("Minutes between two signs of life.") })
      .optional()
      .describe("A service outside that tells people when it hears nothing: the way of alerts is tried all the time."),
    routes: z
      .strictObject({
        critical: route.prefault({}).describe("What somebody must look at now."),
        warning: route.prefault({}).describe("What somebody should look at today."),
        info: route.prefault({}).describe("What is good to know; it reaches nobody where it is not said whom."),
      })
      .prefault({})
      .describe("Whom each severity reaches, how often, and when not."),
    muteTimes: z.record(dnsLabel, muteTime).default({}).describe("Times at which less is told, by a name."),
  })
  .prefault({})
  .describe("Whom alerts reach.");

export type Receivers = z.infer<typeof receivers>;
