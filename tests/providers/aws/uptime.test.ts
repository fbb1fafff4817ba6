import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { AwsUptime } from "../../../providers/aws/uptime.js";
import type { UptimeArgs } from "../../../providers/contract.js";
import { all, inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { awsStack } from "../../support/settings.js";
import { deployAwsPart } from "../../support/stubs/aws-data.js";
import { tagsOf } from "../../support/tags.js";

const COMPONENT = "agent-platform:aws:Uptime";
const CHECK = "aws:route53/healthCheck:HealthCheck";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const TOPIC = "aws:sns/topic:Topic";
const MAIL = "aws:sns/topicSubscription:TopicSubscription";
const NAME = "agents-development-uptime";

const usual: UptimeArgs = {
  checks: {
    api: { host: "agents.example.com", path: "/health" },
    "api-v1": { host: "agents.example.com", path: "/v1" },
  },
  certified: true,
  interval: 60,
  timeout: 10,
  emails: ["on-call@example.com"],
  observe: { logs: pulumi.output("") } as UptimeArgs["observe"],
};
const uptimeOf = (args: Partial<UptimeArgs> = {}, stubs: Stubs = {}) =>
  deployAwsPart(
    COMPONENT,
    awsStack,
    ({ stack, opts }) => new AwsUptime(NAME, { ...usual, ...args, stack }, opts),
    stubs,
  );

const checks: Rows = [
  [COMPONENT, NAME],
  [CHECK, `${NAME}-api`],
  [CHECK, `${NAME}-api-v1`],
];
const made: Rows = [
  ...checks,
  [ALARM, `${NAME}-api`],
  [ALARM, `${NAME}-api-v1`],
  [TOPIC, NAME],
  [MAIL, `${NAME}-on-call@example.com`],
];
const TOPIC_ARN = `arn:aws:sns:us-east-1:123456789012:${NAME}-1a2b3c4`;

describe("providers/aws/uptime", () => {
  it("asks each page by https, from everywhere", async () => {
    const { resources, result } = await uptimeOf();
    assert.deepEqual(inventory(resources), sorted(made));
    assert.deepEqual(only(resources, CHECK, `${NAME}-api`).inputs, {
      type: "HTTPS",
      fqdn: "agents.example.com",
      port: 443,
      resourcePath: "/health",
      enableSni: true,
      requestInterval: 30,
      failureThreshold: 3,
      tags: tagsOf(`${NAME}-api`),
    });
    assert.equal(await valueOf(result.checks["api"] ?? ""), `${NAME}-api-id`);
  });

  it("tells people where Route 53 measures, and that an answer came back", async () => {
    const { resources } = await uptimeOf();
    const region = "us-east-1";
    assert.deepEqual(only(resources, TOPIC).inputs, { region, tags: tagsOf(NAME) });
    assert.deepEqual(only(resources, MAIL).inputs, {
      region,
      topic: TOPIC_ARN,
      protocol: "email",
      endpoint: "on-call@example.com",
    });
    assert.deepEqual(only(resources, ALARM, `${NAME}-api`).inputs, {
      region,
      alarmDescription: "api of agents-development does not answer, asked from outside",
      namespace: "AWS/Route53",
      metricName: "HealthCheckStatus",
      dimensions: { HealthCheckId: `${NAME}-api-id` },
      statistic: "Minimum",
      period: 60,
      evaluationPeriods: 3,
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      treatMissingData: "breaching",
      alarmActions: [TOPIC_ARN],
      okActions: [TOPIC_ARN],
      tags: tagsOf(`${NAME}-api`),
    });
  });

  it("has no alarms where there is nobody to tell", async () => {
    assert.deepEqual(inventory((await uptimeOf({ emails: [] })).resources), sorted(checks));
  });

  it("asks each ten seconds where the stack wants it oftener than each thirty", async () => {
    const intervals = async (interval: number) =>
      all((await uptimeOf({ interval })).resources, CHECK).map(({ inputs }) => inputs["requestInterval"]);
    assert.deepEqual(await intervals(29), [10, 10]);
    assert.deepEqual(await intervals(30), [30, 30]);
    assert.deepEqual(await intervals(900), [30, 30]);
  });

  it("asks a load balancer by its own name where there is no domain", async () => {
    const host = pulumi.output("nlb.example.com");
    const { resources } = await uptimeOf({ checks: { api: { host, path: "/" } }, certified: false });
    const { type, fqdn } = only(resources, CHECK).inputs;
    // Route 53 does not look at certificates.
    assert.deepEqual([type, fqdn], ["HTTPS", "nlb.example.com"]);
  });

  it("shows every resource in a preview", async () => {
    assert.deepEqual(inventory((await uptimeOf({}, { preview: true })).resources), sorted(made));
  });
});
