import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { agents } from "../../config/agents-schema.js";
import type { ServiceSettings } from "../../config/service-schema.js";
import type { Tree } from "../../config/walk.js";
import { loadEnv } from "../../service/src/env.js";
import { capabilityNames, providerKinds, providersFile, timeoutDefaults } from "../../service/src/models/config.js";
import { roleNames, roles } from "../../service/src/roles.js";
import { awsProduction, awsStack, localStack, parsed, settingsOf } from "../support/settings.js";
import { problemsOf, refuses, sourceOf } from "./refuses.js";

const serviceOf = (service: Tree, stack: Tree = localStack): ServiceSettings => {
  const { api } = settingsOf({ ...stack, services: { api: service } }).services;
  assert.ok(api !== undefined);
  return api;
};

const openai = { name: "openai", kind: "openai", apiKeyEnv: "OPENAI_API_KEY", models: ["gpt-5.4-mini"] };
const secrets = ["OPENAI_API_KEY"];

describe("a service that runs the agent service", () => {
  it("is built from this repository, migrated, watched and measured without a word", () => {
    const { build, image, migrate, probes, metrics, kind, port, agents } = serviceOf({
      agents: {},
      uses: ["database"],
    });
    assert.deepEqual(
      { build, image, migrate, probes, metrics, kind, port, agents },
      {
        build: { context: ".", dockerfile: "service/Dockerfile", args: {} },
        image: undefined,
        migrate: {
          command: ["dumb-init", "--", "node", "--enable-source-maps", "dist/main.js", "migrate"],
          timeout: 600,
        },
        probes: { startup: "/health/startup", ready: "/health/ready", live: "/health" },
        metrics: { port: 9464, path: "/metrics", business: [] },
        kind: "web",
        port: 3000,
        agents: { role: "all", encryptionKeys: 1, bootstrapKey: true },
      },
    );
  });

  it("keeps what the stack says, and is filled around it", () => {
    const { build, image, migrate, probes, metrics } = serviceOf({
      agents: { role: "api" },
      image: "ghcr.io/acme/agents:1.0.0",
      uses: ["database"],
      probes: { ready: "/ready" },
      metrics: { business: ["orders_total"] },
      migrate: { timeout: 60 },
    });
    assert.deepEqual([build, image], [undefined, "ghcr.io/acme/agents:1.0.0"]);
    assert.deepEqual(probes, { startup: "/health/startup", ready: "/ready", live: "/health" });
    assert.deepEqual(metrics, { port: 9464, path: "/metrics", business: ["orders_total"] });
    assert.equal(migrate?.timeout, 60);
    assert.equal(migrate?.command.at(-1), "migrate");
  });

  it("has nothing to migrate without a database", () => {
    assert.equal(serviceOf({ agents: {} }).migrate, undefined);
  });

  it("is what the stack's other services are not", () => {
    const { build, probes, metrics, migrate } = serviceOf({ image: "a:1", uses: ["database"] });
    assert.deepEqual(
      { build, probes, metrics, migrate },
      { build: undefined, probes: {}, metrics: undefined, migrate: undefined },
    );
  });

  it("reads numbers as the command line writes them", () => {
    const timeouts = { deadlineMs: "30000" };
    assert.deepEqual(serviceOf({ agents: { timeouts, encryptionKeys: "2" } }).agents, {
      role: "all",
      encryptionKeys: 2,
      bootstrapKey: true,
      timeouts: { deadlineMs: 30_000 },
    });
  });
});

describe("several deployments of one image", () => {
  const providers = [openai];
  const services = {
    api: {
      agents: { role: "api", providers, encryptionKeys: 2 },
      uses: ["database", "models"],
      secrets,
      connections: 5,
    },
    gateway: {
      agents: { role: "gateway", of: "api" },
      uses: ["database", "models"],
      secrets: ["SENTRY_DSN"],
      connections: 5,
    },
  };

  it("share what the first one says, but for their roles, their uses and secrets of their own", () => {
    const { api, gateway } = settingsOf({ ...localStack, services }).services;
    assert.deepEqual(gateway?.agents, {
      role: "gateway",
      of: "api",
      providers,
      encryptionKeys: 2,
      bootstrapKey: true,
    });
    assert.deepEqual(gateway?.build, api?.build);
    assert.deepEqual(gateway?.secrets, ["SENTRY_DSN", "OPENAI_API_KEY"]);
    assert.deepEqual(api?.secrets, secrets);
  });

  it("share an image that is not built, too", () => {
    const image = "ghcr.io/acme/agents:1.0.0";
    const said = { ...services, api: { ...services.api, image } };
    const { gateway } = settingsOf({ ...localStack, services: said }).services;
    assert.deepEqual([gateway?.image, gateway?.build], [image, undefined]);
  });

  it("have one migration", () => {
    assert.equal(settingsOf({ ...localStack, services }).services["gateway"]?.migrate, undefined);
  });

  const stack = (gateway: Tree, api: Tree = {}) => ({
    ...localStack,
    services: { api: { ...services.api, ...api }, gateway: { ...services.gateway, ...gateway } },
  });
  refuses("that are of nothing", stack({ agents: { of: "apu" } }), [
    "services.gateway.agents.of: there is no services.apu; expected services.api; remove it with: pulumi config rm --path services.gateway.agents.of",
  ]);
  refuses("that are of themselves", stack({ agents: { of: "gateway" } }), [
    "services.gateway.agents.of: shares with itself; expected services.api; remove it with: pulumi config rm --path services.gateway.agents.of",
  ]);
  refuses(
    "that are of a service which runs something else",
    { ...localStack, services: { shop: { image: "a:1" }, api: { agents: { of: "shop" } } } },
    [
      "services.api.agents.of: services.shop has no agents; expected a service with agents; remove it with: pulumi config rm --path services.api.agents.of",
    ],
  );
  refuses(
    "in a row",
    { ...stack({}), services: { ...services, third: { ...services.gateway, agents: { of: "gateway" } } } },
    [
      "services.third.agents.of: services.gateway is itself of services.api; expected services.api; remove it with: pulumi config rm --path services.third.agents.of",
    ],
  );
  refuses("that say for themselves what is shared", stack({ image: "a:1", agents: { of: "api", routes: {} } }), [
    "services.gateway.image: services.api says it for both; expected it said once; remove it with: pulumi config rm --path services.gateway.image",
    "services.gateway.agents.routes: services.api says it for both; expected it said once; remove it with: pulumi config rm --path services.gateway.agents.routes",
  ]);
  refuses("with other databases", stack({ uses: ["models"] }), [
    `services.gateway.uses: it shares services.api's database role, and uses none instead of databases.main; expected the same databases in the same order; set it with: pulumi config set --path services.gateway.uses '["database","models"]'`,
  ]);
  it("do not wait for each other in a larger circle either", () => {
    const one = { agents: {}, uses: ["service:g2"] };
    const other = { agents: {}, uses: ["service:g1"] };
    const circle = {
      ...localStack,
      services: { one, other, g1: { agents: { of: "one" } }, g2: { agents: { of: "other" } } },
    };
    assert.deepEqual(
      problemsOf(sourceOf(circle)).map(({ key, what }) => [key, what]),
      [
        ["agent-platform:services.g1.agents.of", "services in a circle: it waits for services.one, which uses it"],
        ["agent-platform:services.g2.agents.of", "services in a circle: it waits for services.other, which uses it"],
      ],
    );
  });

  it("do not wait for each other", () => {
    const circle = stack({}, { uses: ["database", "models", "service:gateway"] });
    assert.deepEqual(
      problemsOf(sourceOf(circle)).flatMap(({ key, what }) => (key.endsWith("agents.of") ? [what] : [])),
      ["services in a circle: it waits for services.api, which uses it"],
    );
  });
});

describe("what the agent service needs", () => {
  const production = (api: Tree) => ({ ...awsProduction, services: { api } });
  refuses("a database, outside development", production({ agents: {}, uses: ["bucket"] }), [
    "services.api.uses: the agent service has no database: each pod would keep what it is told for itself, and lose it; expected database among them; set it with: pulumi config set --path 'services.api.uses[1]' database",
  ]);
  refuses(
    "a database of another name",
    { ...awsProduction, databases: { sales: {} }, services: { api: { agents: {} } } },
    [
      "services.api.uses: the agent service has no database: each pod would keep what it is told for itself, and lose it; expected database among them; set it with: pulumi config set --path 'services.api.uses[0]' database:sales",
    ],
  );
  refuses("a stack with a database", { ...awsProduction, databases: {}, services: { api: { agents: {} } } }, [
    "services.api.uses: the agent service has no database: each pod would keep what it is told for itself, and lose it; expected database among them; give the stack a database",
  ]);
  refuses("callers", production({ agents: {}, kind: "worker", uses: ["database"] }), [
    "services.api.kind: a worker: the agent service answers calls in every role; expected web; set it with: pulumi config set --path services.api.kind web",
  ]);
  refuses(
    "a registry for what is built",
    { ...awsStack, registry: { mode: "none" }, services: { api: { agents: {} } } },
    [
      "services.api.image: the image is built, and the stack has no registry to keep it in; expected an image, or a registry; set it with: pulumi config set --path registry.mode managed",
    ],
  );
  refuses(
    "the primary's keys, in a standby",
    {
      ...awsProduction,
      environment: "dr",
      standby: { of: "prod" },
      services: { api: { agents: {}, uses: ["database", "bucket"] } },
    },
    [
      "services.api.secrets: it reads the database of prod, and would have other encryption keys; expected ENCRYPTION_KEYS among them, with the value that prod has; set it with: pulumi config set --path 'services.api.secrets[0]' ENCRYPTION_KEYS",
    ],
  );

  const warnings = (stack: Tree, api: Tree) =>
    parsed({ ...stack, services: { api } }).warnings.filter((warning) => warning.startsWith("services.api:"));
  const noModels = "services.api: it has providers of models and may not call them; add models to services.api.uses";

  it("is told of in development, where it can be tried without", () => {
    assert.deepEqual(warnings(localStack, { agents: {} }), []);
    assert.deepEqual(warnings(localStack, { agents: { providers: [openai] }, secrets }), [noModels]);
    assert.deepEqual(warnings(localStack, { agents: {}, secrets }), [noModels]);
    assert.deepEqual(warnings(localStack, { agents: { providers: [openai] }, secrets, uses: ["models"] }), []);
    const scripted = { name: "s", kind: "scripted", models: ["echo"] };
    assert.deepEqual(warnings(localStack, { agents: { providers: [scripted] } }), []);
  });

  it("is a bucket where uploads are to last", () => {
    const lost = [
      "services.api: uploads stay in the /tmp of the pod that took them; to keep them, add bucket to services.api.uses",
    ];
    assert.deepEqual(warnings(awsProduction, { agents: {}, uses: ["database"] }), lost);
    assert.deepEqual(warnings(awsProduction, { agents: {}, uses: ["database", "bucket"] }), []);
    assert.deepEqual(warnings(awsProduction, { agents: { role: "gateway" }, uses: ["database"] }), []);
  });
});

describe("providers of models", () => {
  const stack = (agents: Tree, more: Tree = {}) => ({
    ...localStack,
    services: { api: { agents, uses: ["models"], secrets, ...more } },
  });
  refuses("there twice", stack({ providers: [openai, openai] }), [
    "services.api.agents.providers[1].name: openai is there twice; expected each once; set it with: pulumi config set --path 'services.api.agents.providers[1].name' openai-2",
  ]);
  refuses("whose key the service does not get", stack({ providers: [openai] }, { secrets: ["OTHER"] }), [
    "services.api.agents.providers[0].apiKeyEnv: OPENAI_API_KEY is not among services.api.secrets; expected one of the service's secrets; set it with: pulumi config set --path 'services.api.secrets[1]' OPENAI_API_KEY",
  ]);
  refuses("without a key", stack({ providers: [{ name: "p-1", kind: "anthropic", models: ["m"] }] }), [
    "services.api.agents.providers[0].apiKeyEnv: p-1 has no key; expected the name of one of the service's secrets; set it with: pulumi config set --path 'services.api.agents.providers[0].apiKeyEnv' P_1_API_KEY",
  ]);
  refuses("that are nowhere", stack({ providers: [{ name: "o", kind: "ollama", models: ["m"] }] }), [
    "services.api.agents.providers[0].baseUrl: missing; expected where Ollama answers, such as http://ollama:11434; run Ollama as a service of the stack, and say its address",
  ]);
  refuses(
    "that are in the process and elsewhere",
    stack({ providers: [{ name: "s", kind: "scripted", baseUrl: "https://a.example.com", models: ["m"] }] }),
    [
      "services.api.agents.providers[0].baseUrl: a scripted provider is in the service itself; expected no address; remove it with: pulumi config rm --path 'services.api.agents.providers[0].baseUrl'",
    ],
  );
  for (const baseUrl of [
    "http://api.example.com/v1",
    "https://api.example.com:8443/v1",
    "https://10.0.0.1/v1",
    "https://models/v1",
    "https://models.svc.cluster.local/v1",
    "https://metadata.google.internal/v1",
  ])
    refuses(`out of reach: ${baseUrl}`, stack({ providers: [{ ...openai, baseUrl }] }), [
      `services.api.agents.providers[0].baseUrl: ${baseUrl} is out of reach: pods call https on port 443 of the internet, and services that they use; expected an address of that kind; remove it with: pulumi config rm --path 'services.api.agents.providers[0].baseUrl'`,
    ]);
  refuses(
    "with a password in the address",
    stack({ providers: [{ ...openai, baseUrl: "https://:p@a.example.com" }] }),
    [
      "services.api.agents.providers[0].baseUrl: a secret in plain text; expected none in a setting: secrets are encrypted, under agent-secrets:; take it out and set it with: pulumi config set --secret agent-secrets:BASE_URL",
    ],
  );
  const ollama = { name: "here", kind: "ollama", baseUrl: "http://ollama:11434", models: ["llama3.2"] };
  const withOllama = (uses: readonly string[]) => ({
    ...localStack,
    services: {
      api: { agents: { providers: [ollama] }, uses },
      ollama: { image: "ollama/ollama:0.9.0", port: 11434 },
    },
  });
  refuses("that are services which nobody said are used", withOllama(["models"]), [
    "services.api.agents.providers[0].baseUrl: it leads to services.ollama, which services.api does not use; expected service:ollama in services.api.uses; set it with: pulumi config set --path 'services.api.uses[1]' service:ollama",
  ]);
  it("may be services of the stack, which take no road to the internet", () => {
    assert.deepEqual(
      parsed(withOllama(["service:ollama"])).warnings.filter((warning) => warning.includes("models")),
      [],
    );
  });
  refuses(
    "that a route knows and nobody else",
    stack({
      providers: [openai],
      routes: {
        auto: [
          { provider: "openia", model: "gpt-5.4-mini" },
          { provider: "openai", model: "gpt-5.4-mimi" },
        ],
      },
    }),
    [
      "services.api.agents.routes.auto[0].provider: there is no provider openia; expected openai; set it with: pulumi config set --path 'services.api.agents.routes.auto[0].provider' openai",
      "services.api.agents.routes.auto[1].model: openai has no model gpt-5.4-mimi; expected gpt-5.4-mini; set it with: pulumi config set --path 'services.api.agents.routes.auto[1].model' gpt-5.4-mini",
    ],
  );
  refuses("that routes lead to and that are not there", stack({ routes: { auto: [{ provider: "a", model: "b" }] } }), [
    "services.api.agents.routes: there are no providers to lead to; expected a service with providers; remove it with: pulumi config rm --path services.api.agents.routes",
  ]);
  refuses("that have longer than the request", stack({ timeouts: { deadlineMs: 60_001 } }), [
    "services.api.agents.timeouts.deadlineMs: 60001 ms is over services.api.requestTimeout, 60 s; expected at most the request timeout; set it with: pulumi config set --path services.api.requestTimeout 61",
  ]);
  refuses("of no kind that there is", stack({ providers: [{ ...openai, kind: "opnai" }] }), [
    "services.api.agents.providers[0].kind: \"opnai\" will not do; did you mean openai?; expected openai, anthropic, ollama or scripted; set it with: pulumi config set --path 'services.api.agents.providers[0].kind' openai",
  ]);
});

/** The service is a package of its own that knows nothing of the platform: two schemas, and this is what holds them together. */
describe("the settings and the agent service", () => {
  const everything = {
    providers: [
      {
        ...openai,
        baseUrl: "https://api.example.com/v1",
        models: [
          "gpt-5.4-mini",
          {
            name: "big",
            capabilities: [...capabilityNames],
            contextWindow: 100_000_000,
            price: { input: 0.5, output: 1.5 },
          },
        ],
      },
      { name: "other", kind: "anthropic", apiKeyEnv: "OTHER_KEY", models: ["m1"] },
      { name: "here", kind: "ollama", baseUrl: "http://ollama:11434", models: ["m1"] },
      { name: "s", kind: "scripted", models: ["echo"], script: { replies: [{ when: "hi", say: "ho" }, { say: "-" }] } },
    ],
    routes: {
      auto: [
        { provider: "openai", model: "big", weight: 1_000_000 },
        { provider: "here", model: "m1" },
      ],
    },
    timeouts: { ...timeoutDefaults, deadlineMs: 3_600_000 },
  };

  it("have the same ports, and migrate as the image starts", () => {
    const lines = readFileSync(new URL("../../service/Dockerfile", import.meta.url), "utf8").split("\n");
    const words = (keyword: string): readonly string[] =>
      JSON.parse(lines.findLast((line) => line.startsWith(`${keyword} [`))?.slice(keyword.length) ?? "[]");
    const { migrate, port, metrics } = serviceOf({ agents: {}, uses: ["database"] });
    assert.deepEqual(migrate?.command, [...words("ENTRYPOINT"), ...words("CMD"), "migrate"]);
    assert.ok(lines.includes(`EXPOSE ${port} ${metrics?.port}`));
  });

  it("have the same roles", () => {
    assert.deepEqual(
      agents.shape.role.unwrap().options.toSorted(),
      roleNames.filter((role) => roles[role] !== undefined).toSorted(),
    );
  });

  it("have the same kinds of providers, capabilities and time limits", () => {
    const provider = agents.shape.providers.unwrap().element;
    assert.deepEqual(provider.shape.kind.options, [...providerKinds]);
    const [, model] = provider.shape.models.element.options;
    assert.deepEqual(model.shape.capabilities.unwrap().element.options, [...capabilityNames]);
    assert.deepEqual(Object.keys(agents.shape.timeouts.unwrap().shape), Object.keys(timeoutDefaults));
  });

  it("take the same, and what the settings take a process in production starts with", () => {
    const { providers, routes, timeouts } = agents.parse(everything);
    const given = { providers, routes, timeouts };
    assert.deepEqual(given, everything);
    providersFile.parse(given);
    const env = loadEnv({
      NODE_ENV: "production",
      AI_PROVIDERS_CONFIG: JSON.stringify(given),
      AI_PRIVATE_HOSTS: "ollama",
      OPENAI_API_KEY: "k1",
      OTHER_KEY: "k2",
    });
    assert.deepEqual(
      env.models.providers.map(({ name }) => name),
      ["openai", "other", "here", "s"],
    );
    assert.equal(env.models.timeouts.deadlineMs, 3_600_000);
  });

  const worse: readonly (readonly [title: string, change: object])[] = [
    ["a name with capitals", { providers: [{ ...openai, name: "OpenAI" }] }],
    ["a name of 41 characters", { providers: [{ ...openai, name: "a".repeat(41) }] }],
    ["no providers", { providers: [] }],
    ["no models", { providers: [{ ...openai, models: [] }] }],
    ["an empty model", { providers: [{ ...openai, models: [""] }] }],
    ["a key for a name", { providers: [{ ...openai, apiKeyEnv: "sk-proj" }] }],
    ["an unknown key", { providers: [{ ...openai, key: "K" }] }],
    ["a weight of nothing", { routes: { auto: [{ provider: "openai", model: "gpt-5.4-mini", weight: 0 }] } }],
    ["a route without targets", { routes: { auto: [] } }],
    ["a time of nothing", { timeouts: { idleMs: 0 } }],
    ["half a millisecond", { timeouts: { idleMs: 0.5 } }],
    ["more than an hour", { timeouts: { idleMs: 3_600_001 } }],
    ["a negative price", { providers: [{ ...openai, models: [{ name: "m", price: { input: -1, output: 1 } }] }] }],
  ];
  for (const [title, change] of worse)
    it(`both refuse ${title}`, () => {
      const given = { ...everything, ...change };
      assert.equal(agents.safeParse(given).success, false, "the settings take it");
      assert.equal(providersFile.safeParse(given).success, false, "the service takes it");
    });
});
