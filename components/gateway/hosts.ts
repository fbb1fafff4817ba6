import type { RouteSettings } from "../../config/gateway-schema.js";
import type { Settings } from "../../config/settings.js";

export type Routed = Readonly<Record<string, { readonly routes: readonly Pick<RouteSettings, "host">[] }>>;

/** Every host that is served, once each: the domain's own, those that routes name, and Grafana's. */
export const hostsOf = (
  services: Routed,
  domain: string | undefined,
  { monitoring }: Pick<Settings, "monitoring">,
): readonly string[] => {
  const named = [
    ...Object.values(services).flatMap(({ routes }) => routes.flatMap(({ host }) => host ?? [])),
    ...(monitoring.mode === "inCluster" && monitoring.grafana.host !== undefined ? [monitoring.grafana.host] : []),
  ];
  return [...new Set([...(domain === undefined ? [] : [domain]), ...named])].sort();
};

/** Whether the zone of the domain can say where the host is. */
export const isUnder = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`);
