import { getClientConfigOutput } from "@pulumi/azure-native/authorization/getClientConfig.js";
import { PrivateZone } from "@pulumi/azure-native/privatedns/privateZone.js";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { isCareful } from "../../config/names.js";
import type { Settings } from "../../config/settings.js";
import { tagsFor } from "./tags.js";

export interface AzureGroundArgs {
  readonly stack: Settings;
}

/** What is reached by a private endpoint. Databases are not: they stand in a subnet of their own. */
export type PrivateService = "bucket" | "cache" | "registry" | "secretStore";

interface PrivateDomain {
  /** What resources for it are called by. */
  readonly noun: string;
  /** The name that the service's public names lead to from inside: https://learn.microsoft.com/azure/private-link/private-endpoint-dns */
  readonly domain: string;
  readonly needed: (stack: Settings) => boolean;
}

const anyManaged = (parts: Readonly<Record<string, { readonly mode: string }>>): boolean =>
  Object.values(parts).some(({ mode }) => mode === "managed");

export const privateDomains: Readonly<Record<PrivateService, PrivateDomain>> = {
  bucket: {
    noun: "bucket",
    domain: "privatelink.blob.core.windows.net",
    needed: ({ buckets }) => anyManaged(buckets),
  },
  cache: { noun: "cache", domain: "privatelink.redis.azure.net", needed: ({ caches }) => anyManaged(caches) },
  registry: {
    noun: "registry",
    domain: "privatelink.azurecr.io",
    // Only the largest tier of a registry has private endpoints, and only a careful stack pays for it.
    needed: ({ registry, environment, services }) =>
      registry.mode === "managed" && isCareful(environment) && Object.keys(services).length > 0,
  },
  secretStore: {
    noun: "secret-store",
    domain: "privatelink.vaultcore.azure.net",
    needed: ({ secretStore }) => secretStore.mode === "managed",
  },
};

/** Settings refuse a stack on azure that does not say it: this is for the compiler, and for whoever goes round them. */
export function subscriptionOf({ azure }: Settings): string {
  if (azure.subscription === undefined) throw new Error("azure: no subscription: set azure.subscription");
  return azure.subscription;
}

/**
 * What all parts of a stack on Azure stand on: a resource group, and the private domains by which its services are
 * found from inside the network. Deleting the group takes everything in it along, so where data is protected, so is it.
 *
 * A group costs nothing, a private domain 0.50 USD a month.
 */
export class AzureGround extends pulumi.ComponentResource {
  /** The name of the resource group. */
  public readonly resourceGroup: pulumi.Output<string>;
  public readonly location: string;
  public readonly subscription: pulumi.Output<string>;
  public readonly tenant: pulumi.Output<string>;
  /** The object id of whoever runs the program. */
  public readonly deployer: pulumi.Output<string>;
  /** Six lower-case letters and digits, for names that the whole world shares. */
  public readonly suffix: pulumi.Output<string>;
  public readonly zones: ReadonlyMap<PrivateService, PrivateZone>;

  constructor(name: string, { stack }: AzureGroundArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:azure:Ground", name, {}, opts);
    const child = { parent: this };
    const { tenantId, objectId } = getClientConfigOutput(child);
    const group = createResourceGroup(name, stack, child);
    this.resourceGroup = group.name;
    this.location = stack.region;
    this.subscription = pulumi.output(subscriptionOf(stack));
    this.tenant = tenantId;
    this.deployer = objectId;
    this.suffix = createSuffix(name, child).result;
    this.zones = createZones(name, group, stack, child);
    this.registerOutputs({ resourceGroup: this.resourceGroup });
  }

  /** The private domain of a service. */
  public zone(service: PrivateService): PrivateZone {
    const zone = this.zones.get(service);
    if (zone === undefined) throw new Error(`azure: this stack has no private domain for a ${service}`);
    return zone;
  }
}

function createResourceGroup(name: string, stack: Settings, opts: pulumi.CustomResourceOptions): ResourceGroup {
  return new ResourceGroup(
    name,
    { location: stack.region, tags: tagsFor(stack, name) },
    { ...opts, protect: stack.deletionProtection, customTimeouts: { delete: "60m" } },
  );
}

const createSuffix = (name: string, opts: pulumi.CustomResourceOptions): random.RandomString =>
  new random.RandomString(`${name}-suffix`, { length: 6, special: false, upper: false }, opts);

function createZones(
  name: string,
  group: ResourceGroup,
  stack: Settings,
  opts: pulumi.CustomResourceOptions,
): ReadonlyMap<PrivateService, PrivateZone> {
  const services = Object.entries(privateDomains) as [PrivateService, PrivateDomain][];
  return new Map(
    services
      .filter(([, { needed }]) => needed(stack))
      .map(([service, { noun, domain }]) => {
        const zoneName = `${name}-${noun}`;
        const zone = new PrivateZone(
          zoneName,
          {
            resourceGroupName: group.name,
            privateZoneName: domain,
            // Zones are everywhere, and say so.
            location: "Global",
            tags: tagsFor(stack, zoneName),
          },
          opts,
        );
        return [service, zone];
      }),
  );
}
