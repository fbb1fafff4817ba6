import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { AzureUptime } from "../../../providers/azure/uptime.js";
import type { UptimeArgs } from "../../../providers/contract.js";
import { inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { azureStack } from "../../support/settings.js";
import { deployAzurePart, GROUP } from "../../support/stubs/azure-data.js";
import { tagsOf } from "../../support/tags.js";

const COMPONENT = "agent-platform:azure:Uptime";
const INSIGHTS = "azure-native:applicationinsights:Component";
const TEST = "azure-native:applicationinsights:WebTest";
const ALERT = "azure-native:monitor:MetricAlert";
const GROUP_TYPE = "azure-native:monitor:ActionGroup";
const NAME = "agents-development-uptime";
const place = { resourceGroupName: GROUP, location: "northeurope" };

const usual: UptimeArgs = {
  checks: { api: { host: "agents.example.com", path: "/health" } },
  certified: true,
  interval: 60,
  timeout: 10,
  emails: ["on-call@example.com"],
  observe: { logs: pulumi.output("workspace") } as UptimeArgs["observe"],
};
const uptimeOf = (args: Partial<UptimeArgs> = {}, stubs: Stubs = {}) =>
  deployAzurePart(
    COMPONENT,
    azureStack,
    ({ stack, ground, opts }) => new AzureUptime(NAME, { ...usual, ...args, stack, ground }, opts),
    stubs,
  );

const checks: Rows = [
  [COMPONENT, NAME],
  [INSIGHTS, NAME],
  [TEST, `${NAME}-api`],
];
const made: Rows = [...checks, [ALERT, `${NAME}-api`], [GROUP_TYPE, NAME]];

describe("providers/azure/uptime", () => {
  it("asks each page by https from three continents, and looks at its certificate", async () => {
    const { resources, result } = await uptimeOf();
    assert.deepEqual(inventory(resources), sorted(made));
    assert.deepEqual(only(resources, INSIGHTS).inputs, {
      ...place,
      kind: "web",
      applicationType: "web",
      ingestionMode: "LogAnalytics",
      // The SDK's own.
      flowType: "Bluefield",
      requestSource: "rest",
      publicNetworkAccessForIngestion: "Enabled",
      publicNetworkAccessForQuery: "Enabled",
      workspaceResourceId: "workspace",
      tags: tagsOf(NAME),
    });
    assert.deepEqual(only(resources, TEST).inputs, {
      ...place,
      webTestName: `${NAME}-api`,
      syntheticMonitorId: `${NAME}-api`,
      kind: "standard",
      webTestKind: "standard",
      enabled: true,
      frequency: 300,
      timeout: 30,
      retryEnabled: true,
      locations: [{ location: "emea-nl-ams-azr" }, { location: "us-va-ash-azr" }, { location: "apac-sg-sin-azr" }],
      request: {
        requestUrl: "https://agents.example.com/health",
        httpVerb: "GET",
        followRedirects: true,
        parseDependentRequests: false,
      },
      validationRules: { expectedHttpStatusCode: 200, sSLCheck: true },
      tags: { ...tagsOf(`${NAME}-api`), [`hidden-link:${NAME}-id`]: "Resource" },
    });
    assert.equal(await valueOf(result.checks["api"] ?? ""), `${NAME}-api`);
  });

  it("tells people when more than one place finds nothing", async () => {
    const { resources } = await uptimeOf();
    assert.deepEqual(only(resources, GROUP_TYPE).inputs, {
      resourceGroupName: GROUP,
      location: "Global",
      groupShortName: "uptime",
      enabled: true,
      emailReceivers: [
        { name: "on-call@example.com", emailAddress: "on-call@example.com", useCommonAlertSchema: true },
      ],
      tags: tagsOf(NAME),
    });
    assert.deepEqual(only(resources, ALERT).inputs, {
      resourceGroupName: GROUP,
      location: "Global",
      description: "api of agents-development does not answer, asked from outside",
      enabled: true,
      severity: 1,
      scopes: [`${NAME}-api-id`, `${NAME}-id`],
      criteria: {
        odataType: "Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria",
        componentId: `${NAME}-id`,
        webTestId: `${NAME}-api-id`,
        failedLocationCount: 2,
      },
      evaluationFrequency: "PT1M",
      windowSize: "PT5M",
      actions: [{ actionGroupId: `${NAME}-id` }],
      autoMitigate: true,
      tags: tagsOf(`${NAME}-api`),
    });
  });

  it("has no alerts where there is nobody to tell", async () => {
    assert.deepEqual(inventory((await uptimeOf({ emails: [] })).resources), sorted(checks));
  });

  it("asks by http whether the gateway leads to https where nobody knows its certificate", async () => {
    const host = pulumi.output("203.0.113.9");
    const { resources } = await uptimeOf({ checks: { api: { host, path: "/health" } }, certified: false });
    const { request, validationRules } = only(resources, TEST).inputs;
    assert.deepEqual(request, {
      requestUrl: "http://203.0.113.9/health",
      httpVerb: "GET",
      followRedirects: false,
      parseDependentRequests: false,
    });
    assert.deepEqual(validationRules, { expectedHttpStatusCode: 308, sSLCheck: false });
  });

  it("takes the next longer interval and timeout, and looks back long enough for them", async () => {
    const { resources } = await uptimeOf({ interval: 301, timeout: 31 });
    const { frequency, timeout } = only(resources, TEST).inputs;
    assert.deepEqual([frequency, timeout, only(resources, ALERT).inputs["windowSize"]], [600, 60, "PT15M"]);
  });

  it("shows every resource in a preview", async () => {
    assert.deepEqual(inventory((await uptimeOf({}, { preview: true })).resources), sorted(made));
  });
});
