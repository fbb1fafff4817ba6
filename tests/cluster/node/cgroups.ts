import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mark } from "./addresses.js";
import { pause } from "./life.js";

/** What kubelet and runc count and limit with, a tree each in version 1. */
export const controllers = ["blkio", "cpu", "cpuacct", "cpuset", "devices", "freezer", "memory", "pids"];

interface Hierarchy {
  readonly folder: string;
  readonly controllers: readonly string[];
}

/** Every tree, with the one of version 2 that some machines have beside the others. */
export function hierarchies(version: "cgroup" | "cgroup2" | "any" = "any"): readonly Hierarchy[] {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").trimEnd().split("\n");
  return mounts.flatMap((line) => {
    const [mount = "", device = ""] = line.split(" - ");
    const [type = "", , options = ""] = device.split(" ");
    const wanted = version === "any" ? ["cgroup", "cgroup2"] : [version];
    return wanted.includes(type) ? [{ folder: mount.split(" ")[4] ?? "", controllers: options.split(",") }] : [];
  });
}

/** The node's own place in each tree: nothing that its kubelet makes is elsewhere. */
export function makeCgroups(): void {
  for (const { folder, controllers } of hierarchies("cgroup")) {
    const own = join(folder, mark);
    mkdirSync(own, { recursive: true });
    // A set without processors takes no process.
    if (controllers.includes("cpuset"))
      for (const file of ["cpuset.cpus", "cpuset.mems"])
        writeFileSync(join(own, file), readFileSync(join(folder, file)));
  }
}

const EMPTY_MS = 20_000;

/** Only after the last process of the node: a cgroup goes when it is empty, a moment later than that. */
export async function removeCgroups(): Promise<void> {
  for (const { folder } of hierarchies()) {
    for (const began = Date.now(); !removed(join(folder, mark)); await pause(20))
      if (Date.now() - began > EMPTY_MS) throw new Error(`${join(folder, mark)} is still in use`);
  }
}

function removed(folder: string): boolean {
  if (!existsSync(folder)) return true;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory() && !removed(join(folder, entry.name))) return false;
    rmdirSync(folder);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return true;
    if (code === "EBUSY") return false;
    throw error;
  }
}
