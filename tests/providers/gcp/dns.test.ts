import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Tree } from "../../../config/walk.js";
import { GcpDns } from "../../../providers/gcp/dns.js";
import { inventory, only, otherStack, type Stubs, valueOf } from "../../support/deploy.js";
import { gcpProduction, gcpStack } from "../../support/settings.js";
import { deployGcpPart } from "../../support/stubs/gcp-data.js";
import { labelsOf } from "../../support/tags.js";

const COMPONENT = "agent-platform:gcp:Dns";
const ZONE = "gcp:dns/managedZone:ManagedZone";
const RECORD = "gcp:dns/recordSet:RecordSet";
const NAME = "agents";

const dnsOf = (said: Tree, stubs: Stubs = {}) =>
  deployGcpPart(
    COMPONENT,
    said,
    ({ stack, ground, opts }) => {
      if (stack.domain.mode === "none") throw new Error("the stack has no domain");
      return new GcpDns(NAME, { settings: stack.domain, stack, ground }, opts);
    },
    stubs,
  );

const pointed = (said: Tree, stubs: Stubs = {}) =>
  deployGcpPart(
    COMPONENT,
    said,
    ({ stack, ground, opts }) => {
      if (stack.domain.mode === "none") throw new Error("the stack has no domain");
      const dns = new GcpDns(NAME, { settings: stack.domain, stack, ground }, opts);
      return dns.point("agents-api", "api.agents.example.com", pulumi.output("203.0.113.7"), { parent: dns });
    },
    stubs,
  );

const managed: Tree = { ...gcpStack, domain: "agents.example.com" };
const existing: Tree = { ...gcpStack, domain: { mode: "existing", name: "agents.example.com", zone: "theirs" } };

describe("providers/gcp/dns", () => {
  it("makes a public zone of the domain's name", async () => {
    const { resources } = await dnsOf(managed);
    assert.deepEqual(inventory(resources), [
      [COMPONENT, NAME],
      [ZONE, NAME],
    ]);
    const { inputs, protect } = only(resources, ZONE);
    assert.equal(protect, false);
    assert.deepEqual(inputs, {
      description: "Zone of agents-development",
      dnsName: "agents.example.com.",
      forceDestroy: true,
      labels: labelsOf(NAME),
      project: "acme-agents",
      visibility: "public",
    });
  });

  it("says what to delegate to", async () => {
    const { result } = await dnsOf(managed);
    assert.deepEqual(
      [result.domain, await valueOf(result.zone), await valueOf(result.nameServers)],
      ["agents.example.com", `${NAME}-1a2b3c4`, ["ns-1.example.org.", "ns-2.example.org."]],
    );
  });

  it("keeps the zone of a production stack", async () => {
    const { resources } = await dnsOf({ ...gcpProduction, domain: "agents.example.com" });
    const { inputs, protect } = only(resources, ZONE);
    assert.deepEqual([protect, inputs["forceDestroy"]], [true, false]);
  });

  it("only reads a zone that exists", async () => {
    const { resources, calls, result } = await dnsOf(existing);
    assert.deepEqual(inventory(resources), [[COMPONENT, NAME]]);
    assert.deepEqual(
      calls.filter(({ token }) => token.startsWith("gcp:dns/")),
      [{ token: "gcp:dns/getManagedZone:getManagedZone", inputs: { name: "theirs", project: "acme-agents" } }],
    );
    assert.deepEqual([await valueOf(result.zone), await valueOf(result.nameServers)], ["theirs", []]);
  });

  it("fails where the other stack has no zone", async () => {
    const domain = { mode: "existing", name: "agents.example.com", fromStack: "acme/agent-platform/prod" };
    await assert.rejects(
      dnsOf({ ...gcpStack, domain }, otherStack({})),
      /stack acme\/agent-platform\/prod has no output domain\.zone: run 'pulumi up' there first/,
    );
  });

  it("leads a host to an address", async () => {
    const { resources } = await pointed(existing);
    assert.deepEqual(inventory(resources), [
      [COMPONENT, NAME],
      [RECORD, "agents-api"],
    ]);
    assert.deepEqual(only(resources, RECORD).inputs, {
      project: "acme-agents",
      managedZone: "theirs",
      name: "api.agents.example.com.",
      type: "A",
      ttl: 300,
      rrdatas: ["203.0.113.7"],
    });
  });

  it("answers a certificate authority in this zone, by the pods' own identity", async () => {
    const { result } = await dnsOf(managed);
    assert.deepEqual(await valueOf(pulumi.output(result.solver)), {
      cloudDNS: { project: "acme-agents", hostedZoneName: `${NAME}-1a2b3c4` },
    });
  });

  it("shows a record in a preview", async () => {
    assert.deepEqual(inventory((await pointed(managed, { preview: true })).resources), [
      [COMPONENT, NAME],
      [ZONE, NAME],
      [RECORD, "agents-api"],
    ]);
  });

  it("shows every resource in a preview", async () => {
    assert.deepEqual(inventory((await dnsOf(managed, { preview: true })).resources), [
      [COMPONENT, NAME],
      [ZONE, NAME],
    ]);
  });
});
