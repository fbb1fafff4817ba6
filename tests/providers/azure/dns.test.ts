import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import { AzureDns } from "../../../providers/azure/dns.js";
import { inventory, only, otherStack, type Stubs, valueOf } from "../../support/deploy.js";
import { azureStack } from "../../support/settings.js";
import { armId, deployAzurePart, GROUP } from "../../support/stubs/azure-data.js";
import { tagsOf } from "../../support/tags.js";

const COMPONENT = "agent-platform:azure:Dns";
const ZONE = "azure-native:dns:Zone";
const NAME = "agents-development";
const THEIRS = armId("Microsoft.Network", "dnszones", "example.com");

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
    const { resources, result, calls } = await dnsOf({
      ...azureStack,
      domain: { mode: "existing", name: "agents.example.com", zone: THEIRS },
    });
    assert.deepEqual(inventory(resources), [[COMPONENT, NAME]]);
    assert.deepEqual(
      calls.filter(({ token }) => token.startsWith("azure-native:dns:")),
      [{ token: "azure-native:dns:getZone", inputs: { resourceGroupName: "theirs", zoneName: "example.com" } }],
    );
    assert.deepEqual([await valueOf(result.zone), await valueOf(result.nameServers)], [THEIRS, []]);
  });

  it("takes the zone of another stack", async () => {
    const { result } = await dnsOf(
      {
        ...azureStack,
        domain: { mode: "existing", name: "agents.example.com", fromStack: "acme/agent-platform/prod" },
      },
      otherStack({ domain: { zone: THEIRS } }),
    );
    assert.equal(await valueOf(result.zone), THEIRS);
  });

  it("shows every resource in a preview", async () => {
    const { resources } = await dnsOf(managed, { preview: true });
    assert.deepEqual(inventory(resources), [
      [COMPONENT, NAME],
      [ZONE, NAME],
    ]);
  });
});
