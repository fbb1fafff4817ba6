import { excess, type NamedPart, nameRules, stemOf } from "../../providers/naming.js";
import type { CloudName } from "../names.js";
import { counted } from "../problems.js";
import type { SettingsOfSchema } from "../schema.js";
import { valueAt } from "../walk.js";
import { type Check, remove, set } from "./finding.js";

export const names: Check = (settings, context, found) => {
  const { cloud } = settings;
  const pools = settings.cluster.mode === "managed" ? Object.keys(settings.cluster.pools) : [];
  const keys: Readonly<Record<NamedPart, readonly [path: string[], keys: readonly string[]]>> = {
    database: [["databases"], Object.keys(settings.databases)],
    cache: [["caches"], Object.keys(settings.caches)],
    bucket: [["buckets"], Object.keys(settings.buckets)],
    service: [["services"], Object.keys(settings.services)],
    pool: [["cluster", "pools"], pools],
  };
  for (const [part, [path, all]] of Object.entries(keys) as [NamedPart, readonly [string[], readonly string[]]][]) {
    for (const key of all) {
      const where = inCluster(settings, part, key) ? "local" : cloud;
      const over = excess(where, context.prefix, part, key);
      if (over === 0) continue;
      const rule = nameRules[where][part];
      const most = key.length - over;
      const shorter = key.slice(0, most).replace(/-+$/, "");
      const free = shorter !== "" && !all.includes(shorter);
      const name = stemOf(where, context.prefix, part, key);
      const here = context.written([...path, key]);
      found.problem(
        [...path, key],
        `${name} is ${counted(over, "character")} too long for ${rule.service}, which takes ${rule.max} with ${rule.added} added`,
        `a key of at most ${counted(most, "character")}`,
        free
          ? context.repairs.move(here, [...here.slice(0, -1), shorter], valueAt(context.said, [...path, key]))
          : context.repairs.remove(here),
      );
    }
  }
};

/** What runs in the cluster has the names that Kubernetes takes, on every cloud. */
const inCluster = ({ databases, caches }: SettingsOfSchema, part: NamedPart, key: string): boolean =>
  (part === "database" && databases[key]?.mode === "inCluster") ||
  (part === "cache" && caches[key]?.mode === "inCluster");

/** Copies of a database are named after it: another one of that name would be in their place. */
export const copyNames: Check = (settings, context, found) => {
  for (const [part, pattern] of [
    ["databases", /^(.+)-replica-\d+$/],
    ["caches", /^(.+)-replica$/],
  ] as const) {
    for (const key of Object.keys(settings[part])) {
      const of = pattern.exec(key)?.[1];
      if (of === undefined) continue;
      const path = [part, key];
      found.problem(path, `${key} is what a replica of ${of} is called`, "another key", remove(context, path));
    }
  }
};

/** What names begin with that a cloud keeps for itself. */
const reservedNames: Readonly<Record<CloudName, readonly string[]>> = {
  aws: ["aws", "sthree"],
  gcp: ["goog"],
  azure: ["azure", "login", "windows", "xbox"],
  local: [],
};

export const ownName: Check = ({ name, cloud }, context, found) => {
  const owners = { Kubernetes: ["kube"], [cloud]: reservedNames[cloud] };
  const begins = (word: string) => name.startsWith(word);
  const [owner, words] = Object.entries(owners).find(([, all]) => all.some(begins)) ?? [];
  const taken = words?.find(begins);
  if (taken === undefined) return;
  found.problem(
    ["name"],
    `${name} begins with ${taken}, which ${owner} keeps for itself`,
    "another name",
    set(context, ["name"], "agents"),
  );
};

const ownTags = ["Name", "platform", "environment", "managed-by"];

/** What a resource takes, and what is left of it beside the platform's own and those that controllers add. */
const mostTags: Readonly<Record<CloudName, readonly [takes: number, left: number]>> = {
  aws: [50, 40],
  gcp: [64, 50],
  // Zones of DNS, the private ones among them, take no more.
  azure: [15, 11],
  local: [50, 40],
};

export const tags: Check = (settings, context, found) => {
  const keys = Object.keys(settings.tags);
  for (const key of keys.filter((one) => ownTags.includes(one))) {
    found.problem(["tags", key], "the platform sets this tag itself", "another key", remove(context, ["tags", key]));
  }
  if (settings.cloud === "gcp" || settings.cloud === "azure") {
    const seen = new Map<string, string>();
    for (const key of keys) {
      const other = seen.get(key.toLowerCase());
      seen.set(key.toLowerCase(), key);
      if (other === undefined) continue;
      const what = `${key} is the same as ${other} on ${settings.cloud}, where case makes no difference`;
      found.problem(["tags", key], what, "each once", remove(context, ["tags", key]));
    }
  }
  const [takes, left] = mostTags[settings.cloud];
  if (keys.length > left) {
    const what = `${keys.length} tags: ${settings.cloud} takes ${takes} a resource, and some are the platform's own`;
    const last = keys.at(-1) ?? "";
    found.problem(["tags"], what, `at most ${left}`, remove(context, ["tags", last]));
  }
};
