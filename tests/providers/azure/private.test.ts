import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { AzureGround } from "../../../providers/azure/ground.js";
import { createEndpoint } from "../../../providers/azure/private.js";
import type { Network } from "../../../providers/contract.js";
import { deploy, only } from "../../support/deploy.js";
import { azureStack, settingsOf } from "../../support/settings.js";
import { azureComputeProviders, azureComputeStubs } from "../../support/stubs/azure-compute.js";
import { tagsOf } from "../../support/tags.js";

const ENDPOINT = "azure-native:network:PrivateEndpoint";

class Holder extends pulumi.ComponentResource {}

const networkWith = (...subnets: string[]): Network => ({
  id: pulumi.output("vnet"),
  subnets: { public: pulumi.output<string[]>([]), private: pulumi.output(subnets), data: pulumi.output(["data"]) },
  clientCidrs: [],
  dataCidrs: pulumi.output<string[]>([]),
});

const endpointIn = (subnets: readonly string[], preview = false) => {
  const stack = settingsOf(azureStack);
  return deploy(
    () => {
      const parent = new Holder("test:Holder", "holder", {}, { providers: azureComputeProviders() });
      const ground = new AzureGround("agents", { stack }, { parent });
      const network = networkWith(...subnets);
      return createEndpoint("kv", { stack, ground, network, service: "cache", resource: "the-cache" }, { parent });
    },
    { ...azureComputeStubs, preview },
  );
};

describe("providers/azure/private", () => {
  it("is an address in the private subnet, for the one service", async () => {
    const { resources } = await endpointIn(["nodes", "others"]);
    assert.deepEqual(only(resources, ENDPOINT).inputs, {
      resourceGroupName: "agents1a2b3c4d",
      location: "northeurope",
      // What follows the id is the SDK's own, and means nothing here.
      subnet: { id: "nodes", privateEndpointNetworkPolicies: "Disabled", privateLinkServiceNetworkPolicies: "Enabled" },
      privateLinkServiceConnections: [{ name: "kv", privateLinkServiceId: "the-cache", groupIds: ["redisEnterprise"] }],
      tags: tagsOf("kv"),
    });
    assert.deepEqual(only(resources, ENDPOINT).customTimeouts, { create: "20m", delete: "20m" });
  });

  it("the service's public name leads to it", async () => {
    const { resources } = await endpointIn(["nodes"]);
    assert.deepEqual(only(resources, "azure-native:network:PrivateDnsZoneGroup").inputs, {
      resourceGroupName: "agents1a2b3c4d",
      privateEndpointName: "kv1a2b3c4d",
      privateDnsZoneConfigs: [{ name: "cache", privateDnsZoneId: "agents-cache-id" }],
    });
  });

  it("refuses a network without a private subnet", async () => {
    await assert.rejects(endpointIn([]), /azure: the network has no subnet for an endpoint$/);
  });

  it("a preview shows the same endpoint", async () => {
    const { resources } = await endpointIn(["nodes"], true);
    assert.equal(only(resources, ENDPOINT).inputs["location"], "northeurope");
  });
});
