import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import { GcpDns } from "../../../providers/gcp/dns.js";
import { inventory, only, otherStack, type Stubs, valueOf } from "../../support/deploy.js";
import { gcpProduction, gcpStack } from "../../support/settings.js";
import { deployGcpPart } from "../../support/stubs/gcp-data.js";
import { labelsOf } from "../../support/tags.js";

const COMPONENT = "agent-platform:gcp:Dns";
const ZONE = "gcp:dns/managedZone:ManagedZone";
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

  it("shows every resource in a preview", async () => {
    assert.deepEqual(inventory((await dnsOf(managed, { preview: true })).resources), [
      [COMPONENT, NAME],
      [ZONE, NAME],
    ]);
  });
});
