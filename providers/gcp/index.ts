import { Provider } from "@pulumi/gcp/provider.js";
import { Provider as TimeProvider } from "@pulumiverse/time/provider.js";
import type { Settings } from "../../config/settings.js";
import type { OpenedCloud } from "../contract.js";
import { refuse } from "../support.js";
import { GcpBucket } from "./bucket.js";
import { GcpCache } from "./cache.js";
import { GcpCluster } from "./cluster.js";
import { GcpDatabase } from "./database.js";
import { GcpDns } from "./dns.js";
import { GcpGround, projectOf } from "./ground.js";
import { GcpIdentity } from "./identity.js";
import { exposeOnGcp } from "./loadbalancer.js";
import { measureOnGcp } from "./measure.js";
import { GcpNetwork } from "./network.js";
import { GcpObserve } from "./observe.js";
import { GcpRegistry } from "./registry.js";
import { GcpSecretStore } from "./secrets.js";
import { GcpUptime } from "./uptime.js";

/** Google Cloud behind the contract: one row a part, each in the file of its name. */
export function openGcp(stack: Settings): OpenedCloud {
  const provider = new Provider("gcp", { project: projectOf(stack), region: stack.region });
  return {
    // Google's APIs are not on at once: the second one waits.
    providers: [provider, new TimeProvider("time")],
    enter: (platform, platformOpts) => {
      const ground = new GcpGround(platform, { stack }, platformOpts);
      return {
        name: "gcp",
        network: (name, settings, opts) => new GcpNetwork(name, { settings, stack, ground }, opts),
        cluster: (name, args, opts) => new GcpCluster(name, { ...args, stack, ground }, opts),
        secretStore: (name, args, opts) => new GcpSecretStore(name, { ...args, stack, ground }, opts),
        database: (name, args, opts) => new GcpDatabase(name, { ...args, stack, ground }, opts),
        cache: (name, args, opts) => new GcpCache(name, { ...args, stack, ground }, opts),
        bucket: (name, args, opts) => new GcpBucket(name, { ...args, stack, ground }, opts),
        identity: (name, args, opts) => new GcpIdentity(name, { ...args, stack, ground }, opts),
        registry: (name, args, opts) => new GcpRegistry(name, { ...args, stack, ground }, opts),
        dns: (name, args, opts) => new GcpDns(name, { ...args, stack, ground }, opts),
        loadBalancer: (spec) => exposeOnGcp(spec, stack),
        edge: () => refuse("gcp", "edge"),
        observe: (name, _args, opts) => new GcpObserve(name, { stack, ground }, opts),
        uptime: (name, args, opts) => new GcpUptime(name, { ...args, stack, ground }, opts),
        measure: (args) => measureOnGcp(args, stack),
      };
    },
  };
}
