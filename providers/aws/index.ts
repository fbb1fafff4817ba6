import { Provider } from "@pulumi/aws/provider.js";
import type { Settings } from "../../config/settings.js";
import type { OpenedCloud } from "../contract.js";
import { refuse } from "../support.js";
import { AwsBucket } from "./bucket.js";
import { AwsCache } from "./cache.js";
import { AwsCluster } from "./cluster.js";
import { AwsDatabase } from "./database.js";
import { AwsDns } from "./dns.js";
import { AwsIdentity } from "./identity.js";
import { exposeOnAws } from "./loadbalancer.js";
import { measureOnAws } from "./measure.js";
import { AwsNetwork } from "./network.js";
import { AwsObserve } from "./observe.js";
import { AwsRegistry } from "./registry.js";
import { AwsSecretStore } from "./secrets.js";
import { AwsUptime } from "./uptime.js";

/** AWS behind the contract: one row a part, each in the file of its name. */
export function openAws(stack: Settings): OpenedCloud {
  const provider = new Provider("aws", {
    region: stack.region,
    ...(stack.aws.account === undefined ? {} : { allowedAccountIds: [stack.aws.account] }),
  });
  return {
    providers: [provider],
    // Everything stands on the account: there is no ground to make.
    enter: () => ({
      name: "aws",
      network: (name, settings, opts) => new AwsNetwork(name, { settings, stack }, opts),
      cluster: (name, args, opts) => new AwsCluster(name, { ...args, stack }, opts),
      secretStore: (name, args, opts) => new AwsSecretStore(name, { ...args, stack }, opts),
      database: (name, args, opts) => new AwsDatabase(name, { ...args, stack }, opts),
      cache: (name, args, opts) => new AwsCache(name, { ...args, stack }, opts),
      bucket: (name, args, opts) => new AwsBucket(name, { ...args, stack }, opts),
      identity: (name, args, opts) => new AwsIdentity(name, { ...args, stack }, opts),
      registry: (name, args, opts) => new AwsRegistry(name, { ...args, stack }, opts),
      dns: (name, args, opts) => new AwsDns(name, { ...args, stack }, opts),
      loadBalancer: (spec) => exposeOnAws(spec, stack),
      edge: () => refuse("aws", "edge"),
      observe: (name, _args, opts) => new AwsObserve(name, { stack }, opts),
      uptime: (name, args, opts) => new AwsUptime(name, { ...args, stack }, opts),
      measure: (args) => measureOnAws(args, stack),
    }),
  };
}
