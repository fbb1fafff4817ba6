import { Component } from "@pulumi/azure-native/applicationinsights/component.js";
import { WebTest } from "@pulumi/azure-native/applicationinsights/webTest.js";
import { ActionGroup } from "@pulumi/azure-native/monitor/actionGroup.js";
import { MetricAlert } from "@pulumi/azure-native/monitor/metricAlert.js";
import * as pulumi from "@pulumi/pulumi";
import { mapValues } from "../../config/maps.js";
import type { Settings } from "../../config/settings.js";
import type { Uptime, UptimeArgs, UptimeCheck } from "../contract.js";
import type { AzureGround } from "./ground.js";
import { tagsFor } from "./tags.js";

export interface AzureUptimeArgs extends UptimeArgs {
  readonly stack: Settings;
  readonly ground: AzureGround;
}

/** Seconds; Application Insights has no others. */
const FREQUENCIES = [300, 600, 900] as const;
const TIMEOUTS = [30, 60, 90, 120] as const;
/** Amsterdam, Virginia and Singapore: each question is paid for, from wherever it comes. */
const PLACES = ["emea-nl-ams-azr", "us-va-ash-azr", "apac-sg-sin-azr"];
/** Places that find nothing, until people are told: more than one, which may be cut off itself. */
const FAILED_PLACES = 2;

/** What a page answers that is well. */
const OK = 200;
/** What the gateway answers to whoever comes without TLS. */
const LED_TO_HTTPS = 308;

/**
 * Standard tests of Application Insights: three places ask each page, by https, and take 200 for an answer. They look at
 * the certificate. A stack without a domain has one that nobody knows, so it is asked by http whether its gateway leads
 * to https: that tells of the load balancer and the gateway, and of no service. An alert sends mail where the stack
 * names people.
 *
 * Costs 0.0006 USD a question: about 16 USD a month for a check each five minutes, 5 USD each fifteen. An alert costs
 * 0.10 USD a month and test.
 */
export class AzureUptime extends pulumi.ComponentResource implements Uptime {
  public readonly checks: Uptime["checks"];

  constructor(name: string, args: AzureUptimeArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:azure:Uptime", name, {}, opts);
    const child = { parent: this };
    const insights = createInsights(name, args, child);
    const tests = mapValues(args.checks, (check, key) => createTest(`${name}-${key}`, check, insights, args, child));
    createAlerts(name, insights, tests, args, child);
    this.checks = mapValues(tests, (test) => test.name);
    this.registerOutputs({ checks: this.checks });
  }
}

/** The next longer one, or the longest. */
const nextOf = (choices: readonly [number, ...number[]], wanted: number): number =>
  choices.find((choice) => choice >= wanted) ?? Math.max(...choices);

/** What tests belong to, and say in what they found. */
const createInsights = (
  name: string,
  { stack, ground, observe }: AzureUptimeArgs,
  opts: pulumi.CustomResourceOptions,
): Component =>
  new Component(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      location: ground.location,
      kind: "web",
      applicationType: "web",
      ingestionMode: "LogAnalytics",
      workspaceResourceId: observe.logs,
      tags: tagsFor(stack, name),
    },
    opts,
  );

function createTest(
  name: string,
  { host, path }: UptimeCheck,
  insights: Component,
  { certified, interval, timeout, stack, ground }: AzureUptimeArgs,
  opts: pulumi.CustomResourceOptions,
): WebTest {
  const url = pulumi.interpolate`${certified ? "https" : "http"}://${host}${path}`;
  return new WebTest(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      location: ground.location,
      // What its measurements call it.
      webTestName: name,
      syntheticMonitorId: name,
      kind: "standard",
      webTestKind: "standard",
      enabled: true,
      frequency: nextOf(FREQUENCIES, interval),
      timeout: nextOf(TIMEOUTS, timeout),
      retryEnabled: true,
      locations: PLACES.map((location) => ({ location })),
      request: { requestUrl: url, httpVerb: "GET", followRedirects: certified, parseDependentRequests: false },
      validationRules: { expectedHttpStatusCode: certified ? OK : LED_TO_HTTPS, sSLCheck: certified },
      tags: belongingTo(insights, tagsFor(stack, name)),
    },
    opts,
  );
}

/** Azure knows by a tag that they go together. */
const belongingTo = (insights: Component, tags: Readonly<Record<string, string>>) =>
  insights.id.apply((id) => ({ ...tags, [`hidden-link:${id}`]: "Resource" }));

/** By the cloud alone, from end to end: what runs in the cluster may be what is down. */
function createAlerts(
  name: string,
  insights: Component,
  tests: Readonly<Record<string, WebTest>>,
  { emails, interval, stack, ground }: AzureUptimeArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  if (emails.length === 0) return;
  const group = new ActionGroup(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      location: "Global",
      // What a mail says that it is from: 12 letters at most.
      groupShortName: "uptime",
      enabled: true,
      emailReceivers: emails.map((email) => ({ name: email, emailAddress: email, useCommonAlertSchema: true })),
      tags: tagsFor(stack, name),
    },
    opts,
  );
  for (const [key, test] of Object.entries(tests)) {
    const alert = `${name}-${key}`;
    new MetricAlert(
      alert,
      {
        resourceGroupName: ground.resourceGroup,
        location: "Global",
        description: `${key} of ${stack.prefix} does not answer, asked from outside`,
        enabled: true,
        severity: 1,
        scopes: [test.id, insights.id],
        criteria: {
          odataType: "Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria",
          componentId: insights.id,
          webTestId: test.id,
          failedLocationCount: FAILED_PLACES,
        },
        evaluationFrequency: "PT1M",
        // Long enough for every place to have asked.
        windowSize: nextOf(FREQUENCIES, interval) === FREQUENCIES[0] ? "PT5M" : "PT15M",
        actions: [{ actionGroupId: group.id }],
        autoMitigate: true,
        tags: tagsFor(stack, alert),
      },
      opts,
    );
  }
}
