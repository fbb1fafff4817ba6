import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { UptimeArgs } from "../../../providers/contract.js";
import { GcpUptime } from "../../../providers/gcp/uptime.js";
import { inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { gcpStack } from "../../support/settings.js";
import { deployGcpPart } from "../../support/stubs/gcp-data.js";
import { labelsOf } from "../../support/tags.js";

const COMPONENT = "agent-platform:gcp:Uptime";
const CHECK = "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig";
const POLICY = "gcp:monitoring/alertPolicy:AlertPolicy";
const CHANNEL = "gcp:monitoring/notificationChannel:NotificationChannel";
const NAME = "agents-development-uptime";

const usual: UptimeArgs = {
  checks: { api: { host: "agents.example.com", path: "/health" } },
  certified: true,
  interval: 60,
  timeout: 10,
  emails: ["on-call@example.com"],
  observe: { logs: pulumi.output("") } as UptimeArgs["observe"],
};
const uptimeOf = (args: Partial<UptimeArgs> = {}, stubs: Stubs = {}) =>
  deployGcpPart(
    COMPONENT,
    gcpStack,
    ({ stack, ground, opts }) => new GcpUptime(NAME, { ...usual, ...args, stack, ground }, opts),
    stubs,
  );

const checks: Rows = [
  [COMPONENT, NAME],
  [CHECK, `${NAME}-api`],
];
const made: Rows = [...checks, [POLICY, `${NAME}-api`], [CHANNEL, `${NAME}-on-call@example.com`]];

describe("providers/gcp/uptime", () => {
  it("asks each page by https from three continents, and looks at its certificate", async () => {
    const { resources, result } = await uptimeOf();
    assert.deepEqual(inventory(resources), sorted(made));
    assert.deepEqual(only(resources, CHECK).inputs, {
      project: "acme-agents",
      displayName: `${NAME}-api`,
      monitoredResource: { type: "uptime_url", labels: { project_id: "acme-agents", host: "agents.example.com" } },
      httpCheck: { requestMethod: "GET", path: "/health", port: 443, useSsl: true, validateSsl: true },
      period: "60s",
      timeout: "10s",
      selectedRegions: ["EUROPE", "USA_VIRGINIA", "ASIA_PACIFIC"],
      userLabels: labelsOf(`${NAME}-api`),
    });
    assert.equal(await valueOf(result.checks["api"] ?? ""), `${NAME}-api-9fLKbkN0bjM`);
  });

  it("tells people when more than one place finds nothing", async () => {
    const { resources } = await uptimeOf();
    const channel = `${NAME}-on-call@example.com`;
    assert.deepEqual(only(resources, CHANNEL).inputs, {
      project: "acme-agents",
      type: "email",
      displayName: "on-call@example.com",
      labels: { email_address: "on-call@example.com" },
      userLabels: labelsOf(channel.replace(/[@.]/g, "-")),
    });
    const what = "api of agents-development does not answer, asked from outside";
    assert.deepEqual(only(resources, POLICY).inputs, {
      project: "acme-agents",
      displayName: what,
      combiner: "OR",
      conditions: [
        {
          displayName: what,
          conditionThreshold: {
            filter: `resource.type = "uptime_url" AND metric.type = "monitoring.googleapis.com/uptime_check/check_passed" AND metric.labels.check_id = "${NAME}-api-9fLKbkN0bjM"`,
            aggregations: [
              {
                alignmentPeriod: "60s",
                perSeriesAligner: "ALIGN_NEXT_OLDER",
                crossSeriesReducer: "REDUCE_COUNT_FALSE",
                groupByFields: ["resource.label.*"],
              },
            ],
            comparison: "COMPARISON_GT",
            thresholdValue: 1,
            duration: "60s",
            trigger: { count: 1 },
          },
        },
      ],
      alertStrategy: { autoClose: "1800s" },
      notificationChannels: [`${channel}-id`],
      userLabels: labelsOf(`${NAME}-api`),
    });
  });

  it("has no policies where there is nobody to tell", async () => {
    assert.deepEqual(inventory((await uptimeOf({ emails: [] })).resources), sorted(checks));
  });

  it("takes the next longer period, and does not look at a certificate that nobody knows", async () => {
    const check = async (args: Partial<UptimeArgs>) => only((await uptimeOf(args)).resources, CHECK).inputs;
    assert.equal((await check({ interval: 61 }))["period"], "300s");
    assert.equal((await check({ interval: 900, timeout: 90 }))["period"], "900s");
    assert.equal((await check({ interval: 900, timeout: 90 }))["timeout"], "60s");
    const { httpCheck } = await check({ certified: false });
    assert.deepEqual(httpCheck, { requestMethod: "GET", path: "/health", port: 443, useSsl: true, validateSsl: false });
  });

  it("shows every resource in a preview", async () => {
    assert.deepEqual(inventory((await uptimeOf({}, { preview: true })).resources), sorted(made));
  });
});
