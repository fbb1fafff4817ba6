import { listed } from "../problems.js";
import type { SettingsOfSchema } from "../schema.js";
import type { ServiceSettings } from "../service-schema.js";
import { keysUsed } from "../uses.js";
import { own, type Path } from "../walk.js";
import { agentServices } from "./agents.js";
import { type Check, type Context, type Findings, isSaid, remove, set } from "./finding.js";

/** Several deployments of one image: what one of them says is `of` another. */

interface Pair {
  readonly name: string;
  readonly service: ServiceSettings;
  /** The other's name. */
  readonly of: string;
  readonly services: SettingsOfSchema["services"];
  readonly context: Context;
  readonly found: Findings;
}

export const agentsShared: Check = (settings, context, found) => {
  const all = agentServices(settings);
  const firsts = all.flatMap(([name, { agents }]) => (agents.of === undefined ? [`services.${name}`] : []));
  for (const [name, service] of all) {
    const { of } = service.agents;
    if (of === undefined) continue;
    const pair: Pair = { name, service, of, services: settings.services, context, found };
    const what = misfit(pair);
    if (what === undefined) for (const check of [saidOnce, sameDatabases, noCircle]) check(pair);
    else {
      const path = ["services", name, "agents", "of"];
      found.problem(path, what, firsts.length === 0 ? "a service with agents" : listed(firsts), remove(context, path));
    }
  }
};

/** Why the other one can't be shared with. */
function misfit({ name, of, services }: Pair): string | undefined {
  if (of === name) return "shares with itself";
  const other = own(services, of);
  if (other === undefined) return `there is no services.${of}`;
  if (other.agents === undefined) return `services.${of} has no agents`;
  return other.agents.of === undefined ? undefined : `services.${of} is itself of services.${other.agents.of}`;
}

/** What the first one says for all of them. */
const shared: readonly Path[] = [
  ["image"],
  ["build"],
  ["agents", "providers"],
  ["agents", "routes"],
  ["agents", "timeouts"],
  ["agents", "encryptionKeys"],
  ["agents", "bootstrapKey"],
];

function saidOnce({ name, of, context, found }: Pair): void {
  for (const key of shared) {
    const at = ["services", name, ...key];
    if (!isSaid(context, at)) continue;
    found.problem(at, `services.${of} says it for both`, "it said once", remove(context, at));
  }
}

/** The first database of a service has the plain variables' names, so their order counts. */
function sameDatabases({ name, of, service, services, context, found }: Pair): void {
  const theirUses = own(services, of)?.uses ?? [];
  const [mine, theirs] = [keysUsed(service.uses, "databases"), keysUsed(theirUses, "databases")];
  if (mine.join() === theirs.join()) return;
  const isDatabase = (use: string): boolean => keysUsed([use], "databases").length > 0;
  const at = ["services", name, "uses"];
  found.problem(
    at,
    `it shares services.${of}'s database role, and uses ${inWords(mine)} instead of ${inWords(theirs)}`,
    "the same databases in the same order",
    set(context, at, [...theirUses.filter(isDatabase), ...service.uses.filter((use) => !isDatabase(use))]),
  );
}

const inWords = (keys: readonly string[]): string =>
  keys.length === 0 ? "none" : keys.map((key) => `databases.${key}`).join(", ");

/** It starts after the other one, which starts after those that it uses. */
function noCircle({ name, of, services, context, found }: Pair): void {
  const seen = new Set<string>();
  const ahead = [of];
  for (let one = ahead.pop(); one !== undefined; one = ahead.pop()) {
    if (one === name) {
      const path = ["services", name, "agents", "of"];
      const what = `services in a circle: it waits for services.${of}, which uses it`;
      found.problem(path, what, "one that does not use it", remove(context, path));
      return;
    }
    if (seen.has(one)) continue;
    seen.add(one);
    const service = own(services, one);
    ahead.push(
      ...keysUsed(service?.uses ?? [], "services"),
      ...(service?.agents?.of === undefined ? [] : [service.agents.of]),
    );
  }
}
