import type { Settings } from "../env.js";
import type { Script } from "./adapters/scripted.js";
import { type Capability, type ProviderKind, type ProvidersFile, providersFile } from "./config.js";
import { isPrivateHost } from "./private-address.js";

/** The providers, models and routes that a process has, made of `AI_PROVIDERS_CONFIG` or of the plain keys. */
export interface Catalog {
  readonly providers: readonly Provider[];
  /** `auto` is always among them. */
  readonly routes: ReadonlyMap<string, readonly Target[]>;
  readonly timeouts: ProvidersFile["timeouts"];
  readonly retries: ProvidersFile["retries"];
  readonly breaker: ProvidersFile["breaker"];
}

export interface Provider {
  readonly name: string;
  readonly kind: ProviderKind;
  /** Empty where there is nothing to reach: a scripted one. */
  readonly baseUrl: string;
  /** A name of its host that leads to a private address is refused. */
  readonly publicOnly: boolean;
  readonly apiKey: string | undefined;
  readonly models: readonly Model[];
  readonly script: Script;
}

export interface Model {
  readonly name: string;
  readonly capabilities: ReadonlySet<Capability>;
  readonly contextWindow: number | undefined;
  /** US dollars a million tokens. */
  readonly price: { readonly input: number; readonly output: number } | undefined;
}

export interface Target {
  readonly provider: Provider;
  readonly model: Model;
  readonly weight: number | undefined;
}

export const keyOf = ({ provider, model }: Target): string => `${provider.name}/${model.name}`;

/** The variables that it is made of. */
export const catalogNeeds = [
  "AI_PRIVATE_HOSTS",
  "AI_PROVIDERS_CONFIG",
  "ANTHROPIC_MODELS",
  "NODE_ENV",
  "OLLAMA_MODELS",
  "OLLAMA_URL",
  "OPENAI_MODELS",
] as const satisfies readonly (keyof Settings)[];

type Source = Readonly<Record<string, string | undefined>>;

/** Every problem is added to `problems`; what is returned counts only when there is none. */
export function catalogOf(env: Settings, source: Source, problems: string[]): Catalog {
  const file = env.AI_PROVIDERS_CONFIG ?? plainProviders(env);
  const where = env.AI_PROVIDERS_CONFIG === undefined ? "" : "AI_PROVIDERS_CONFIG: ";
  const fault = (line: string) => void problems.push(`${where}${line}`);
  const providers = file.providers.map((given, at): Provider => {
    const path = where === "" ? given.name : `providers[${at}]`;
    if (file.providers.findIndex(({ name }) => name === given.name) !== at)
      fault(`${path}.name: '${given.name}' is there twice; expected a name of its own`);
    return {
      name: given.name,
      kind: given.kind,
      ...reach(given, env, (message) =>
        fault(`${where === "" ? plainNames[given.kind] : `${path}.baseUrl`}: ${message}`),
      ),
      apiKey: apiKeyOf(given, source, (message) => fault(`${path}.apiKeyEnv: ${message}`)),
      models: given.models.map(modelOf),
      script: given.script ?? {},
    };
  });
  const { timeouts, retries, breaker } = file;
  if (breaker.maxOpenMs < breaker.openMs)
    fault(
      `breaker.maxOpenMs: ${breaker.maxOpenMs} is below breaker.openMs (${breaker.openMs}); expected at least as much`,
    );
  return {
    providers,
    routes: routesOf(file, providers, fault),
    timeouts,
    retries,
    // Two replicas would probe at once if one's lease ended before its call.
    breaker: { ...breaker, leaseMs: Math.max(breaker.leaseMs, timeouts.deadlineMs + LEASE_MARGIN_MS) },
  };
}

/** A lease outlives the longest call by this. */
const LEASE_MARGIN_MS = 5000;

const plainNames: { readonly [K in ProviderKind]: string } = {
  openai: "OPENAI_API_KEY",
  anthropic: "ANTHROPIC_API_KEY",
  ollama: "OLLAMA_URL",
  scripted: "AI_PROVIDERS_CONFIG",
};

const baseUrls: { readonly [K in ProviderKind]: string | undefined } = {
  openai: "https://api.openai.com/v1",
  anthropic: "https://api.anthropic.com/v1",
  ollama: undefined,
  scripted: "",
};

/** Without a provider there is the scripted one, so that everything can be tried on a bare machine. */
function plainProviders(env: Settings): ProvidersFile {
  const plain = [
    { name: "openai", there: env.OPENAI_API_KEY, apiKeyEnv: "OPENAI_API_KEY", models: env.OPENAI_MODELS },
    { name: "anthropic", there: env.ANTHROPIC_API_KEY, apiKeyEnv: "ANTHROPIC_API_KEY", models: env.ANTHROPIC_MODELS },
    { name: "ollama", there: env.OLLAMA_URL, baseUrl: env.OLLAMA_URL, models: env.OLLAMA_MODELS },
  ]
    .filter(({ there }) => there !== undefined)
    .map(({ there: _, ...given }) => ({ kind: given.name, ...given }));
  return providersFile.parse({
    providers: plain.length > 0 ? plain : [{ name: "scripted", kind: "scripted", models: ["echo", "embedder"] }],
  });
}

type Given = ProvidersFile["providers"][number];

const isScripted = ({ kind }: Given): boolean => kind === "scripted";

/** The base URL, if a provider may be there. */
function reach(
  given: Given,
  env: Settings,
  fault: (message: string) => void,
): Pick<Provider, "baseUrl" | "publicOnly"> {
  const baseUrl = given.baseUrl ?? baseUrls[given.kind];
  const nowhere = { baseUrl: "", publicOnly: true };
  if (isScripted(given)) {
    if (given.baseUrl !== undefined) fault("a scripted provider is in the process itself; leave it out");
    return nowhere;
  }
  if (baseUrl === undefined) {
    fault("is missing; expected such as http://ollama:11434");
    return nowhere;
  }
  if (!URL.canParse(baseUrl)) {
    fault(`'${baseUrl}' is not a URL; expected such as https://api.example.com/v1`);
    return nowhere;
  }
  const url = new URL(baseUrl);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    fault(`'${url.protocol}' can't be called; expected https://`);
  if (url.username !== "" || url.password !== "")
    fault("has a name or password in it, which would be logged; expected the key in a variable named by apiKeyEnv");
  if (url.search !== "" || url.hash !== "") fault("ends in a query or a fragment; expected a path at most");
  const allowed = env.AI_PRIVATE_HOSTS.includes(url.hostname.replace(/^\[|\]$/g, ""));
  if (env.NODE_ENV !== "production") return { baseUrl, publicOnly: false };
  if (!allowed && isPrivateHost(url.hostname))
    fault(`${url.hostname} is a private address; if that is meant, add it to AI_PRIVATE_HOSTS`);
  else if (!allowed && url.protocol === "http:")
    fault("http would send the key readably over the internet; in production expected https://");
  return { baseUrl, publicOnly: !allowed };
}

function apiKeyOf(given: Given, source: Source, fault: (message: string) => void): string | undefined {
  if (given.apiKeyEnv === undefined) {
    if (given.kind === "openai" || given.kind === "anthropic")
      fault(`is missing; expected the name of the variable that has the key of ${given.name}`);
    return undefined;
  }
  const key = source[given.apiKeyEnv]?.trim() ?? "";
  if (key === "") fault(`${given.apiKeyEnv} is not set; set it to the key of ${given.name}`);
  else if (!/^[\x21-\x7e]+$/.test(key)) fault(`${given.apiKeyEnv} has a character that no HTTP header takes`);
  return key;
}

/** What models of these names do, where nobody said otherwise. */
const defaultsOf = (name: string): readonly Capability[] =>
  /embed/i.test(name) ? ["embeddings"] : ["chat", "tools", "json", "images"];

function modelOf(given: Given["models"][number]): Model {
  const model = typeof given === "string" ? { name: given } : given;
  return {
    name: model.name,
    capabilities: new Set(model.capabilities ?? defaultsOf(model.name)),
    contextWindow: model.contextWindow,
    price: model.price,
  };
}

/** Unless the file says otherwise, `auto` is every provider's first model, then every second one, and so on. */
function routesOf(
  file: ProvidersFile,
  providers: readonly Provider[],
  fault: (line: string) => void,
): ReadonlyMap<string, readonly Target[]> {
  const targets = (list: readonly (typeof file.routes)[string][number][], path: string): readonly Target[] =>
    list.flatMap(({ provider: name, model: modelName, weight }, at) => {
      const provider = providers.find((one) => one.name === name);
      const model = provider?.models.find((one) => one.name === modelName);
      if (provider !== undefined && model !== undefined) return [{ provider, model, weight }];
      fault(
        provider === undefined
          ? `${path}[${at}].provider: there is no provider '${name}'; expected one of ${providers.map((one) => one.name).join(", ")}`
          : `${path}[${at}].model: ${name} has no model '${modelName}'; expected one of ${provider.models.map((one) => one.name).join(", ")}`,
      );
      return [];
    });
  const every = providers
    .flatMap((provider) => provider.models.map((model, at) => ({ at, target: { provider, model, weight: undefined } })))
    .sort((one, other) => one.at - other.at)
    .map(({ target }) => target);
  return new Map([
    ["auto", every],
    ...Object.entries(file.routes).map(([name, list]) => [name, targets(list, `routes.${name}`)] as const),
  ]);
}
