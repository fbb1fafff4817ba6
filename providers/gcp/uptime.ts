import { AlertPolicy } from "@pulumi/gcp/monitoring/alertPolicy.js";
import { NotificationChannel } from "@pulumi/gcp/monitoring/notificationChannel.js";
import { UptimeCheckConfig } from "@pulumi/gcp/monitoring/uptimeCheckConfig.js";
import * as pulumi from "@pulumi/pulumi";
import { mapValues } from "../../config/maps.js";
import type { Settings } from "../../config/settings.js";
import type { Uptime, UptimeArgs, UptimeCheck } from "../contract.js";
import type { GcpGround } from "./ground.js";
import { tagsFor } from "./tags.js";

export interface GcpUptimeArgs extends UptimeArgs {
  readonly stack: Settings;
  readonly ground: GcpGround;
}

/** Seconds; Cloud Monitoring has no others. */
const PERIODS = [60, 300, 600, 900] as const;
const LONGEST_TIMEOUT = 60;
/** As few as it takes, on as many continents: two that find nothing are more than one that is cut off itself. */
const REGIONS = ["EUROPE", "USA_VIRGINIA", "ASIA_PACIFIC"];
/** Seconds after which an incident that nobody closed is over, once the page answers. */
const AUTO_CLOSE = 1800;

/**
 * Uptime checks of Cloud Monitoring: three places ask each page, by https, and take 2xx for an answer. They look at the
 * certificate where somebody known signed it. A policy sends mail where the stack names people.
 *
 * The first million questions of a project a month are free, which is seven checks each minute; a thousand more cost
 * 0.30 USD. Mail costs nothing.
 */
export class GcpUptime extends pulumi.ComponentResource implements Uptime {
  public readonly checks: Uptime["checks"];

  constructor(name: string, args: GcpUptimeArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:gcp:Uptime", name, {}, opts);
    const child = { parent: this };
    const checks = mapValues(args.checks, (check, key) => createCheck(`${name}-${key}`, check, args, child));
    createAlerts(name, checks, args, child);
    this.checks = mapValues(checks, ({ uptimeCheckId }) => uptimeCheckId);
    this.registerOutputs({ checks: this.checks });
  }
}

const periodOf = (interval: number): number => PERIODS.find((period) => period >= interval) ?? PERIODS[3];

const createCheck = (
  name: string,
  { host, path }: UptimeCheck,
  { certified, interval, timeout, stack, ground }: GcpUptimeArgs,
  opts: pulumi.CustomResourceOptions,
): UptimeCheckConfig =>
  new UptimeCheckConfig(
    name,
    {
      project: ground.project("monitoring"),
      displayName: name,
      monitoredResource: { type: "uptime_url", labels: { project_id: ground.id, host } },
      httpCheck: { requestMethod: "GET", path, port: 443, useSsl: true, validateSsl: certified },
      period: `${periodOf(interval)}s`,
      timeout: `${Math.min(timeout, LONGEST_TIMEOUT)}s`,
      selectedRegions: REGIONS,
      userLabels: tagsFor(stack, name),
    },
    opts,
  );

/** By the cloud alone, from end to end: what runs in the cluster may be what is down. */
function createAlerts(
  name: string,
  checks: Readonly<Record<string, UptimeCheckConfig>>,
  { emails, interval, stack, ground }: GcpUptimeArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const channels = emails.map((email) => {
    const channel = `${name}-${email}`;
    return new NotificationChannel(
      channel,
      {
        project: ground.project("monitoring"),
        type: "email",
        displayName: email,
        labels: { email_address: email },
        userLabels: tagsFor(stack, channel),
      },
      opts,
    );
  });
  if (channels.length === 0) return;
  const seconds = `${periodOf(interval)}s`;
  for (const [key, check] of Object.entries(checks)) {
    const policy = `${name}-${key}`;
    const what = `${key} of ${stack.prefix} does not answer, asked from outside`;
    new AlertPolicy(
      policy,
      {
        project: ground.project("monitoring"),
        displayName: what,
        combiner: "OR",
        conditions: [
          {
            displayName: what,
            conditionThreshold: {
              filter: pulumi.interpolate`resource.type = "uptime_url" AND metric.type = "monitoring.googleapis.com/uptime_check/check_passed" AND metric.labels.check_id = "${check.uptimeCheckId}"`,
              aggregations: [
                {
                  alignmentPeriod: seconds,
                  perSeriesAligner: "ALIGN_NEXT_OLDER",
                  crossSeriesReducer: "REDUCE_COUNT_FALSE",
                  groupByFields: ["resource.label.*"],
                },
              ],
              // Places that find nothing: more than one.
              comparison: "COMPARISON_GT",
              thresholdValue: 1,
              duration: seconds,
              trigger: { count: 1 },
            },
          },
        ],
        alertStrategy: { autoClose: `${AUTO_CLOSE}s` },
        notificationChannels: channels.map(({ id }) => id),
        userLabels: tagsFor(stack, policy),
      },
      opts,
    );
  }
}
