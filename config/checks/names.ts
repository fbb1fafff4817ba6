import { excess, type NamedPart, nameRules, partName } from "../../providers/naming.js";
import { counted } from "../problems.js";
import type { SettingsOfSchema } from "../schema.js";
import { valueAt } from "../walk.js";
import { type Check, remove } from "./finding.js";

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
      const name = partName(context.prefix, part, key);
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

const ownTags = ["Name", "platform", "environment", "managed-by"];

/** AWS takes 50 a resource; the rest is for the platform's own and for those that controllers add. */
const MOST_TAGS = 40;

export const tags: Check = (settings, context, found) => {
  const keys = Object.keys(settings.tags);
  for (const key of keys.filter((one) => ownTags.includes(one))) {
    found.problem(["tags", key], "the platform sets this tag itself", "another key", remove(context, ["tags", key]));
  }
  if (keys.length > MOST_TAGS) {
    const what = `${keys.length} tags: AWS takes 50 a resource, and some are the platform's own`;
    const last = keys.at(-1) ?? "";
    found.problem(["tags"], what, `at most ${MOST_TAGS}`, remove(context, ["tags", last]));
  }
};
