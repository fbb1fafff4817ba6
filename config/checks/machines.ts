import { machines } from "../../providers/machines.js";
import type { RegionalCloud } from "../../providers/regions.js";
import { listed } from "../problems.js";
import type { SettingsOfSchema } from "../schema.js";
import { show } from "../show.js";
import type { Path } from "../walk.js";
import { type Check, isSaid, remove, set } from "./finding.js";

interface MachinePart {
  /** What it is called in `machineTypes`. */
  readonly target: string;
  readonly path: Path;
  /** Throws where no machine fits; absent where the cloud makes none for the part. */
  readonly choose?: () => string;
}

function machineParts(settings: SettingsOfSchema, cloud: RegionalCloud): readonly MachinePart[] {
  const { cluster, databases, caches } = settings;
  const { node, database, cache } = machines[cloud];
  const pools = cluster.mode === "managed" ? Object.entries(cluster.pools) : [];
  return [
    ...pools.map(([key, pool]) => ({
      target: `pools.${key}`,
      path: ["cluster", "pools", key],
      // Accelerators on arm64 are refused as such.
      ...(pool.gpu > 0 && pool.arch === "arm64" ? {} : { choose: () => node(pool) }),
    })),
    ...Object.entries(databases).map(([key, one]) => ({
      target: `databases.${key}`,
      path: ["databases", key],
      ...(one.mode === "managed" || one.mode === "replica"
        ? { choose: () => database({ replicas: 0, ...one }, settings) }
        : {}),
    })),
    ...Object.entries(caches).map(([key, one]) => ({
      target: `caches.${key}`,
      path: ["caches", key],
      ...(one.mode === "managed" ? { choose: () => cache(one.memory, one.shards) } : {}),
    })),
  ];
}

export const machineTypes: Check = (settings, context, found) => {
  const { cloud } = settings;
  if (cloud === "local") return;
  const targets = machineParts(settings, cloud).map(({ target }) => target);
  for (const target of Object.keys(settings[cloud].machineTypes)) {
    if (targets.includes(target)) continue;
    const path = [cloud, "machineTypes", target];
    found.problem(path, `there is no ${target}`, listed(targets), remove(context, path));
  }
};

/** A size that the stack asks for and no machine of the cloud has. */
export const machineSizes: Check = (settings, context, found) => {
  const { cloud } = settings;
  if (cloud === "local") return;
  for (const { target, path, choose } of machineParts(settings, cloud)) {
    if (choose === undefined || Object.hasOwn(settings[cloud].machineTypes, target)) continue;
    try {
      choose();
    } catch (error) {
      const what = /^\w+: (.+); name one in/.exec((error as Error).message)?.[1] ?? (error as Error).message;
      const asked = ["memory", "cpu", "gpu"].map((field) => [...path, field]).find((one) => isSaid(context, one));
      const at = asked ?? path;
      found.problem(at, `${what} on ${cloud}`, `less, or a type in ${cloud}.machineTypes`, remove(context, at));
    }
  }
};

/** Cloud SQL has machines to measure in its one edition and machines off the rack in the other. */
export const databaseEdition: Check = ({ cloud, gcp }, context, found) => {
  if (cloud !== "gcp") return;
  const { databaseEdition: edition, machineTypes: types } = gcp;
  for (const [target, type] of Object.entries(types)) {
    if (!target.startsWith("databases.")) continue;
    const isPlus = type.startsWith("db-perf-optimized-");
    if (isPlus === (edition === "enterprisePlus")) continue;
    const path = ["gcp", "machineTypes", target];
    found.problem(
      path,
      `${type} is no tier of Cloud SQL ${edition === "enterprise" ? "Enterprise" : "Enterprise Plus"}`,
      isPlus
        ? "db-custom-CORES-MIB, or gcp.databaseEdition enterprisePlus"
        : "db-perf-optimized-N-CORES, or gcp.databaseEdition enterprise",
      set(context, ["gcp", "databaseEdition"], isPlus ? "enterprisePlus" : "enterprise"),
    );
  }
};

/** A server of Azure is of one of three tiers, and a burstable one has neither a standby nor copies. */
export const burstable: Check = ({ cloud, azure, databases }, context, found) => {
  if (cloud !== "azure") return;
  for (const [key, database] of Object.entries(databases)) {
    const type = azure.machineTypes[`databases.${key}`];
    if (type === undefined || !("highAvailability" in database)) continue;
    const path = ["azure", "machineTypes", `databases.${key}`];
    if (!/^Standard_[BDE]\d/.test(type)) {
      const expected = "a type of Standard_B, Standard_D or Standard_E";
      found.problem(path, `${show(type)} is no type of a database`, expected, set(context, path, "Standard_D2ds_v5"));
      continue;
    }
    if (!type.startsWith("Standard_B")) continue;
    const wants = database.highAvailability
      ? "standby"
      : "replicas" in database && database.replicas > 0
        ? "replicas"
        : undefined;
    if (wants === undefined) continue;
    found.problem(
      path,
      `${type} is burstable, and a burstable server has no ${wants}`,
      "a type of Standard_D or Standard_E, or neither a standby nor replicas",
      set(context, path, "Standard_D2ds_v5"),
    );
  }
};

/** Premium SSD v2 is bought by its speed; the other has the speed of its size. */
export const databaseDisk: Check = ({ cloud, azure }, context, found) => {
  if (cloud !== "azure") return;
  const { type, iops, throughput } = azure.databaseDisk;
  const least = { iops: 3000, throughput: 125 };
  for (const [field, value] of Object.entries({ iops, throughput })) {
    const path = ["azure", "databaseDisk", field];
    if (type === "premiumV2" && value === undefined)
      found.problem(
        path,
        "missing: a disk of type premiumV2 must have it said",
        "a number, or type premium",
        set(context, path, least[field as keyof typeof least]),
      );
    if (type === "premium" && value !== undefined)
      found.problem(
        path,
        `${value} for a disk of type premium, whose speed follows from its size`,
        "none, or type premiumV2",
        remove(context, path),
      );
  }
};
