import { type Capability, support } from "../../providers/support.js";
import { defaultKeys } from "../defaults.js";
import { features, isLacking } from "../features.js";
import { capacities, presetFor } from "../presets.js";
import type { SettingsOfSchema } from "../schema.js";
import { show } from "../show.js";
import { formatPath, type Path, type Tree, valueAt } from "../walk.js";
import { type Check, isSaid, remove, set, written } from "./finding.js";

export const supported: Check = (settings, context, found) => {
  const { cloud, standby } = settings;
  const ask = (capability: Capability, part: Path, asked: Path): void => {
    const answer = support[capability][cloud];
    // What the cloud itself makes the default is never refused, and what a standby makes it falls with the standby.
    if (answer === true || !isSaid(context, asked)) return;
    const rest = Object.keys((valueAt(context.said, part) ?? {}) as object).filter((key) => key !== "mode");
    const whole = rest.length > 0 || asked === part;
    found.problem(
      asked,
      `${cloud} has no ${capability}: ${answer.reason}`,
      answer.alternative,
      remove(context, whole ? part : asked),
    );
  };
  const one = (part: string, capability: Capability): void => ask(capability, [part], [part, "mode"]);
  one("network", `network.${settings.network.mode}`);
  one("cluster", `cluster.${settings.cluster.mode}`);
  one("secretStore", `secretStore.${settings.secretStore.mode}`);
  one("registry", `registry.${settings.registry.mode}`);
  // A domain's mode follows from its name.
  ask(`domain.${settings.domain.mode}`, ["domain"], ["domain"]);
  for (const [key, one] of Object.entries(settings.databases)) {
    ask(`databases.${one.mode}`, ["databases", key], ["databases", key, "mode"]);
  }
  for (const [key, one] of Object.entries(settings.caches))
    ask(`caches.${one.mode}`, ["caches", key], ["caches", key, "mode"]);
  for (const [key, one] of Object.entries(settings.buckets))
    ask(`buckets.${one.mode}`, ["buckets", key], ["buckets", key, "mode"]);
  if (standby !== undefined) ask("standby", ["standby"], ["standby"]);
};

const mapsOfParts = ["databases", "caches"] as const;
const presetOfPart = { databases: "database", caches: "cache" } as const;

/** Every managed part with features, under its path. */
function featuredParts(settings: SettingsOfSchema) {
  const one = (["network", "cluster", "secretStore", "registry"] as const).map((part) => ({
    part,
    path: [part] as Path,
    values: settings[part] as Tree,
    preset: presetFor(settings.size, settings.environment)[part] as unknown as Tree,
  }));
  const many = mapsOfParts.flatMap((part) =>
    Object.entries(settings[part]).map(([key, values]) => ({
      part,
      path: [part, key] as Path,
      values: values as Tree,
      preset: presetFor(settings.size, settings.environment)[presetOfPart[part]] as unknown as Tree,
    })),
  );
  return [...one, ...many].filter(
    ({ part, values }) => values["mode"] === "managed" && support[`${part}.managed`][settings.cloud] === true,
  );
}

/** Features of managed parts: an error where the stack asks, a warning where only its size and environment do. */
export const featured: Check = (settings, context, found) => {
  const { cloud } = settings;
  for (const { part, path, values, preset } of featuredParts(settings)) {
    for (const feature of features.filter((one) => one.part === part)) {
      const answer = support[feature.capability][cloud];
      if (answer === true) continue;
      const at = [...path, ...feature.field];
      const { instead } = feature;
      if (isSaid(context, at)) {
        if (!isLacking(feature, cloud, values)) continue;
        const lower = instead === undefined ? undefined : valueAt(instead(values), feature.field);
        const repair = lower === undefined ? remove(context, at) : set(context, at, lower);
        found.problem(
          at,
          `${show(valueAt(values, feature.field))} on ${cloud}: ${answer.reason}`,
          answer.alternative,
          repair,
        );
      } else if (instead !== undefined && isLacking(feature, cloud, preset)) {
        const [had, has] = [preset, values].map((tree) => show(valueAt(tree, feature.field)));
        found.warning(
          `${written(context, path)}.${formatPath(feature.field)} is ${has} where it would be ${had} on another cloud: ${answer.reason}`,
        );
      }
    }
  }
};

/** What size and environment ask for and the chosen modes cannot do, said once a part. */
export const lowered: Check = (settings, context, found) => {
  const { cloud, size } = settings;
  const buckets = support["buckets.managed"][cloud];
  if (defaultKeys[cloud].buckets.length === 0 && !isSaid(context, ["buckets"]) && buckets !== true) {
    found.warning(`no bucket: ${buckets.reason}; ${buckets.alternative} makes one usable`);
  }
  for (const [key, database] of Object.entries(settings.databases)) {
    if (database.mode === "inCluster")
      found.warning(`databases.${key} runs in the cluster: it has no backups beyond its volumes`);
  }
  for (const [key, cache] of Object.entries(settings.caches)) {
    if (cache.mode === "inCluster") {
      found.warning(`caches.${key} runs in the cluster: it has no TLS, and no standby that takes over`);
    }
    const { shards } = capacities[size].cache;
    if (cache.mode === "inCluster" && shards > 1 && !isSaid(context, ["caches", key, "shards"]))
      found.warning(`caches.${key} runs in the cluster: it has one shard, where size ${size} would have ${shards}`);
  }
  if (settings.cluster.mode === "existing" && settings.cluster.access !== undefined) {
    found.warning(
      "cluster.access is kept for the clouds that honour it: an existing cluster decides for itself who reaches it",
    );
  }
  if (settings.cluster.mode === "existing" && settings.network.mode === "managed") {
    found.warning(
      "the cluster exists and the network is made anew: databases and caches stay out of its reach until you connect the two",
    );
  }
};
