import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import { HealthCheck } from "@pulumi/aws/route53/healthCheck.js";
import { Topic } from "@pulumi/aws/sns/topic.js";
import { TopicSubscription } from "@pulumi/aws/sns/topicSubscription.js";
import * as pulumi from "@pulumi/pulumi";
import { mapValues } from "../../config/maps.js";
import type { Settings } from "../../config/settings.js";
import type { Uptime, UptimeArgs, UptimeCheck } from "../contract.js";
import { tagsFor } from "./tags.js";

export interface AwsUptimeArgs extends UptimeArgs {
  readonly stack: Settings;
}

/** Route 53 is everywhere and measures here only; alarms must be where the measurements are, and topics where alarms are. */
export const ROUTE_53_REGION = "us-east-1";
/** Seconds; Route 53 has these two, and the shorter one costs more. */
const INTERVALS = { often: 10, usual: 30 } as const;
/** Minutes without an answer until people are told. */
const MINUTES = 3;

/**
 * Health checks of Route 53: a dozen places ask each page, by https, and take 2xx and 3xx for an answer. They give a
 * server four seconds to connect and two to answer, whatever the stack says, and do not look at certificates, so a stack
 * without a domain is asked like any other. An alarm sends mail where the stack names people; each of them has to confirm
 * a first mail from AWS, and hears nothing before.
 *
 * Costs 1.50 USD a month for a check of an address of AWS, 2.75 of another; an alarm 0.10 USD.
 */
export class AwsUptime extends pulumi.ComponentResource implements Uptime {
  public readonly checks: Uptime["checks"];

  constructor(name: string, args: AwsUptimeArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:aws:Uptime", name, {}, opts);
    const child = { parent: this };
    const checks = mapValues(args.checks, (check, key) => createCheck(`${name}-${key}`, check, args, child));
    createAlarms(name, checks, args, child);
    this.checks = mapValues(checks, ({ id }) => id);
    this.registerOutputs({ checks: this.checks });
  }
}

const createCheck = (
  name: string,
  { host, path }: UptimeCheck,
  { interval, stack }: AwsUptimeArgs,
  opts: pulumi.CustomResourceOptions,
): HealthCheck =>
  new HealthCheck(
    name,
    {
      type: "HTTPS",
      fqdn: host,
      port: 443,
      resourcePath: path,
      // Else the gateway would not know for whom to show its certificate.
      enableSni: true,
      requestInterval: interval < INTERVALS.usual ? INTERVALS.often : INTERVALS.usual,
      failureThreshold: 3,
      tags: tagsFor(stack, name),
    },
    opts,
  );

/** By the cloud alone, from end to end: what runs in the cluster may be what is down. */
function createAlarms(
  name: string,
  checks: Readonly<Record<string, HealthCheck>>,
  { emails, stack }: AwsUptimeArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  if (emails.length === 0) return;
  const region = ROUTE_53_REGION;
  const topic = new Topic(name, { region, tags: tagsFor(stack, name) }, opts);
  for (const endpoint of emails)
    new TopicSubscription(`${name}-${endpoint}`, { region, topic: topic.arn, protocol: "email", endpoint }, opts);
  for (const [key, check] of Object.entries(checks)) {
    const alarm = `${name}-${key}`;
    new MetricAlarm(
      alarm,
      {
        region,
        alarmDescription: `${key} of ${stack.prefix} does not answer, asked from outside`,
        namespace: "AWS/Route53",
        metricName: "HealthCheckStatus",
        dimensions: { HealthCheckId: check.id },
        statistic: "Minimum",
        period: 60,
        evaluationPeriods: MINUTES,
        comparisonOperator: "LessThanThreshold",
        threshold: 1,
        // A check that says nothing is no answer either.
        treatMissingData: "breaching",
        alarmActions: [topic.arn],
        okActions: [topic.arn],
        tags: tagsFor(stack, alarm),
      },
      opts,
    );
  }
}
