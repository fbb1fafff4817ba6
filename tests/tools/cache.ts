import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { crds } from "./crds.js";
import { type ToolName, tools } from "./table.js";

/** Outside the repository, so that a fresh clone finds what another one built. */
export const cacheRoot = (): string =>
  process.env["AGENT_PLATFORM_CACHE"] ??
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "agent-platform");

export const moduleFolder = (name: ToolName): string => join(import.meta.dirname, tools[name].module);

/** `v3.250.0`, as the tool's go.mod says. */
export function versionOf(name: ToolName): string {
  const { versionOf: module } = tools[name];
  const goMod = readFileSync(join(moduleFolder(name), "go.mod"), "utf8");
  const line = goMod.split("\n").find((one) =>
    one
      .trim()
      .replace(/^require /, "")
      .startsWith(`${module} v`),
  );
  const version = line
    ?.trim()
    .replace(/^require /, "")
    .split(" ")[1];
  if (version === undefined) throw new Error(`tests/tools/${tools[name].module}/go.mod does not require ${module}`);
  return version;
}

/** Whatever goes into a tool is in its folder: another content is another place in the cache. */
export const binaryOf = (name: ToolName): string =>
  join(placeOf(`${name}-${versionOf(name)}`, moduleFolder(name), [tools[name], process.platform, process.arch]), name);

export const crdsModule = join(import.meta.dirname, "crds");

/** `CHART/*.yaml` of every chart in `crds.ts`. */
export const crdsFolder = (): string => placeOf("crds", crdsModule, crds);

function placeOf(title: string, folder: string, about: unknown): string {
  const hash = createHash("sha256").update(JSON.stringify(about));
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)));
  return join(cacheRoot(), "tools", `${title}-${hash.digest("hex").slice(0, 12)}`);
}

/** The path of a tool that is there. Throws with the command that brings it. */
export const tool = (name: ToolName): string => there(binaryOf(name), `${name} ${versionOf(name)}`);
export const crdsThere = (): string => there(crdsFolder(), "the custom resource definitions");

function there(path: string, what: string): string {
  if (!existsSync(path)) throw new Error(`not here yet: ${what}; bring it with: npm run tools`);
  return path;
}
