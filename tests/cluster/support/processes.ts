import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the kernel says of a process: what it is, and not what a manifest wanted. */
export interface Process {
  readonly pid: number;
  /** Real, effective, saved and of files. */
  readonly uids: readonly number[];
  /** Inheritable, permitted, effective, bounding and ambient, as the kernel writes them. */
  readonly capabilities: readonly string[];
  readonly noNewPrivileges: boolean;
  /** A filter of system calls is in force. */
  readonly filtered: boolean;
  readonly rootIsReadOnly: boolean;
}

/** Those of a container of this machine, by the id that the API server has: `containerd://ID`. */
export function processesIn(containerId: string): readonly Process[] {
  const id = containerId.replace(/^\w+:\/\//, "");
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => read(pid, "cgroup")?.includes(id) ?? false).flatMap((pid) => looked(pid) ?? []);
}

/** One that has ended meanwhile is nothing. */
function read(pid: string, file: string): string | undefined {
  try {
    return readFileSync(join("/proc", pid, file), "utf8");
  } catch {
    return undefined;
  }
}

function looked(pid: string): Process | undefined {
  const [status, mounts] = [read(pid, "status"), read(pid, "mountinfo")];
  if (status === undefined || mounts === undefined) return undefined;
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "";
  return {
    pid: Number(pid),
    uids: field("Uid").split(/\s+/).map(Number),
    capabilities: ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map(field),
    noNewPrivileges: field("NoNewPrivs") === "1",
    filtered: field("Seccomp") === "2",
    rootIsReadOnly: /^\d+ \d+ \S+ \S+ \/ ro[, ]/m.test(mounts),
  };
}
