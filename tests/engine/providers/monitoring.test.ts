import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SUBSCRIPTION } from "./cloud/azure/arm.js";
import * as disk from "./cloud/disk.js";
import { packages } from "./cloud/packages.js";
import { CloudStandIn } from "./cloud/standin.js";
import { Store } from "./cloud/store.js";
import type { How, Made, Props } from "./serve.js";

const UP: How = { preview: false, timeoutSeconds: 0 };

describe("engine: who asks from outside", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "cloud-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function open(name: string, settings: Props): CloudStandIn {
    const rows = packages[name];
    assert.ok(rows);
    const around = { store: new Store(directory), minuteMs: 0.5, crash: () => assert.fail("nothing crashes here") };
    const standIn = new CloudStandIn(name, rows, around);
    standIn.configure(settings);
    return standIn;
  }

  async function make(cloud: CloudStandIn, type: string, name: string, given: Props): Promise<Made> {
    const subject = { urn: `urn:pulumi:s::p::${type}::${name}`, type, name };
    const { inputs, failures } = await cloud.check(subject, {}, given);
    assert.deepEqual(failures, []);
    return { ...subject, inputs, ...(await cloud.create(subject, inputs, UP)) };
  }

  it("on AWS is asked for each ten or thirty seconds, and an alarm needs the check and the topic", async () => {
    const aws = open("aws", { region: "eu-west-1" });
    const check = (requestInterval: number) =>
      make(aws, "aws:route53/healthCheck:HealthCheck", "api", {
        type: "HTTPS",
        fqdn: "a.example.com",
        requestInterval,
      });
    await assert.rejects(check(60), /Only 10 and 30 are allowed for RequestInterval/);
    const { id } = await check(30);
    const alarm = (topic: unknown) =>
      make(aws, "aws:cloudwatch/metricAlarm:MetricAlarm", "api", {
        dimensions: { HealthCheckId: id },
        alarmActions: [topic],
      });
    await assert.rejects(alarm("arn:aws:sns:us-east-1:123456789012:none"), /The topic '.*none' does not exist/);
    const topic = await make(aws, "aws:sns/topic:Topic", "uptime", { region: "us-east-1" });
    assert.match(topic.id, /^arn:aws:sns:us-east-1:123456789012:uptime-/);
    await make(aws, "aws:sns/topicSubscription:TopicSubscription", "mail", { topic: topic.id, protocol: "email" });
    await alarm(topic.id);
    // Whoever deletes a topic deletes its subscriptions, and no alarm.
    await aws.delete(topic, UP);
  });

  it("on Google Cloud asks from three places at least, and stays while a policy looks at it", async () => {
    const gcp = open("gcp", { project: "acme-agents", region: "europe-west1" });
    const check = (more: Props) =>
      make(gcp, "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig", "api", {
        project: "acme-agents",
        displayName: "api",
        period: "60s",
        selectedRegions: ["EUROPE", "USA_VIRGINIA", "ASIA_PACIFIC"],
        ...more,
      });
    await assert.rejects(check({}), /monitoring\.googleapis\.com has not been used in project/);
    disk.plant(directory, "gcp:projects/service:Service", "acme-agents/monitoring.googleapis.com", {});
    await assert.rejects(check({ selectedRegions: ["EUROPE"] }), /must have at least 3 locations/);
    await assert.rejects(check({ period: "30s" }), /Invalid period 30s/);
    const made = await check({});
    const policy = await make(gcp, "gcp:monitoring/alertPolicy:AlertPolicy", "api", {
      project: "acme-agents",
      conditions: [
        { conditionThreshold: { filter: `metric.labels.check_id = "${String(made.outputs["uptimeCheckId"])}"` } },
      ],
    });
    await assert.rejects(gcp.delete(made, UP), /is already being used by 'gcp:monitoring\/alertPolicy/);
    await gcp.delete(policy, UP);
    await gcp.delete(made, UP);
  });

  it("on Azure belongs to a component, by a tag", async () => {
    const azure = open("azure-native", { subscriptionId: SUBSCRIPTION, location: "northeurope" });
    const group = { resourceGroupName: "agents" };
    await make(azure, "azure-native:resources:ResourceGroup", "agents", { ...group, location: "northeurope" });
    const insights = await make(azure, "azure-native:applicationinsights:Component", "uptime", group);
    const test = (more: Props) =>
      make(azure, "azure-native:applicationinsights:WebTest", "api", {
        ...group,
        webTestName: "api",
        frequency: 300,
        timeout: 30,
        tags: { [`hidden-link:${insights.id}`]: "Resource" },
        ...more,
      });
    await assert.rejects(test({ tags: {} }), /A single 'hidden-link' tag pointing to an existing AI component/);
    await assert.rejects(test({ frequency: 60 }), /Frequency 60 is not supported/);
    await test({});
    await assert.rejects(
      make(azure, "azure-native:monitor:ActionGroup", "uptime", { ...group, groupShortName: "longer than twelve" }),
      /longer than 12 characters/,
    );
  });
});
