import type { Source } from "../../config/source.js";

/** A production stack with that many services that run, each with a database role, secrets and an identity of its own. */
export function benchSource(cloud: string, services: number): Source {
  const each = Array.from({ length: services }, (_, index): [string, object] => [
    `service-${index}`,
    {
      image: `ghcr.io/acme/service-${index}:1.0.0`,
      port: 8080,
      uses: ["database", "cache"],
      secrets: [`SECRET_${index}`],
      replicas: { min: 1, max: 1 },
      connections: 1,
    },
  ]);
  return {
    name: "bench",
    config: {
      "agent-platform:cloud": cloud,
      "agent-platform:region": "eu-west",
      "agent-platform:environment": "production",
      "agent-platform:monitoring": { receivers: { pagerduty: { routingKey: "PAGERDUTY_KEY" } } },
      "agent-platform:size": "large",
      "agent-platform:cluster": { access: { cidrs: ["203.0.113.0/24"] } },
      "agent-platform:gcp": { project: "acme-agents" },
      "agent-platform:azure": { subscription: "00000000-0000-0000-0000-000000000000" },
      "agent-platform:services": Object.fromEntries(each),
    },
    encrypted: new Set(),
  };
}
