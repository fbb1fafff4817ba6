import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tools } from "../../tools/table.js";
import { mark } from "./addresses.js";
import { hierarchies } from "./cgroups.js";
import { covered, emptied, standardDirectory } from "./layout.js";

/** What of a machine a node could leave changed. Two of them are the same where nothing was left. */
export type Inventory = Readonly<Record<string, readonly string[]>>;

export const takeInventory = (): Inventory =>
  Object.fromEntries(Object.entries(shelves).map(([name, list]) => [name, [...list()].sort()]));

const shelves: Readonly<Record<string, () => readonly string[]>> = {
  // Without the numbers that they are given anew.
  mounts: () => lines(readFileSync("/proc/self/mountinfo", "utf8")).map((line) => line.split(" ").slice(3).join(" ")),
  // Others make and remove theirs deeper down at any time.
  cgroups: () => hierarchies().flatMap(({ folder }) => foldersIn(folder)),
  "named namespaces": () => entriesOf("/run/netns"),
  // Namespaces have no list, but one lives only by its processes or by a mount.
  processes: () => processes().filter(isOurs).map(commandOf),
  sysctls: () => valuesIn("/proc/sys"),
  interfaces: () => saidBy("ip", ["-o", "addr"]).map((line) => line.replace(/\d+sec/g, "")),
  routes: () => saidBy("ip", ["route", "show", "table", "all"]),
  firewall: () => saidBy(join(tools.containerd.folder(), "usr/sbin/nft"), ["list", "ruleset"]),
  files: () => [...covered, emptied, "/etc", "/etc/cni"].flatMap(entriesOf),
  "own files": () => [standardDirectory()].filter((path) => existsSync(path)),
};

const lines = (text: string): readonly string[] => text.trimEnd().split("\n");
const saidBy = (program: string, args: readonly string[]): readonly string[] =>
  lines(spawnSync(program, args, { encoding: "utf8" }).stdout);
const entriesOf = (folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
const foldersIn = (folder: string): readonly string[] =>
  entriesOf(folder).filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true);

const processes = (): readonly string[] => readdirSync("/proc").filter((name) => /^\d+$/.test(name));
const commandOf = (pid: string): string =>
  gone(() => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim()) ?? "";
/** A part by its flags, what runs in a pod by where it is counted. */
const isOurs = (pid: string): boolean =>
  /tests\/cluster\/node\/(command|doorkeeper)\.ts/.test(commandOf(pid)) ||
  commandOf(pid).includes(mark) ||
  gone(() => readFileSync(`/proc/${pid}/cgroup`, "utf8"))?.includes(mark) === true;

/** Undefined for what has gone between being listed and being looked at, or may not be looked at. */
function gone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** Counters and what the kernel sets by itself. */
const restless =
  /\/(fs\/(dentry-state|file-nr|inode-nr|inode-state|aio-nr|quota\/|epoll)|kernel\/(ns_last_pid|pty\/nr|random\/|perf_event_max_sample_rate|sched_domain|keys\/gc)|kernel\/spl|net\/netfilter\/nf_conntrack_(count|buckets)|net\/ipv4\/tcp_mem)/;

function valuesIn(path: string): readonly string[] {
  const about = lstatSync(path);
  if (about.isDirectory()) return readdirSync(path).flatMap((name) => valuesIn(join(path, name)));
  if (restless.test(path) || (about.mode & 0o400) === 0) return [];
  const value = gone(() => readFileSync(path, "utf8").trim());
  return value === undefined ? [] : [`${path} = ${value}`];
}
