import assert from "node:assert/strict";
import { agentsEnv } from "../../../components/agents/environment.js";
import type { Tree } from "../../../config/walk.js";
import { loadEnv } from "../../../service/src/env.js";
import { localStack, settingsOf } from "../../support/settings.js";

const envOf = (api: Tree, others: Tree = {}) => {
  const settings = settingsOf({ ...localStack, services: { api, ...others } }).services["api"];
  assert.ok(settings !== undefined);
  return agentsEnv(settings);
};

describe("what the agent service is told", () => {
  it("is nothing, where a service runs something else", () => {
    assert.deepEqual(envOf({ image: "a:1", routes: [{}] }), {});
  });

  it("is its role, and by default no more", () => {
    assert.deepEqual(envOf({ agents: {} }), { ROLE: "all" });
    assert.deepEqual(envOf({ agents: { role: "gateway" } }), { ROLE: "gateway" });
  });

  it("is how many proxies are in front of it: the gateway, where it has routes", () => {
    assert.equal(envOf({ agents: {}, routes: [{ path: "/v1" }] })["TRUST_PROXY"], "1");
    assert.equal(envOf({ agents: {} })["TRUST_PROXY"], undefined);
  });

  it("is its providers, in the service's own words and with no key among them", () => {
    const providers = [
      { name: "openai", kind: "openai", apiKeyEnv: "OPENAI_API_KEY", models: ["gpt-5.4-mini"] },
      { name: "here", kind: "ollama", baseUrl: "http://ollama:11434", models: ["llama3.2"] },
    ];
    const routes = { auto: [{ provider: "openai", model: "gpt-5.4-mini" }] };
    const env = envOf(
      {
        agents: { providers, routes, timeouts: { idleMs: 5000 } },
        uses: ["models", "service:ollama"],
        secrets: ["OPENAI_API_KEY"],
      },
      { ollama: { image: "ollama/ollama:0.9.0", port: 11434 } },
    );
    assert.deepEqual(env, {
      ROLE: "all",
      AI_PROVIDERS_CONFIG: JSON.stringify({ providers, routes, timeouts: { idleMs: 5000 } }),
      AI_PRIVATE_HOSTS: "ollama",
    });
    const { models, ROLE } = loadEnv({ ...env, NODE_ENV: "production", OPENAI_API_KEY: "k" });
    assert.equal(ROLE, "all");
    assert.deepEqual(
      models.providers.map(({ name, publicOnly }) => [name, publicOnly]),
      [
        ["openai", true],
        ["here", false],
      ],
    );
  });
});
