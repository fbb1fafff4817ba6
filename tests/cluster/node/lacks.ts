import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type ToolName, tools } from "../../tools/table.js";
import { controllers, hierarchies } from "./cgroups.js";
import { unfit } from "./layout.js";
import { isHeld, readRecord } from "./record.js";

/** What the node itself is made of. */
const parts = ["kubernetes", "containerd", "local-path"] as const satisfies readonly ToolName[];
const programs = ["ip", "mount", "nsenter", "sh", "unshare"];

/** What the kernel must be able to do, each tried where nobody sees it. */
const trials: Readonly<Record<string, () => boolean>> = {
  "pairs of network interfaces (veth)": () => shown("--net", "ip link add one type veth peer name two"),
  "bridges between networks (bridge)": () => shown("--net", "ip link add one type bridge"),
  "what bridges pass shown to the firewall (br_netfilter)": () =>
    shown("--net", "echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables"),
  "the firewall nf_tables": () =>
    shown("--net", `${join(tools.containerd.folder(), "usr", "sbin", "nft")} add table ip trial`),
  "file systems in layers (overlay)": () =>
    shown(
      "--mount",
      "mount -t tmpfs t /mnt && cd /mnt && mkdir a b c d && mount -t overlay -o lowerdir=a,upperdir=b,workdir=c t d",
    ),
};

const shown = (namespace: string, line: string): boolean =>
  spawnSync("unshare", [namespace, "sh", "-c", line], { stdio: "ignore" }).status === 0;

/** What is not as it must be, worst first: each is asked only where those before it say nothing. */
const questions: readonly ((directory: string) => string | undefined)[] = [
  () => (process.platform === "linux" ? undefined : "Linux"),
  () => (process.getuid?.() === 0 ? undefined : "root"),
  (directory) => unfit(directory),
  () => {
    const missing = programs.filter((program) => !onPath(program));
    return missing.length === 0 ? undefined : `${missing.join(", ")} on PATH (iproute2, util-linux)`;
  },
  () => {
    const missing = parts.filter((name) => !tools[name].here());
    return missing.length === 0 ? undefined : `${missing.join(", ")}: npm run tools -- ${missing.join(" ")}`;
  },
  () => {
    const there = hierarchies("cgroup").flatMap((hierarchy) => hierarchy.controllers);
    const missing = controllers.filter((name) => !there.includes(name));
    return missing.length === 0 ? undefined : `cgroups of version 1 (not here: ${missing.join(", ")})`;
  },
  () => {
    const missing = Object.entries(trials).flatMap(([what, able]) => (able() ? [] : [what]));
    return missing.length === 0 ? undefined : `a kernel that has ${missing.join(", ")}`;
  },
  () => {
    const record = readRecord();
    if (record === undefined || !isHeld(record)) return undefined;
    const { owner, since } = record;
    const how = owner === "nobody" ? "npm run cluster -- down ends it" : `process ${owner.pid} ends it`;
    return `to be the only one: a node is up since ${since}, and ${how}`;
  },
];

/** In one line what keeps a node from starting here. */
export function lacks(directory: string): string | undefined {
  for (const question of questions) {
    const answer = question(directory);
    if (answer !== undefined) return `a node needs ${answer}`;
  }
  return undefined;
}

function onPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
