import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EnvError, loadEnv } from "../../../service/src/env.js";
import { keyOf } from "../../../service/src/models/catalog.js";

const problemsOf = (source: Readonly<Record<string, string>>): readonly string[] => {
  try {
    loadEnv(source);
  } catch (error) {
    assert.ok(error instanceof EnvError, String(error));
    return error.problems;
  }
  return [];
};
const withConfig = (config: unknown, more: Readonly<Record<string, string>> = {}) => ({
  AI_PROVIDERS_CONFIG: typeof config === "string" ? config : JSON.stringify(config),
  ...more,
});
const example = {
  providers: [
    { name: "p1", kind: "openai", baseUrl: "https://one.example/v1", apiKeyEnv: "P1_KEY", models: ["m1"] },
    { name: "p2", kind: "anthropic", apiKeyEnv: "P2_KEY", models: [{ name: "m1", contextWindow: 1000 }] },
  ],
  routes: {
    auto: [
      { provider: "p1", model: "m1" },
      { provider: "p2", model: "m1" },
    ],
  },
  timeouts: { deadlineMs: 30_000 },
};
const keys = { P1_KEY: "k1", P2_KEY: "k2" };

describe("AI_PROVIDERS_CONFIG", () => {
  it("makes providers, routes and time limits, with keys from the variables that it names", () => {
    const { providers, routes, timeouts } = loadEnv(withConfig(example, keys)).models;
    assert.deepEqual(
      providers.map(({ name, baseUrl, apiKey }) => [name, baseUrl, apiKey]),
      [
        ["p1", "https://one.example/v1", "k1"],
        ["p2", "https://api.anthropic.com/v1", "k2"],
      ],
    );
    assert.deepEqual(routes.get("auto")?.map(keyOf), ["p1/m1", "p2/m1"]);
    assert.deepEqual(timeouts, {
      deadlineMs: 30_000,
      firstTokenMs: 15_000,
      idleMs: 20_000,
      retryMs: 500,
      probeMs: 30_000,
    });
  });

  it("is a file too", () => {
    const folder = mkdtempSync(join(tmpdir(), "providers-"));
    try {
      const file = join(folder, "providers.json");
      writeFileSync(file, JSON.stringify(example));
      assert.equal(loadEnv(withConfig(file, keys)).models.providers.length, 2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("says everything that is wrong with it at once, each with its place and without a value that may be secret", () => {
    const config = {
      providers: [
        { name: "P 1", kind: "openi", baseUrl: "x", models: [] },
        { name: "p2", kind: "openai", apiKey: "sk-secret", models: ["m"], apiKeyEnv: "sk-other-secret" },
      ],
      timeouts: { deadlineMs: 0, first: 1 },
    };
    const said = problemsOf(withConfig(config));
    assert.deepEqual(said, [
      "AI_PROVIDERS_CONFIG: providers[0].name: expected 1 to 40 small letters, digits, - and _",
      "AI_PROVIDERS_CONFIG: providers[0].kind: expected openai, anthropic, ollama, scripted",
      "AI_PROVIDERS_CONFIG: providers[0].models: is empty",
      "AI_PROVIDERS_CONFIG: providers[1].apiKeyEnv: expected the name of a variable such as P1_KEY, never a key itself",
      "AI_PROVIDERS_CONFIG: providers[1]: apiKey: not known here",
      "AI_PROVIDERS_CONFIG: timeouts.deadlineMs: is below 1",
      "AI_PROVIDERS_CONFIG: timeouts: first: not known here",
    ]);
  });

  it("says what does not fit together, all at once", () => {
    const config = {
      providers: [
        { name: "p1", kind: "openai", models: ["m1"] },
        { name: "p1", kind: "ollama", models: ["m1"] },
        { name: "p3", kind: "openai", apiKeyEnv: "P3_KEY", baseUrl: "ftp://u:p@x.example/v1?a=b", models: ["m1"] },
      ],
      routes: {
        fast: [
          { provider: "p9", model: "m1" },
          { provider: "p3", model: "m9" },
        ],
      },
    };
    assert.deepEqual(problemsOf(withConfig(config)), [
      "AI_PROVIDERS_CONFIG: providers[0].apiKeyEnv: is missing; expected the name of the variable that has the key of p1",
      "AI_PROVIDERS_CONFIG: providers[1].name: 'p1' is there twice; expected a name of its own",
      "AI_PROVIDERS_CONFIG: providers[1].baseUrl: is missing; expected such as http://ollama:11434",
      "AI_PROVIDERS_CONFIG: providers[2].baseUrl: 'ftp:' can't be called; expected https://",
      "AI_PROVIDERS_CONFIG: providers[2].baseUrl: has a name or password in it, which would be logged; expected the key in a variable named by apiKeyEnv",
      "AI_PROVIDERS_CONFIG: providers[2].baseUrl: ends in a query or a fragment; expected a path at most",
      "AI_PROVIDERS_CONFIG: providers[2].apiKeyEnv: P3_KEY is not set; set it to the key of p3",
      "AI_PROVIDERS_CONFIG: routes.fast[0].provider: there is no provider 'p9'; expected one of p1, p1, p3",
      "AI_PROVIDERS_CONFIG: routes.fast[1].model: p3 has no model 'm9'; expected one of m1",
    ]);
  });

  it("is neither JSON nor a file: it says so, and quotes nothing", () => {
    assert.deepEqual(problemsOf(withConfig("sk-secret")), [
      "AI_PROVIDERS_CONFIG: is neither JSON that begins with { nor the path of a file",
    ]);
    assert.deepEqual(problemsOf(withConfig('{"providers" sk-secret}')), [
      "AI_PROVIDERS_CONFIG: is not JSON: it breaks at position 13",
    ]);
  });
});

describe("a provider's base URL", () => {
  const at = (baseUrl: string) => ({
    providers: [{ name: "p1", kind: "openai", baseUrl, apiKeyEnv: "P1_KEY", models: ["m1"] }],
  });
  const production = (baseUrl: string, more: Readonly<Record<string, string>> = {}) =>
    problemsOf(withConfig(at(baseUrl), { ...keys, NODE_ENV: "production", ...more }));

  it("may be this machine outside production", () => {
    assert.deepEqual(problemsOf(withConfig(at("http://127.0.0.1:8000/v1"), keys)), []);
  });

  it("is not a private address in production, in whichever way it is written", () => {
    for (const host of [
      "127.0.0.1",
      "2130706433",
      "0x7f.1",
      "localhost",
      "10.1.2.3",
      "169.254.169.254",
      "[::1]",
      "[::ffff:10.0.0.1]",
      "[fd00::1]",
      "metadata.google.internal",
      "ollama",
      "ollama.models.svc.cluster.local",
    ]) {
      const { hostname } = new URL(`https://${host}/v1`);
      assert.deepEqual(production(`https://${host}/v1`), [
        `AI_PROVIDERS_CONFIG: providers[0].baseUrl: ${hostname} is a private address; if that is meant, add it to AI_PRIVATE_HOSTS`,
      ]);
    }
  });

  it("may be one that AI_PRIVATE_HOSTS names, by http too", () => {
    assert.deepEqual(production("http://ollama.models.svc:11434", { AI_PRIVATE_HOSTS: "ollama.models.svc" }), []);
    assert.deepEqual(production("https://[fd00::1]/v1", { AI_PRIVATE_HOSTS: "fd00::1" }), []);
  });

  it("is https in production", () => {
    assert.deepEqual(production("http://api.example.com/v1"), [
      "AI_PROVIDERS_CONFIG: providers[0].baseUrl: http would send the key readably over the internet; in production expected https://",
    ]);
  });
});

describe("the plain keys", () => {
  const plain = (source: Readonly<Record<string, string>>) => {
    const { providers, routes } = loadEnv(source).models;
    return [providers.map(({ name, baseUrl }) => `${name} ${baseUrl}`), routes.get("auto")?.map(keyOf)];
  };

  it("make providers and a route of their first models, then their second ones", () => {
    assert.deepEqual(
      plain({
        OPENAI_API_KEY: "k",
        ANTHROPIC_API_KEY: "k",
        OLLAMA_URL: "http://127.0.0.1:11434",
        OLLAMA_MODELS: "llama3.2",
      }),
      [
        ["openai https://api.openai.com/v1", "anthropic https://api.anthropic.com/v1", "ollama http://127.0.0.1:11434"],
        [
          "openai/gpt-5.4-mini",
          "anthropic/claude-haiku-5-5",
          "ollama/llama3.2",
          "openai/gpt-5.4",
          "anthropic/claude-sonnet-5-5",
          "openai/text-embedding-3-small",
        ],
      ],
    );
  });

  it("are not needed: a scripted model and an offline embedder answer", () => {
    assert.deepEqual(plain({}), [["scripted "], ["scripted/echo", "scripted/embedder"]]);
  });

  it("say which variable leads to a private address in production", () => {
    assert.deepEqual(problemsOf({ NODE_ENV: "production", OLLAMA_URL: "http://10.0.0.1:11434" }), [
      "OLLAMA_URL: 10.0.0.1 is a private address; if that is meant, add it to AI_PRIVATE_HOSTS",
    ]);
  });
});
