import type { AgentsSettings } from "../agents-schema.js";
import { listed, nearest } from "../problems.js";
import type { ServiceSettings } from "../service-schema.js";
import { keysUsed } from "../uses.js";
import type { Path } from "../walk.js";
import { type Check, type Context, type Findings, remove, set } from "./finding.js";

/** Providers of models and the routes to them: what the agent service would refuse when it starts is refused here. */

type ProviderSettings = NonNullable<AgentsSettings["providers"]>[number];

/** One service, and where what is wrong with it is told. */
interface Subject {
  readonly name: string;
  readonly service: ServiceSettings;
  readonly services: Readonly<Record<string, ServiceSettings>>;
  readonly context: Context;
  readonly found: Findings;
}

/** The name that a provider's address leads to. */
const hostOf = ({ baseUrl }: ProviderSettings): string =>
  baseUrl !== undefined && URL.canParse(baseUrl) ? new URL(baseUrl).hostname : "";

/** Whether a provider is a service of the stack that its caller uses. */
export const isUsedService = (provider: ProviderSettings, { uses }: Pick<ServiceSettings, "uses">): boolean =>
  keysUsed(uses, "services").includes(hostOf(provider));

export const providers: Check = ({ services }, context, found) => {
  for (const [name, service] of Object.entries(services)) {
    const subject: Subject = { name, service, services, context, found };
    const given = service.agents?.providers ?? [];
    given.forEach((provider, index) => {
      const path = ["services", name, "agents", "providers", index];
      named(path, provider, given.slice(0, index), subject);
      addressed(path, provider, subject);
      keyed(path, provider, subject);
    });
    routed(subject);
    inTime(subject);
  }
};

function named(
  path: Path,
  { name }: ProviderSettings,
  before: readonly ProviderSettings[],
  { service, context, found }: Subject,
): void {
  if (!before.some((other) => other.name === name)) return;
  const taken = service.agents?.providers?.map((other) => other.name) ?? [];
  let number = 2;
  while (taken.includes(`${name.slice(0, 36)}-${number}`)) number++;
  const at = [...path, "name"];
  found.problem(at, `${name} is there twice`, "each once", set(context, at, `${name.slice(0, 36)}-${number}`));
}

/** Names that lead into a network of one's own, and addresses, for which nobody has a certificate. */
const PRIVATE = /(^[^.]*$|\.(localhost|local|internal|svc|lan|home\.arpa)\.?$|\.svc\.|^\[|^[\d.]+$)/i;

/** Pods reach port 443 of the internet, and the services that they use. */
function addressed(path: Path, provider: ProviderSettings, { name, service, services, context, found }: Subject): void {
  const at = [...path, "baseUrl"];
  const { kind, baseUrl } = provider;
  if (kind === "scripted") {
    if (baseUrl !== undefined)
      found.problem(at, "a scripted provider is in the service itself", "no address", remove(context, at));
  } else if (baseUrl === undefined) {
    if (kind === "ollama")
      found.problem(
        at,
        "missing",
        "where Ollama answers, such as http://ollama:11434",
        "run Ollama as a service of the stack, and say its address",
      );
  } else if (!URL.canParse(baseUrl)) {
    found.problem(at, `${baseUrl} is not an address`, "such as https://api.example.com/v1", remove(context, at));
  } else if (!isUsedService(provider, service)) {
    const [host, url] = [hostOf(provider), new URL(baseUrl)];
    if (host !== name && Object.hasOwn(services, host)) {
      found.problem(
        at,
        `it leads to services.${host}, which services.${name} does not use`,
        `service:${host} in services.${name}.uses`,
        set(context, ["services", name, "uses", service.uses.length], `service:${host}`),
      );
    } else if (url.protocol !== "https:" || url.port !== "" || PRIVATE.test(host)) {
      found.problem(
        at,
        `${baseUrl} is out of reach: pods call https on port 443 of the internet, and services that they use`,
        "an address of that kind",
        remove(context, at),
      );
    }
  }
}

function keyed(
  path: Path,
  { kind, name: provider, apiKeyEnv }: ProviderSettings,
  { name, service, context, found }: Subject,
): void {
  const at = [...path, "apiKeyEnv"];
  if (apiKeyEnv === undefined) {
    if (kind !== "openai" && kind !== "anthropic") return;
    const likely = `${provider.toUpperCase().replaceAll("-", "_")}_API_KEY`;
    found.problem(
      at,
      `${provider} has no key`,
      "the name of one of the service's secrets",
      set(context, at, /^[A-Z]/.test(likely) ? likely : `P_${likely}`),
    );
  } else if (!service.secrets.includes(apiKeyEnv)) {
    found.problem(
      at,
      `${apiKeyEnv} is not among services.${name}.secrets`,
      "one of the service's secrets",
      set(context, ["services", name, "secrets", service.secrets.length], apiKeyEnv),
    );
  }
}

function routed({ name, service: { agents }, context, found }: Subject): void {
  const all = agents?.providers ?? [];
  for (const [route, targets] of Object.entries(agents?.routes ?? {})) {
    targets.forEach(({ provider: wanted, model }, index) => {
      const at = (key: string): Path => ["services", name, "agents", "routes", route, index, key];
      const have = all.map((one) => one.name);
      const provider = all.find((one) => one.name === wanted);
      const models = provider?.models.map((one) => (typeof one === "string" ? one : one.name)) ?? [];
      const meant = provider === undefined ? (nearest(wanted, have) ?? have[0]) : (nearest(model, models) ?? models[0]);
      if (meant === undefined) {
        const whole = ["services", name, "agents", "routes"];
        found.problem(whole, "there are no providers to lead to", "a service with providers", remove(context, whole));
      } else if (provider === undefined) {
        const what = `there is no provider ${wanted}`;
        found.problem(at("provider"), what, listed(have), set(context, at("provider"), meant));
      } else if (!models.includes(model)) {
        const what = `${wanted} has no model ${model}`;
        found.problem(at("model"), what, listed(models), set(context, at("model"), meant));
      }
    });
  }
}

/** Whatever stands in front of the service would give up first, and say less. */
function inTime({ name, service: { agents, requestTimeout }, context, found }: Subject): void {
  const deadline = agents?.timeouts?.deadlineMs;
  if (deadline === undefined || deadline <= requestTimeout * 1000) return;
  found.problem(
    ["services", name, "agents", "timeouts", "deadlineMs"],
    `${deadline} ms is over services.${name}.requestTimeout, ${requestTimeout} s`,
    "at most the request timeout",
    set(context, ["services", name, "requestTimeout"], Math.ceil(deadline / 1000)),
  );
}
