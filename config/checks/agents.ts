import type { AgentsSettings } from "../agents-schema.js";
import type { SettingsOfSchema } from "../schema.js";
import type { ServiceSettings } from "../service-schema.js";
import { keysUsed } from "../uses.js";
import { own } from "../walk.js";
import { type Check, isSaid, set } from "./finding.js";
import { isUsedService } from "./providers.js";

/** Services that run the platform's own agent service. */

type AgentService = ServiceSettings & { readonly agents: AgentsSettings };

export const agentServices = ({ services }: SettingsOfSchema): readonly (readonly [string, AgentService])[] =>
  Object.entries(services).filter((entry): entry is [string, AgentService] => entry[1].agents !== undefined);

export const agentsAnswer: Check = (settings, context, found) => {
  for (const [name, { kind }] of agentServices(settings)) {
    if (kind === "web") continue;
    const at = ["services", name, "kind"];
    found.problem(at, `a ${kind}: the agent service answers calls in every role`, "web", set(context, at, "web"));
  }
};

/** Without one each pod has its own in /tmp: good enough to try it out. */
export const agentsDatabase: Check = (settings, context, found) => {
  if (settings.environment === "development") return;
  const keys = Object.keys(settings.databases);
  const key = keys.includes("main") ? "main" : keys[0];
  for (const [name, { uses }] of agentServices(settings)) {
    if (keysUsed(uses, "databases").length > 0) continue;
    const next = ["services", name, "uses", uses.length];
    found.problem(
      ["services", name, "uses"],
      "the agent service has no database: each pod would keep what it is told for itself, and lose it",
      "database among them",
      key === undefined
        ? "give the stack a database"
        : set(context, next, key === "main" ? "database" : `database:${key}`),
    );
  }
};

export const agentsUploads: Check = (settings, _, found) => {
  if (settings.environment === "development") return;
  for (const [name, { agents, uses }] of agentServices(settings)) {
    // This role takes none.
    if (agents.role === "gateway" || keysUsed(uses, "buckets").length > 0) continue;
    found.warning(
      `services.${name}: uploads stay in the /tmp of the pod that took them; to keep them, add bucket to services.${name}.uses`,
    );
  }
};

export const agentsModels: Check = (settings, _, found) => {
  for (const [name, service] of agentServices(settings)) {
    if (!callsModels(settings, service) || keysUsed(service.uses, "models").length > 0) continue;
    found.warning(
      `services.${name}: it has providers of models and may not call them; add models to services.${name}.uses`,
    );
  }
};

/** Secrets of which the agent service makes a provider by itself. */
const PLAIN_KEYS = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"];

function callsModels({ services }: SettingsOfSchema, service: AgentService): boolean {
  const { of } = service.agents;
  const first = (of === undefined ? undefined : own(services, of)) ?? service;
  const providers = first.agents?.providers;
  if (providers === undefined) return PLAIN_KEYS.some((key) => [...first.secrets, ...service.secrets].includes(key));
  return providers.some((one) => one.kind !== "scripted" && !isUsedService(one, service));
}

const RING = "ENCRYPTION_KEYS";

/** What the primary encrypted, and the keys of its callers, mean nothing to a standby with keys of its own. */
export const standbyReads: Check = (settings, context, found) => {
  if (settings.standby === undefined) return;
  for (const [name, { agents, secrets, uses }] of agentServices(settings)) {
    const copies = keysUsed(uses, "databases").filter((key) => settings.databases[key]?.mode === "replica");
    if (agents.of !== undefined || copies.length === 0 || secrets.includes(RING)) continue;
    found.problem(
      ["services", name, "secrets"],
      `it reads the database of ${settings.standby.of}, and would have other encryption keys`,
      `${RING} among them, with the value that ${settings.standby.of} has`,
      set(context, ["services", name, "secrets", secrets.length], RING),
    );
  }
};

/** An image that is built must be kept where nodes find it; on `local` that is the machine's own engine. */
export const imagesKept: Check = ({ services, registry, cloud }, context, found) => {
  if (registry.mode !== "none" || cloud === "local") return;
  for (const [name, { build }] of Object.entries(services)) {
    if (build === undefined) continue;
    const at = ["services", name, "build"];
    found.problem(
      isSaid(context, at) ? at : ["services", name, "image"],
      "the image is built, and the stack has no registry to keep it in",
      "an image, or a registry",
      set(context, ["registry", "mode"], "managed"),
    );
  }
};
