import { existsSync } from "node:fs";
import { join } from "node:path";
import { crds } from "./crds.js";
import { filesIn, placeOf } from "./place.js";
import { type ToolName, tools } from "./table.js";

export { cacheRoot } from "./place.js";

export const crdsModule = join(import.meta.dirname, "crds");

/** `CHART/*.yaml` of every chart in `crds.ts`. */
export const crdsFolder = (): string => placeOf("crds", crds, filesIn(crdsModule));

/** The path of a tool that is there. Throws with the command that brings it. */
export function tool(name: ToolName): string {
  if (!tools[name].here()) throw notHere(`${name} ${tools[name].version()}`);
  return tools[name].path();
}

export function crdsThere(): string {
  if (!existsSync(crdsFolder())) throw notHere("the custom resource definitions");
  return crdsFolder();
}

const notHere = (what: string): Error => new Error(`not here yet: ${what}; bring it with: npm run tools`);
