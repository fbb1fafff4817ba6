import { Provider } from "@pulumi/azure-native/provider.js";
import { Provider as TimeProvider } from "@pulumiverse/time/provider.js";
import type { Settings } from "../../config/settings.js";
import type { OpenedCloud } from "../contract.js";
import { refuse } from "../support.js";
import { AzureBucket } from "./bucket.js";
import { AzureCache } from "./cache.js";
import { AzureCluster } from "./cluster.js";
import { AzureDatabase } from "./database.js";
import { AzureDns } from "./dns.js";
import { AzureGround, subscriptionOf } from "./ground.js";
import { AzureIdentity } from "./identity.js";
import { exposeOnAzure } from "./loadbalancer.js";
import { measureOnAzure } from "./measure.js";
import { AzureNetwork } from "./network.js";
import { AzureObserve } from "./observe.js";
import { withoutOldTypes } from "./old-types.js";
import { AzureRegistry } from "./registry.js";
import { AzureSecretStore } from "./secrets.js";
import { AzureUptime } from "./uptime.js";

/** Azure behind the contract: one row a part, each in the file of its name. */
export function openAzure(stack: Settings): OpenedCloud {
  const provider = new Provider("azure", { subscriptionId: subscriptionOf(stack), location: stack.region });
  return {
    // Roles take minutes until they act, and nothing says when.
    providers: [provider, new TimeProvider("time")],
    transformations: [withoutOldTypes],
    enter: (name, opts) => {
      const ground = new AzureGround(name, { stack }, opts);
      return {
        name: "azure",
        network: (name, settings, opts) => new AzureNetwork(name, { settings, stack, ground }, opts),
        cluster: (name, args, opts) => new AzureCluster(name, { ...args, stack, ground }, opts),
        secretStore: (name, args, opts) => new AzureSecretStore(name, { ...args, stack, ground }, opts),
        database: (name, args, opts) => new AzureDatabase(name, { ...args, stack, ground }, opts),
        cache: (name, args, opts) => new AzureCache(name, { ...args, stack, ground }, opts),
        bucket: (name, args, opts) => new AzureBucket(name, { ...args, stack, ground }, opts),
        identity: (name, args, opts) => new AzureIdentity(name, { ...args, stack, ground }, opts),
        registry: (name, args, opts) => new AzureRegistry(name, { ...args, stack, ground }, opts),
        dns: (name, args, opts) => new AzureDns(name, { ...args, stack, ground }, opts),
        loadBalancer: (spec) => exposeOnAzure(spec, stack),
        edge: () => refuse("azure", "edge"),
        observe: (name, _args, opts) => new AzureObserve(name, { stack, ground }, opts),
        uptime: (name, args, opts) => new AzureUptime(name, { ...args, stack, ground }, opts),
        measure: (args) => measureOnAzure(args, { stack, ground }),
      };
    },
  };
}
