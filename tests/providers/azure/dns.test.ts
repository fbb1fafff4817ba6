import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Tree } from "../../../config/walk.js";
import { AzureDns } from "../../../providers/azure/dns.js";
import { inventory, only, otherStack, type Stubs, valueOf } from "../../support/deploy.js";
import { azureStack } from "../../support/settings.js";
import { armId, deployAzurePart, GROUP, SUBSCRIPTION } from "../../support/stubs/azure-data.js";
import { tagsOf } from "../../support/tags.js";

const COMPONENT = "agent-platform:azure:Dns";
const ZONE = "azure-native:dns:Zone";
const RECORD = "azure-native:dns:RecordSet";
const PROVIDER = "pulumi:providers:azure-native";
const NAME = "agents-development";
const THEIRS = armId("Microsoft.Network", "dnszones", "example.com");

const ELSEWHERE = THEIRS.replace(SUBSCRIPTION, "99999999-0000-4000-8000-000000000000");

const managed = { ...azureStack, domain: "agents.example.com" } as const;

const dnsOf = (said: Tree = managed, stubs: Stubs = {}) =>
  deployAzurePart(
    COMPONENT,
    said,
    ({ stack, ground, opts }) => {
      const { domain } = stack;
      assert(domain.mode !== "none");
      return new AzureDns(NAME, { settings: domain, stack, ground }, opts);
    },
    stubs,
  );

const existing = (zone: string) => ({ ...azureStack, domain: { mode: "existing", name: "agents.example.com", zone } });
const fromStack = {
  ...azureStack,
  domain: { mode: "existing", name: "agents.example.com", fromStack: "acme/agent-platform/prod" },
} as const;

const pointed = (said: Tree, host = "api.agents.example.com", stubs: Stubs = {}) =>
  deployAzurePart(
    COMPONENT,
    said,
    ({ stack, ground, opts }) => {
      const { domain } = stack;
      assert(domain.mode !== "none");
      const dns = new AzureDns(NAME, { settings: domain, stack, ground }, opts);
      return dns.point("agents-api", host, pulumi.output("203.0.113.7"), { parent: dns });
    },
    stubs,
  );
const relativeName = async (said: Tree, host: string) =>
  only((await pointed(said, host)).resources, RECORD).inputs["relativeRecordSetName"];

describe("providers/azure/dns", () => {
  it("makes a public zone", async () => {
    const { resources, result } = await dnsOf();
    assert.deepEqual(inventory(resources), [
      [COMPONENT, NAME],
      [ZONE, NAME],
    ]);
    const { inputs, protect } = only(resources, ZONE);
    assert.equal(protect, false);
    assert.deepEqual(inputs, {
      location: "Global",
      resourceGroupName: GROUP,
      tags: tagsOf(NAME),
      zoneName: "agents.example.com",
      zoneType: "Public",
    });
    assert.deepEqual(
      [result.domain, await valueOf(result.zone), await valueOf(result.nameServers)],
      ["agents.example.com", `${NAME}-id`, ["ns1-01.azure-dns.com.", "ns2-01.azure-dns.net."]],
    );
  });

  it("protects the zone of a protected stack, whose name servers others point at", async () => {
    const { resources } = await dnsOf({ ...managed, deletionProtection: true });
    assert.equal(only(resources, ZONE).protect, true);
  });

  it("only reads a zone that exists", async () => {
    const { resources, result, calls } = await dnsOf(existing(THEIRS));
    assert.deepEqual(inventory(resources), [[COMPONENT, NAME]]);
    assert.deepEqual(
      calls.filter(({ token }) => token.startsWith("azure-native:dns:")),
      [{ token: "azure-native:dns:getZone", inputs: { resourceGroupName: "theirs", zoneName: "example.com" } }],
    );
    assert.deepEqual([await valueOf(result.zone), await valueOf(result.nameServers)], [THEIRS, []]);
  });

  it("takes the zone of another stack", async () => {
    const { result } = await dnsOf(fromStack, otherStack({ domain: { zone: THEIRS } }));
    assert.equal(await valueOf(result.zone), THEIRS);
  });

  it("reads a zone of another subscription by a provider of its own", async () => {
    const { resources, result } = await dnsOf(existing(ELSEWHERE));
    assert.deepEqual(inventory(resources), [
      [COMPONENT, NAME],
      [PROVIDER, `${NAME}-zone`],
    ]);
    assert.deepEqual(only(resources, PROVIDER).inputs["subscriptionId"], "99999999-0000-4000-8000-000000000000");
    assert.deepEqual(await valueOf(pulumi.output(result.solver)), {
      azureDNS: {
        subscriptionID: "99999999-0000-4000-8000-000000000000",
        resourceGroupName: "theirs",
        hostedZoneName: "example.com",
        environment: "AzurePublicCloud",
      },
    });
    const { resources: all } = await pointed(existing(ELSEWHERE));
    assert.equal(only(all, RECORD).provider, only(all, PROVIDER).urn);
  });

  it("says how to take a zone of another subscription that another stack names", async () => {
    const said = `agent-platform:domain.fromStack: its zone is ${ELSEWHERE}; expected one in subscription ${SUBSCRIPTION}, or its id said: pulumi config set --path agent-platform:domain.zone ${ELSEWHERE}`;
    await assert.rejects(dnsOf(fromStack, otherStack({ domain: { zone: ELSEWHERE } })), ({ message }: Error) =>
      message.endsWith(said),
    );
  });

  it("leads a host to an address", async () => {
    const { resources } = await pointed(managed);
    assert.deepEqual(only(resources, RECORD).inputs, {
      resourceGroupName: GROUP,
      zoneName: "agents.example.com",
      relativeRecordSetName: "api",
      recordType: "A",
      ttl: 300,
      aRecords: [{ ipv4Address: "203.0.113.7" }],
    });
  });

  it("calls a record what the zone calls it, whose own name is @", async () => {
    assert.equal(await relativeName(managed, "agents.example.com"), "@");
    assert.equal(await relativeName(managed, "a.b.agents.example.com"), "a.b");
    // The zone is of example.com.
    assert.equal(await relativeName(existing(THEIRS), "agents.example.com"), "agents");
    await assert.rejects(
      relativeName(managed, "agents.example.org"),
      /: azure: agents\.example\.org is not in the zone agents\.example\.com$/,
    );
    await assert.rejects(relativeName(managed, "otheragents.example.com"), /is not in the zone/);
  });

  it("answers a certificate authority in this zone, by the pods' own identity", async () => {
    const { result } = await dnsOf();
    assert.deepEqual(await valueOf(pulumi.output(result.solver)), {
      azureDNS: {
        subscriptionID: SUBSCRIPTION,
        resourceGroupName: GROUP,
        hostedZoneName: "agents.example.com",
        environment: "AzurePublicCloud",
      },
    });
  });

  it("shows a record in a preview", async () => {
    const { resources } = await pointed(managed, "agents.example.com", { preview: true });
    assert.deepEqual(inventory(resources), [
      [COMPONENT, NAME],
      [RECORD, "agents-api"],
      [ZONE, NAME],
    ]);
  });

  it("shows every resource in a preview", async () => {
    const { resources } = await dnsOf(managed, { preview: true });
    assert.deepEqual(inventory(resources), [
      [COMPONENT, NAME],
      [ZONE, NAME],
    ]);
  });
});
