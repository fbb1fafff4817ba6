import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** A kubelet changes these for the whole machine, whatever namespace it is in. */
const names = [
  "kernel/keys/root_maxbytes",
  "kernel/keys/root_maxkeys",
  "kernel/panic",
  "kernel/panic_on_oops",
  "vm/overcommit_memory",
  "vm/panic_on_oom",
] as const;

export type Sysctls = Readonly<Record<string, string>>;

const file = (name: string): string => `/proc/sys/${name}`;
const read = (name: string): string => readFileSync(file(name), "utf8").trim();

export const readSysctls = (): Sysctls =>
  Object.fromEntries(names.filter((name) => existsSync(file(name))).map((name) => [name, read(name)]));

export function putBack(sysctls: Sysctls): void {
  for (const [name, value] of Object.entries(sysctls)) if (read(name) !== value) writeFileSync(file(name), value);
}
