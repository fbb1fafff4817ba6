import { mapValues } from "./maps.js";
import type { ServiceSettings } from "./service-schema.js";
import { keysUsed } from "./uses.js";
import { isTree, own, type Tree } from "./walk.js";

/** What a service that runs the agent service need not say. */
export function agentsDefaults(service: Tree): Tree {
  const { agents, image, build, uses } = service;
  if (!isTree(agents)) return {};
  const shares = agents["of"] !== undefined;
  const names = Array.isArray(uses) ? uses.filter((use) => typeof use === "string") : [];
  return {
    ...(shares || image !== undefined || build !== undefined
      ? {}
      : { build: { context: ".", dockerfile: "service/Dockerfile" } }),
    probes: { startup: "/health/startup", ready: "/health/ready", live: "/health" },
    metrics: { port: 9464 },
    // The embedded database migrates itself.
    ...(shares || keysUsed(names, "databases").length === 0
      ? {}
      : { migrate: { command: ["dumb-init", "--", "node", "--enable-source-maps", "dist/main.js", "migrate"] } }),
  };
}

type Services = Readonly<Record<string, ServiceSettings>>;

/** Several deployments of one image: each has what the first one says of the image, the providers and their keys. */
export const shareAgents = (services: Services): Record<string, ServiceSettings> =>
  mapValues(services, (service) => {
    const { agents } = service;
    const other = agents?.of === undefined ? undefined : own(services, agents.of);
    if (agents?.of === undefined || other?.agents === undefined) return service;
    return {
      ...service,
      ...(other.image === undefined ? {} : { image: other.image }),
      ...(other.build === undefined ? {} : { build: other.build }),
      agents: { ...other.agents, role: agents.role, of: agents.of },
      secrets: [...new Set([...service.secrets, ...other.secrets])],
    };
  });
