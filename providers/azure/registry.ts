import { Registry as ContainerRegistry } from "@pulumi/azure-native/containerregistry/registry.js";
import * as pulumi from "@pulumi/pulumi";
import { isCareful } from "../../config/names.js";
import type { RegistrySettings } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Registry, RegistryArgs } from "../contract.js";
import { globalName } from "./global-name.js";
import type { AzureGround } from "./ground.js";
import { createEndpoint } from "./private.js";
import { assign } from "./roles.js";
import { tagsFor } from "./tags.js";

export interface AzureRegistryArgs extends RegistryArgs {
  readonly stack: Settings;
  readonly ground: AzureGround;
}

/** Days after which an image that a newer build took the tag from goes. */
const UNTAGGED_DAYS = 7;

/**
 * A container registry for the images of all services: opened by roles only, encrypted with Azure's keys, pulled from by
 * the cluster's nodes. Where it matters it is in several zones, nodes reach it without leaving the network, and images
 * without a tag go after a week; it stays open to whoever has a role and pushes from elsewhere.
 *
 * Azure cannot hold a whole registry to one image a tag, scans nothing without Defender, and counts no images: a
 * pipeline that wants few of them runs `acr purge --keep`.
 *
 * Costs 5 USD a month, in production 50 USD and about 7 USD for the endpoint.
 */
export class AzureRegistry extends pulumi.ComponentResource implements Registry {
  public readonly url: pulumi.Output<string>;
  private readonly services: readonly string[];
  private readonly prefix: pulumi.Output<string>;

  constructor(name: string, args: AzureRegistryArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:azure:Registry", name, {}, opts);
    this.services = args.services;
    this.url = urlOf(name, args, args.settings, this);
    this.prefix = this.url.apply((url) => (url === "" ? "" : `${url}/`));
    this.registerOutputs({ url: this.url });
  }

  repository(service: string): pulumi.Output<string> {
    if (!this.services.includes(service))
      throw new Error(`azure: the registry was made without a repository for ${service}`);
    return pulumi.interpolate`${this.prefix}${service}`;
  }
}

function urlOf(
  name: string,
  args: AzureRegistryArgs,
  settings: RegistrySettings,
  parent: AzureRegistry,
): pulumi.Output<string> {
  switch (settings.mode) {
    case "existing":
      return pulumi.output(settings.url);
    case "none":
      return pulumi.output("");
    case "managed":
      return args.services.length === 0 ? pulumi.output("") : createRegistry(name, args, parent);
  }
}

function createRegistry(
  name: string,
  { stack, ground, network, cluster }: AzureRegistryArgs,
  parent: AzureRegistry,
): pulumi.Output<string> {
  const child = { parent };
  const careful = isCareful(stack.environment);
  const registry = new ContainerRegistry(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      location: ground.location,
      registryName: ground.suffix.apply((end) => globalName("registry", stack.prefix, end)),
      sku: { name: careful ? "Premium" : "Basic" },
      adminUserEnabled: false,
      // Open to those who push from outside, and to nobody without a role.
      publicNetworkAccess: "Enabled",
      ...(careful
        ? {
            anonymousPullEnabled: false,
            zoneRedundancy: "Enabled",
            policies: { retentionPolicy: { days: UNTAGGED_DAYS, status: "enabled" } },
          }
        : {}),
      tags: tagsFor(stack, name),
    },
    // Azure deletes a registry with all its images.
    { ...child, protect: stack.deletionProtection },
  );
  if (careful)
    createEndpoint(`${name}-images`, { stack, ground, network, service: "registry", resource: registry.id }, child);
  assign(`${name}-pull`, { ground, role: "AcrPull", scope: registry.id, principal: cluster.puller }, child);
  return registry.loginServer;
}
