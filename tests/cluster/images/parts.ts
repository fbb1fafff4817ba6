import { dirname, join } from "node:path";
import { tool } from "../../tools/cache.js";
import { type ToolName, tools } from "../../tools/table.js";
import { type Entry, folder, link, program, text, tree } from "./entries.js";

/** A tool's whole folder; throws with the command that brings it. */
export function folderOf(name: ToolName): string {
  tool(name);
  return tools[name].folder();
}

interface Person {
  readonly name: string;
  readonly id: number;
}

/** What every image has: root, a nobody, and a place for what lasts as long as the container. */
export function skeleton(people: readonly Person[] = []): readonly Entry[] {
  const all = [{ name: "root", id: 0 }, { name: "nonroot", id: 65532 }, { name: "nobody", id: 65534 }, ...people];
  return [
    folder("tmp", 0o1777),
    folder("root", 0o700),
    folder("run"),
    link("var/run", "/run"),
    ...["bin", "sbin", "lib", "lib64"].flatMap((name) => [folder(`usr/${name}`), link(name, `usr/${name}`)]),
    text("etc/passwd", all.map(({ name, id }) => `${name}:x:${id}:${id}::${homeOf(id)}:/bin/sh\n`).join("")),
    text("etc/group", all.map(({ name, id }) => `${name}:x:${id}:\n`).join("")),
  ];
}

const homeOf = (id: number): string => (id === 0 ? "/root" : "/");

const libraries =
  /^usr\/lib(64)?\/(.*-linux-gnu\/)?(ld-linux-.*|lib(c|m|dl|rt|pthread|resolv|nss_\w+|gcc_s|stdc\+\+|atomic))\.so(\.\d+)*$/;

/** What a program needs that was linked with the C library and nothing else, or with C++'s. */
export const cLibrary = (): readonly Entry[] => tree(folderOf("userland"), (path) => libraries.test(path));

const commands = [
  ...["sh", "cat", "chmod", "chown", "cp", "date", "df", "du", "echo", "env", "find", "grep", "head", "id", "kill"],
  ...["ln", "ls", "mkdir", "mktemp", "mv", "printf", "ps", "rm", "rmdir", "sed", "sleep", "sort", "stat", "tail"],
  ...["tar", "test", "touch", "tr", "true", "uname", "wc", "wget"],
];

/** A shell and what scripts call, in one program without a library. */
export const busybox = (): readonly Entry[] => [
  program("usr/bin/busybox", join(folderOf("containerd"), "bin", "busybox")),
  ...commands.map((name) => link(`usr/bin/${name}`, "busybox")),
];

/** Node and nothing with it. */
export const node = (): readonly Entry[] => [...cLibrary(), program("usr/local/bin/node", tool("node24"))];

/** The npm that came with the Node that runs this. */
export const npm = (): readonly Entry[] => {
  const place = join("lib", "node_modules", "npm");
  return [
    ...tree(join(dirname(process.execPath), "..", place), undefined, join("usr/local", place)),
    link("usr/local/bin/npm", `../${place}/bin/npm-cli.js`),
    link("usr/local/bin/npx", `../${place}/bin/npx-cli.js`),
  ];
};
