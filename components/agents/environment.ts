import type { ServiceSettings } from "../../config/service-schema.js";
import { keysUsed } from "../../config/uses.js";

/** Envoy appends the address that it was called from; what stands in front of it passes that on. */
const PROXIES_IN_FRONT = 1;

/**
 * What the agent service is told beside what every service is, but for secrets. What the stack says in `env` wins.
 * Empty for services of others.
 */
export function agentsEnv({ agents, uses, routes }: ServiceSettings): Readonly<Record<string, string>> {
  if (agents === undefined) return {};
  const { role, providers, routes: models, timeouts } = agents;
  const config = { providers, routes: models, timeouts };
  const services = keysUsed(uses, "services");
  return {
    ROLE: role,
    ...(providers === undefined ? {} : { AI_PROVIDERS_CONFIG: JSON.stringify(config) }),
    ...(services.length === 0 ? {} : { AI_PRIVATE_HOSTS: services.join(",") }),
    ...(routes.length === 0 ? {} : { TRUST_PROXY: String(PROXIES_IN_FRONT) }),
  };
}
