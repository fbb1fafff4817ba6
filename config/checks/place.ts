import { awsZones, neutralName, neutralRegions, type RegionalCloud } from "../../providers/regions.js";
import type { CloudName } from "../names.js";
import { listed, nearest } from "../problems.js";
import type { SettingsOfSchema } from "../schema.js";
import { show } from "../show.js";
import { own } from "../walk.js";
import { type Context, type Findings, isSaid, remove, set } from "./finding.js";

/** The native region and the names of its zones. */
export function placeOf(
  settings: SettingsOfSchema,
  context: Context,
  found: Findings,
): { region: string; zones: readonly string[]; network: SettingsOfSchema["network"] } {
  const { cloud, region, network, aws } = settings;
  if (cloud === "local") {
    if (region !== "local" && !isRegion(region)) {
      const near = nearest(region, Object.keys(neutralRegions)) ?? "eu-west";
      const what = `${show(region)} is no region that any cloud has`;
      found.problem(["region"], what, `one of ${listed(Object.keys(neutralRegions))}`, set(context, ["region"], near));
    }
    return { region: "local", zones: [], network };
  }
  const native = nativeRegion(cloud, region, context, found);
  if (native === undefined) return { region, zones: [], network };
  const wanted = network.mode === "managed" ? network.zones : 0;
  const zones = aws.zones ?? [...(own(awsZones, native) ?? "")].map((letter) => `${native}${letter}`);
  namedZones(aws.zones ?? [], native, context, found);
  if (zones.length >= wanted || network.mode !== "managed")
    return { region: native, zones: zones.slice(0, wanted), network };
  const path = ["network", "zones"];
  const has = aws.zones === undefined ? native : "aws.zones";
  if (isSaid(context, path)) {
    found.problem(
      path,
      `${has} has ${zones.length} zones and not ${wanted}`,
      `at most ${zones.length}`,
      set(context, path, zones.length),
    );
  } else {
    found.warning(
      `${has} has ${zones.length} zones: the network has no more, where ${settings.environment} would have ${wanted}`,
    );
  }
  return { region: native, zones, network: { ...network, zones: zones.length } };
}

const isRegion = (region: string): boolean =>
  own(neutralRegions, region) !== undefined || own(awsZones, region) !== undefined || neutralName(region) !== undefined;

function namedZones(zones: readonly string[], native: string, context: Context, found: Findings): void {
  const path = ["aws", "zones"];
  const foreign = zones.find((zone) => zone.slice(0, -1) !== native);
  if (foreign !== undefined) {
    found.problem(path, `${foreign} is not in ${native}`, `zones of ${native}`, remove(context, path));
  } else if (new Set(zones).size < zones.length) {
    found.problem(path, "a zone is said twice", "each once", remove(context, path));
  }
}

function nativeRegion(
  cloud: RegionalCloud & CloudName,
  region: string,
  context: Context,
  found: Findings,
): string | undefined {
  const neutral = own(neutralRegions, region)?.[cloud];
  if (neutral !== undefined) return neutral;
  if (own(awsZones, region) !== undefined) return region;
  const neighbour = own(neutralRegions, neutralName(region) ?? "")?.[cloud];
  if (neighbour !== undefined && context.anyCloudsRegion) {
    found.warning(
      `region ${region} is another cloud's: the plan takes its neighbour ${neighbour}; up wants a region of ${cloud}`,
    );
    return neighbour;
  }
  const near = neighbour ?? nearest(region, [...Object.keys(neutralRegions), ...Object.keys(awsZones)]);
  const what =
    neighbour === undefined
      ? `${cloud} has no region ${show(region)}${near === undefined ? "" : `; did you mean ${near}?`}`
      : `${region} is another cloud's region`;
  found.problem(
    ["region"],
    what,
    `a region of ${cloud}, or one of ${listed(Object.keys(neutralRegions))}`,
    set(context, ["region"], near ?? "eu-west"),
  );
  return undefined;
}
