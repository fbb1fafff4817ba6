import type { Settings } from "../../config/settings.js";
import { zonesByRegion } from "../regions.js";

/**
 * The zones that machines and servers are spread over. A subnet of Azure is in all of them, so a network that exists
 * does not say which to take: then they are those that the stack names, or the region's.
 */
export function zonesOf({ zones, azure, region }: Settings): readonly string[] {
  if (zones.length > 0) return zones;
  return azure.zones ?? zonesByRegion.azure[region] ?? [];
}
