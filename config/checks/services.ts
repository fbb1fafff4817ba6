import { type CloudName, isCareful } from "../names.js";
import { maxConnections } from "../postgres.js";
import { listed, nearest } from "../problems.js";
import { connectionsOf, exporterRole, keysUsed, partUsed, podsAtOnce, roleName, runsHere } from "../uses.js";
import type { Path } from "../walk.js";
import { type Check, minAboveMax, remove, set } from "./finding.js";

export const usesExist: Check = (settings, context, found) => {
  for (const [name, service] of Object.entries(settings.services)) {
    service.uses.forEach((use, index) => {
      const path = ["services", name, "uses", index];
      const { part, key } = partUsed(use);
      const have = part === "models" ? [key] : Object.keys(settings[part]);
      if (!have.includes(key)) {
        const kind = use.split(":")[0] ?? use;
        const meant = nearest(key, have) ?? have[0];
        const repair =
          meant === undefined
            ? remove(context, path)
            : set(context, path, meant === "main" && part !== "services" ? kind : `${kind}:${meant}`);
        found.problem(
          path,
          `there is no ${part}.${key}`,
          have.length === 0 ? `a stack with ${part}` : listed(have.map((one) => `${part}.${one}`)),
          repair,
        );
      } else if (service.uses.findIndex((other) => same(partUsed(other), { part, key })) !== index) {
        found.problem(path, `${part}.${key} is said twice`, "each once", remove(context, path));
      }
    });
    service.secrets.forEach((secret, index) => {
      if (service.secrets.indexOf(secret) === index) return;
      const path = ["services", name, "secrets", index];
      found.problem(path, `${secret} is said twice`, "each once", remove(context, path));
    });
  }
};

const same = (one: ReturnType<typeof partUsed>, other: ReturnType<typeof partUsed>): boolean =>
  one.part === other.part && one.key === other.key;

/** A service that is used must answer, and be there before its users: round in a circle none could be first. */
export const servicesUsed: Check = ({ services }, context, found) => {
  const used = (name: string): readonly string[] => keysUsed(services[name]?.uses ?? [], "services");
  for (const [name, service] of Object.entries(services)) {
    service.uses.forEach((use, index) => {
      const { part, key } = partUsed(use);
      const other = part === "services" ? services[key] : undefined;
      if (other === undefined) return;
      const path = ["services", name, "uses", index];
      const circle = wayBack(name, [key], used);
      if (circle !== undefined) {
        const way = [name, ...circle].join(" uses ");
        found.problem(path, `services in a circle: ${way}`, "one that uses none of the others", remove(context, path));
      } else if (other.kind !== "web") {
        found.problem(
          path,
          `services.${key} is a ${other.kind}, which answers nobody`,
          "a service of kind web",
          remove(context, path),
        );
      } else if (!runsHere(other)) {
        found.problem(
          path,
          `services.${key} has no image: the platform does not run it`,
          "a service with an image",
          remove(context, path),
        );
      }
    });
  }
};

/** The names from the last of `way` back to `to`; nothing where there is no such way. */
function wayBack(
  to: string,
  way: readonly string[],
  used: (name: string) => readonly string[],
): readonly string[] | undefined {
  const last = way.at(-1) ?? to;
  if (last === to) return way;
  for (const next of used(last)) {
    const found = way.includes(next) ? undefined : wayBack(to, [...way, next], used);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** An image that a tag does not fix is another one tomorrow, and nobody knows which one runs. */
export const imagesFixed: Check = ({ services, environment }, context, found) => {
  for (const [name, { image }] of Object.entries(services)) {
    if (image === undefined || image.includes("@")) continue;
    const path = ["services", name, "image"];
    const tag = /:([^/:]+)$/.exec(image)?.[1];
    const what =
      tag === undefined ? `${image} has no tag` : tag === "latest" ? `${image} is another image every day` : undefined;
    if (what === undefined) continue;
    const fixed = `${tag === undefined ? image : image.slice(0, -tag.length - 1)}:1.0.0`;
    if (isCareful(environment))
      found.problem(path, what, "a tag of one version, or a digest", set(context, path, fixed));
    else found.warning(`services.${name}.image: ${what}; production wants a tag of one version, or a digest`);
  }
};

/** What a node of a pool has left for pods, besides what Kubernetes itself takes there. */
const SHARE_FOR_PODS = 0.75;

export const podsFit: Check = ({ services, cluster }, context, found) => {
  if (cluster.mode !== "managed") {
    for (const [name, { pool }] of Object.entries(services)) {
      if (pool === undefined) continue;
      const path = ["services", name, "pool"];
      found.problem(
        path,
        "pools are those that the platform makes, and the cluster exists",
        "no pool",
        remove(context, path),
      );
    }
    return;
  }
  const { pools } = cluster;
  const open = Object.entries(pools).filter(([, { taints }]) => taints.length === 0);
  for (const [name, service] of Object.entries(services)) {
    const at = (key: string): Path => ["services", name, key];
    const own = service.pool === undefined ? undefined : pools[service.pool];
    if (service.pool !== undefined && own === undefined) {
      const have = Object.keys(pools);
      const meant = nearest(service.pool, have) ?? have[0] ?? "apps";
      found.problem(
        at("pool"),
        `there is no cluster.pools.${service.pool}`,
        listed(have),
        set(context, at("pool"), meant),
      );
      continue;
    }
    const where = own === undefined ? open : [[service.pool ?? "", own] as const];
    for (const key of ["cpu", "memory"] as const) {
      const most = Math.max(...where.map(([, pool]) => pool[key] * SHARE_FOR_PODS));
      if (service[key] <= most) continue;
      const unit = key === "cpu" ? "cores" : "GiB";
      found.problem(
        at(key),
        `${service[key]} ${unit}: the largest node that it may run on has ${most} ${unit} for pods`,
        `at most ${most}, or a pool of larger nodes`,
        set(context, at(key), most),
      );
    }
  }
};

/** A service's role and schema have its name, and these are PostgreSQL's, the bootstrap's or the owner's. */
const TAKEN_ROLES = /^(monitor|monitoring|public|none|information_schema|pg_.*|agents_owner)$/;

export const roleNames: Check = ({ services }, { prefix }, found) => {
  for (const [name, { uses }] of Object.entries(services)) {
    const taken = TAKEN_ROLES.test(roleName(name)) || roleName(name) === exporterRole(prefix);
    if (keysUsed(uses, "databases").length === 0 || !taken) continue;
    const path = ["services", name];
    found.problem(
      path,
      "its role and schema in the database would have a name that is taken",
      "a service that uses a database and is not called monitor, monitoring, public, none, agents-owner or pg-...",
      `give services.${name} another name`,
    );
  }
};

/** Kubernetes puts a moment behind it, and the whole is a label. */
const MOST_CRON_NAME = 52;

export const cronNames: Check = ({ services }, context, found) => {
  for (const [name, { cron }] of Object.entries(services)) {
    for (const key of Object.keys(cron)) {
      const over = `${name}-${key}`.length - MOST_CRON_NAME;
      if (over <= 0) continue;
      const path = ["services", name, "cron", key];
      found.problem(
        path,
        `its object would be called ${name}-${key}, ${over} characters too long`,
        `at most ${MOST_CRON_NAME} characters with the service's name`,
        remove(context, path),
      );
    }
  }
};

export const enoughConnections: Check = (settings, context, found) => {
  for (const [key, database] of Object.entries(settings.databases)) {
    if (!("memory" in database)) continue;
    const users = Object.entries(settings.services).filter(([, { uses }]) => keysUsed(uses, "databases").includes(key));
    const needed = users.reduce((sum, [, service]) => sum + connectionsOf(service), 0);
    const most = maxConnections(database.memory);
    const [name, greediest] = users.sort(([, a], [, b]) => connectionsOf(b) - connectionsOf(a))[0] ?? [];
    if (needed <= most || name === undefined || greediest === undefined) continue;
    const room = most - (needed - connectionsOf(greediest));
    const fitting = Math.floor(room / podsAtOnce(greediest));
    const memory = Math.ceil(needed / maxConnections(1));
    const enough = maxConnections(memory) >= needed;
    const repair =
      fitting >= 1
        ? set(context, ["services", name, "connections"], fitting)
        : enough
          ? set(context, ["databases", key, "memory"], memory)
          : `lower replicas.max of the services, or give them databases of their own`;
    found.problem(
      ["services", name, "connections"],
      `databases.${key} takes ${most} connections and its services may open ${needed}`,
      fitting >= 1
        ? `at most ${fitting} a pod, fewer pods, or more memory for the database`
        : "fewer pods, or more memory for the database",
      repair,
    );
  }
};

/** Seconds for which the load balancer of each cloud keeps a silent connection, at the most. */
const longestIdle: Readonly<Record<CloudName, number>> = { aws: 6000, gcp: 600, azure: 1800, local: 3600 };

export const idleTimeout: Check = ({ cloud, gateway }, context, found) => {
  const most = longestIdle[cloud];
  if (gateway.idleTimeout <= most) return;
  const path = ["gateway", "idleTimeout"];
  found.problem(
    path,
    `${gateway.idleTimeout} s: a load balancer on ${cloud} forgets a silent connection after ${most} s`,
    `at most ${most}, and clients that ping`,
    set(context, path, most),
  );
};

export const timeouts: Check = (settings, context, found) => {
  for (const [name, service] of Object.entries(settings.services)) {
    const { requestTimeout, drain, preStop, terminationGrace, replicas } = service;
    const at = (key: string): Path => ["services", name, key];
    if (requestTimeout > settings.gateway.idleTimeout) {
      found.problem(
        at("requestTimeout"),
        `${requestTimeout} s is over gateway.idleTimeout, ${settings.gateway.idleTimeout} s: long answers would be cut`,
        "at most the gateway's idle timeout",
        set(context, ["gateway", "idleTimeout"], Math.min(3600, requestTimeout)),
      );
    }
    if (drain < requestTimeout) {
      found.problem(
        at("drain"),
        `${drain} s is below the request timeout, ${requestTimeout} s: a rollout would cut requests`,
        "at least the request timeout",
        set(context, at("drain"), requestTimeout),
      );
    }
    const least = preStop + drain + 5;
    if (terminationGrace < least) {
      found.problem(
        at("terminationGrace"),
        `${terminationGrace} s is below preStop + drain + 5 = ${least} s`,
        `at least ${least}`,
        set(context, at("terminationGrace"), least),
      );
    }
    minAboveMax(at("replicas"), replicas, context, found);
  }
};
