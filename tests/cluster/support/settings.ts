import type { Place } from "./place.js";

/** What the gateway is called by clients; no name server knows it. */
export const HOST = "agents.test";
/** The same service by routes with a limit, and with a timeout that is short. */
export const LIMITED = "limited.agents.test";
export const SHORT = "short.agents.test";
/** Calls of one address to the limited host in an hour, and of one key to what is no model in a quarter of one. */
export const limits = { gateway: 3, service: 300 } as const;

/** The namespace that is the stack's secret store, and the entry with the gateway's certificate: somebody else's. */
export const STORE = "team";
export const CERTIFICATE = "certificate";

/** By a model's name the provider knows how to answer: at once, with a pause before each token, or after the first. */
export const models = {
  quick: "fake/quick",
  paced: "fake/paced-250",
  slow: "fake/paced-5000",
  paused: "fake/paused-20000",
} as const;

/** The development stack on one small node: all that a person would say of it, in the words of `pulumi config set`. */
export const settingsFor = ({ address, agents, model }: Place): Readonly<Record<string, string>> => ({
  "secretStore.mode": "existing",
  "secretStore.id": STORE,
  "gateway.tls.secret": CERTIFICATE,
  "monitoring.mode": "none",
  "gateway.nodeAddress": address,
  // One node, and who calls is to be known.
  "gateway.nodePorts.nodes": "withProxy",
  "gateway.cpu": "0.05",
  "gateway.drain": "10",
  "database.cpu": "1",
  "database.memory": "1",
  "database.storage": "20",
  "cache.memory": "1",
  "cache.storage": "1",
  "services.api.image": agents.first,
  "services.api.cpu": "0.05",
  "services.api.memory": "0.5",
  "services.api.replicas.min": "2",
  "services.api.replicas.max": "3",
  // No load brings pods before the scenario of that, nor takes one in the middle of another.
  "services.api.autoscaling.upSeconds": "3600",
  "services.api.autoscaling.downSeconds": "3600",
  "services.api.requestTimeout": "15",
  "services.api.drain": "15",
  "services.api.terminationGrace": "30",
  "services.api.routes[0].host": HOST,
  "services.api.routes[1].host": LIMITED,
  "services.api.routes[1].timeout": "10",
  "services.api.routes[1].rateLimit.requests": String(limits.gateway),
  "services.api.routes[1].rateLimit.per": "hour",
  "services.api.routes[2].host": SHORT,
  "services.api.routes[2].timeout": "2",
  // A test calls far more often than anybody whom these hold back.
  "services.api.env.RATE_LIMIT_MAX": "1000000",
  "services.api.env.LIMIT_AI": "0",
  "services.api.env.LIMIT_API": String(limits.service),
  // The service itself would take a provider that is silent for 20 s for one that is gone.
  "services.api.agents.timeouts.idleMs": "60000",
  "services.api.uses[3]": "service:model",
  "services.api.agents.providers[0].name": "fake",
  "services.api.agents.providers[0].kind": "openai",
  "services.api.agents.providers[0].baseUrl": "http://model:8080/v1",
  "services.api.agents.providers[0].apiKeyEnv": "OPENAI_API_KEY",
  ...Object.fromEntries(
    Object.values(models).map((model, index) => [
      `services.api.agents.providers[0].models[${index}]`,
      model.replace("fake/", ""),
    ]),
  ),
  "services.model.image": model,
  "services.model.port": "8080",
  "services.model.cpu": "0.01",
  "services.model.memory": "0.125",
  "services.model.replicas.min": "1",
  "services.model.replicas.max": "1",
});
