import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createUptime } from "../../../components/monitoring/uptime.js";
import type { Tree } from "../../../config/walk.js";
import type { Cloud, Observe, Uptime, UptimeArgs } from "../../../providers/contract.js";
import { deploy, only, valueOf } from "../../support/deploy.js";
import { awsStack, localStack, receivers, settingsOf } from "../../support/settings.js";
import { platform } from "./parent.js";

const RANDOM_ID = "random:index/randomId:RandomId";
const image = "ghcr.io/acme/api:1.4.2";
const services = { api: { image, probes: { live: "/health" }, routes: [{}, { host: "api.agents.example.com" }] } };
const email = { to: ["on-call@example.com"], from: "alerts@example.com", host: "smtp.example.com" };

const uptimeOf = async (said: Tree, preview = false) => {
  const asked: UptimeArgs[] = [];
  const observe = { logs: pulumi.output("logs") } as Observe;
  const recording = await deploy(
    () => {
      const settings = settingsOf(said);
      const parent = platform();
      const gateway = new random.RandomId("gateway", { byteLength: 4 }, { parent });
      const make = (name: string, args: UptimeArgs, opts: pulumi.ComponentResourceOptions): Uptime => {
        asked.push(args);
        new random.RandomId(name, { byteLength: 4 }, opts);
        return { checks: {} };
      };
      const cloud = { name: settings.cloud, uptime: settings.cloud === "local" ? undefined : make } as Cloud;
      const address = pulumi.output("nlb.example.com");
      return createUptime("uptime", { settings, cloud, observe }, { address, after: [gateway] }, parent);
    },
    { preview },
  );
  const [args] = asked;
  const checks = await valueOf(pulumi.output({ ...args?.checks }));
  return { ...recording, args, checks };
};

describe("uptime by the cloud", () => {
  it("asks each public page, once it can answer", async () => {
    for (const preview of [false, true]) {
      const said = { ...awsStack, domain: "agents.example.com", services };
      const { resources, args, checks } = await uptimeOf(said, preview);
      assert.deepEqual(checks, {
        api: { host: "agents.example.com", path: "/health" },
        "api-api-agents-example-com": { host: "api.agents.example.com", path: "/health" },
      });
      const { certified, interval, timeout, emails } = args ?? {};
      assert.deepEqual([certified, interval, timeout, emails], [true, 60, 10, []]);
      const { urn } = only(resources, RANDOM_ID, "gateway");
      assert.ok(only(resources, RANDOM_ID, "uptime").dependsOn.includes(urn));
    }
  });

  it("asks the load balancer itself where there is no domain, whose certificate nobody knows", async () => {
    const { args, checks } = await uptimeOf({ ...awsStack, services: { api: { image, routes: [{}] } } });
    assert.deepEqual(checks, { api: { host: "nlb.example.com", path: "/" } });
    assert.equal(args?.certified, false);
  });

  it("tells by mail whom alerts reach by mail, and nobody's keys to the cloud", async () => {
    const uptime = { interval: 300, timeout: 30 };
    const monitoring = { mode: "inCluster", uptime, receivers: { ...receivers, email } };
    const { args } = await uptimeOf({ ...awsStack, services, monitoring });
    assert.deepEqual(Object.keys(args ?? {}).sort(), [
      "certified",
      "checks",
      "emails",
      "interval",
      "observe",
      "timeout",
    ]);
    assert.deepEqual([args?.emails, args?.interval, args?.timeout], [["on-call@example.com"], 300, 30]);
  });

  it("is not there on local, where nothing is open, and where nobody wants it", async () => {
    const off = { mode: "inCluster", uptime: { enabled: false } };
    for (const said of [
      { ...localStack, services },
      { ...awsStack, services, gateway: { internal: true } },
      { ...awsStack, services, monitoring: off },
      { ...awsStack, services, monitoring: { mode: "none" } },
    ]) {
      const { result, args } = await uptimeOf(said);
      assert.deepEqual([result, args], [undefined, undefined]);
    }
  });
});
