import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { OpenedCloud } from "../contract.js";
import { refuse } from "../support.js";
import { LocalBucket } from "./bucket.js";
import { LocalCluster } from "./cluster.js";
import { localIdentity } from "./identity.js";
import { localExposure } from "./loadbalancer.js";
import { localNetwork } from "./network.js";
import { localRegistry } from "./registry.js";
import { LocalSecretStore } from "./secrets.js";

/**
 * A cluster that exists, with everything in it. Only what must be made is a component; what this cloud has none of is
 * said by plain values, and what it refuses by `support.ts`.
 */
export function openLocal(stack: Settings): OpenedCloud {
  return {
    providers: [],
    enter: () => ({
      name: "local",
      network: (_name, settings) => localNetwork(settings),
      cluster: (name, args, opts) => new LocalCluster(name, args, opts),
      secretStore: (name, args, opts) => new LocalSecretStore(name, { ...args, stack }, opts),
      database: (_name, { settings }) => refuse("local", `databases.${settings.mode}`),
      cache: (_name, { settings }) => refuse("local", `caches.${settings.mode}`),
      bucket: (name, args, opts) => new LocalBucket(name, args, opts),
      identity: (_name, args) => localIdentity(args),
      registry: (_name, { settings }) => localRegistry(settings),
      dns: (_name, { settings }) => refuse("local", `domain.${settings.mode}`),
      loadBalancer: () => localExposure(),
      edge: () => refuse("local", "edge"),
      observe: () => ({ logs: pulumi.output(""), logOutput: undefined }),
      uptime: undefined,
      measure: undefined,
    }),
  };
}
