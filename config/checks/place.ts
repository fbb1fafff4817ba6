import { neutralName, neutralRegions, type RegionalCloud, zonesByRegion } from "../../providers/regions.js";
import { listed, nearest } from "../problems.js";
import type { SettingsOfSchema } from "../schema.js";
import { show } from "../show.js";
import { own } from "../walk.js";
import { type Check, type Context, type Findings, isSaid, remove, set } from "./finding.js";

/** The native region and the names of its zones. */
export function placeOf(
  settings: SettingsOfSchema,
  context: Context,
  found: Findings,
): { region: string; zones: readonly string[]; network: SettingsOfSchema["network"] } {
  const { cloud, region, network } = settings;
  if (cloud === "local") {
    if (region !== "local" && !isRegion(region)) {
      const near = nearest(region, Object.keys(neutralRegions)) ?? "eu-west";
      const what = `${show(region)} is no region that any cloud has`;
      found.problem(["region"], what, `one of ${listed(Object.keys(neutralRegions))}`, set(context, ["region"], near));
    }
    return { region: "local", zones: [], network };
  }
  account(settings, context, found);
  const native = nativeRegion(cloud, region, context, found);
  if (native === undefined) return { region, zones: [], network };
  const wanted = network.mode === "managed" ? network.zones : 0;
  const { zones: chosen } = settings[cloud];
  const zones = chosen ?? own<readonly string[]>(zonesByRegion[cloud], native) ?? [];
  namedZones(cloud, chosen ?? [], native, context, found);
  if (zones.length >= wanted || network.mode !== "managed")
    return { region: native, zones: zones.slice(0, wanted), network };
  const path = ["network", "zones"];
  const has = chosen === undefined ? native : `${cloud}.zones`;
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

/** AWS knows the account from the credentials; the others have many of them for each. */
const account: Check = ({ cloud, gcp, azure }, context, found) => {
  if (cloud === "gcp" && gcp.project === undefined) {
    const path = ["gcp", "project"];
    found.problem(path, "missing: a stack on gcp must say it", "a project id", set(context, path, "acme-agents"));
  }
  if (cloud === "azure" && azure.subscription === undefined) {
    const path = ["azure", "subscription"];
    const example = "00000000-0000-0000-0000-000000000000";
    found.problem(path, "missing: a stack on azure must say it", "a subscription id", set(context, path, example));
  }
};

const isRegion = (region: string): boolean =>
  own(neutralRegions, region) !== undefined ||
  Object.values(zonesByRegion).some((regions) => own(regions, region) !== undefined);

function namedZones(
  cloud: RegionalCloud,
  zones: readonly string[],
  native: string,
  context: Context,
  found: Findings,
): void {
  const path = [cloud, "zones"];
  // Azure numbers the zones of every region alike.
  const foreign = cloud === "azure" ? undefined : zones.find((zone) => zone.replace(/-?[a-z]$/, "") !== native);
  if (foreign !== undefined) {
    found.problem(path, `${foreign} is not in ${native}`, `zones of ${native}`, remove(context, path));
  } else if (new Set(zones).size < zones.length) {
    found.problem(path, "a zone is said twice", "each once", remove(context, path));
  }
}

function nativeRegion(cloud: RegionalCloud, region: string, context: Context, found: Findings): string | undefined {
  const neutral = own(neutralRegions, region)?.[cloud];
  if (neutral !== undefined) return neutral;
  if (own(zonesByRegion[cloud], region) !== undefined) return region;
  const neighbour = own(neutralRegions, neutralName(region) ?? "")?.[cloud];
  if (neighbour !== undefined && context.anyCloudsRegion) {
    found.warning(
      `region ${region} is another cloud's: the plan takes its neighbour ${neighbour}; up wants a region of ${cloud}`,
    );
    return neighbour;
  }
  const near = neighbour ?? nearest(region, [...Object.keys(neutralRegions), ...Object.keys(zonesByRegion[cloud])]);
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
