import type * as pulumi from "@pulumi/pulumi";
import { type AskedRoute, askedRoutes, askerOf } from "../../config/monitoring/asked.js";
import type { Settings } from "../../config/settings.js";
import type { Uptime, UptimeCheck } from "../../providers/contract.js";
import type { MonitoringScene } from "./scene.js";

/** Whether public pages answer, asked by the cloud from outside. Where no cloud asks, `blackbox.ts` does. */

export interface UptimePartArgs {
  /** Where the gateway is reached: what is asked where there is no domain. */
  readonly address: pulumi.Output<string>;
  /** What answers: before it is there, people would be told that it is not. */
  readonly after: readonly pulumi.Resource[];
}

/** The checks by the cloud; undefined where it makes none. What they cost is at each cloud's own. */
export function createUptime(
  name: string,
  { settings, cloud, observe }: Pick<MonitoringScene, "settings" | "cloud" | "observe">,
  { address, after }: UptimePartArgs,
  parent: pulumi.Resource,
): Uptime | undefined {
  const { monitoring } = settings;
  if (monitoring.mode === "none" || askerOf(settings) !== "cloud" || cloud.uptime === undefined) return undefined;
  const { interval, timeout } = monitoring.uptime;
  return cloud.uptime(
    name,
    {
      checks: checksOf(settings, address),
      certified: isCertified(settings),
      interval,
      timeout,
      emails: monitoring.receivers.email?.to ?? [],
      observe,
    },
    { parent, dependsOn: [...after] },
  );
}

/** Without a domain the gateway's certificate is signed by the stack itself. */
export const isCertified = ({ domain }: Pick<Settings, "domain">): boolean => domain.mode !== "none";

const checksOf = (settings: Settings, address: pulumi.Output<string>): Readonly<Record<string, UptimeCheck>> =>
  Object.fromEntries(askedRoutes(settings).map((route) => [route.name, checkOf(route, address)]));

const checkOf = (
  { host, path }: Pick<AskedRoute, "host"> & { readonly path: string },
  address: pulumi.Output<string>,
): UptimeCheck => ({ host: host ?? address, path });
