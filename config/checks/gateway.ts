import type { RouteSettings } from "../gateway-schema.js";
import type { SettingsOfSchema } from "../schema.js";
import { runsHere } from "../uses.js";
import type { Path } from "../walk.js";
import { readRange } from "./addresses.js";
import { type Check, isSaid, minAboveMax, remove, set } from "./finding.js";

/** What can't be said of the way in, and of routes. */

interface Found {
  readonly service: string;
  readonly path: Path;
  readonly route: RouteSettings;
}

const routesOf = ({ services }: SettingsOfSchema): readonly Found[] =>
  Object.entries(services).flatMap(([service, { routes }]) =>
    routes.map((route, index) => ({ service, path: ["services", service, "routes", index], route })),
  );

const domainOf = ({ domain }: SettingsOfSchema): string | undefined =>
  domain.mode === "none" ? undefined : domain.name;

/** A slash at the end changes nothing of what begins with a path. */
const placeOf = ({ host, path }: RouteSettings, domain: string | undefined): string =>
  `${host ?? domain ?? "any host"} ${path === "/" ? path : path.replace(/\/$/, "")}`;

export const routesOnce: Check = (settings, context, found) => {
  const domain = domainOf(settings);
  const first = new Map<string, string>();
  for (const { service, path, route } of routesOf(settings)) {
    const place = placeOf(route, domain);
    const holder = first.get(place);
    if (holder === undefined) first.set(place, service);
    else
      found.problem(
        path,
        `${place} is a route of services.${holder} already`,
        "each host and path once",
        remove(context, path),
      );
  }
};

export const routesAnswered: Check = (settings, context, found) => {
  for (const [name, service] of Object.entries(settings.services)) {
    if (service.routes.length === 0) continue;
    const path = ["services", name, "routes"];
    if (service.kind !== "web") {
      const what = `services.${name} is a ${service.kind}, which answers nobody`;
      found.problem(path, what, "routes of a service of kind web", remove(context, path));
    } else if (!runsHere(service)) {
      const what = `services.${name} has no image: the platform does not run it`;
      found.problem(path, what, "routes of a service with an image", remove(context, path));
    }
  }
};

/** A public authority gives certificates for what the zone shows to be the stack's, and for nothing else. */
export const hostsCertified: Check = (settings, context, found) => {
  const domain = domainOf(settings);
  if (domain === undefined || settings.gateway.tls.secret !== undefined) return;
  for (const { path, route } of routesOf(settings)) {
    const host: string = route.host ?? domain;
    if (host === domain || host.endsWith(`.${domain}`)) continue;
    const at = [...path, "host"];
    found.problem(
      at,
      `${host} is outside of the domain ${domain}, for which alone there is a certificate`,
      `a host under ${domain}, or a certificate of your own in gateway.tls.secret`,
      set(context, at, `${host.split(".")[0]}.${domain}`),
    );
  }
};

const MOST_SECONDS = 3600;

export const routeTimeouts: Check = (settings, context, found) => {
  const { idleTimeout, drain } = settings.gateway;
  const tooLong = (path: Path, timeout: number, most: number, of: Path, why: string) =>
    found.problem(
      path,
      `${timeout} s is over ${of.join(".")}, ${most} s: ${why}`,
      `at most ${of.join(".")}, or websockets for what stays open`,
      set(context, of, Math.min(MOST_SECONDS, timeout)),
    );
  for (const { service, path, route } of routesOf(settings)) {
    const one = settings.services[service];
    if (one === undefined || route.websockets) continue;
    const said = [...path, "timeout"];
    if (route.timeout !== undefined && route.timeout > idleTimeout)
      tooLong(said, route.timeout, idleTimeout, ["gateway", "idleTimeout"], "long answers would be cut");
    if (route.timeout !== undefined && route.timeout > one.drain)
      tooLong(said, route.timeout, one.drain, ["services", service, "drain"], "a rollout would cut requests");
    const timeout = route.timeout ?? one.requestTimeout;
    const at = route.timeout === undefined ? path : said;
    if (timeout > drain)
      tooLong(at, timeout, drain, ["gateway", "drain"], "a gateway's pod that goes would cut requests");
  }
};

/** Any page could act as whoever is logged in. */
export const corsTrusts: Check = (settings, context, found) => {
  for (const { path, route } of routesOf(settings)) {
    if (route.cors?.credentials !== true || !route.cors.origins.includes("*")) continue;
    const at = [...path, "cors", "credentials"];
    const what = "true, and origins * lets any page call with the caller's cookies";
    found.problem(at, what, "origins by name, or no credentials", set(context, at, false));
  }
};

export const gatewayReplicas: Check = ({ gateway }, context, found) =>
  minAboveMax(["gateway", "replicas"], gateway.replicas, context, found);

export const sources: Check = ({ gateway }, context, found) => {
  (gateway.sources ?? []).forEach((text, index) => {
    const path = ["gateway", "sources", index];
    const { range, what, repaired } = readRange(text);
    if (range === undefined)
      found.problem(path, what, "an IPv4 range like 203.0.113.0/24", set(context, path, repaired ?? "203.0.113.0/24"));
  });
};

/** A port of a node is what it is: whoever reaches the node reaches it. */
export const byNodePort: Check = (settings, context, found) => {
  const { gateway, cloud } = settings;
  if (gateway.expose !== "nodePort") return;
  const domain = domainOf(settings);
  // Where nothing else would do, there is no domain either.
  if (domain !== undefined && isSaid(context, ["gateway", "expose"]))
    found.problem(
      ["gateway", "expose"],
      `nodePort, and records of ${domain} lead to the address of a load balancer`,
      "loadBalancer, or no domain",
      set(context, ["gateway", "expose"], "loadBalancer"),
    );
  if (gateway.sources !== undefined)
    found.problem(
      ["gateway", "sources"],
      "on the way from node to node it is lost who calls",
      "sources of a load balancer, or rules of the nodes' own firewall",
      remove(context, ["gateway", "sources"]),
    );
  if (gateway.internal)
    found.problem(
      ["gateway", "internal"],
      "true, and a port of a node is reached by whoever reaches the node",
      "an internal load balancer, or nodes without public addresses",
      remove(context, ["gateway", "internal"]),
    );
  if (cloud !== "local" && !isSaid(context, ["gateway", "nodeAddress"]))
    found.problem(
      ["gateway", "nodeAddress"],
      `${gateway.nodeAddress} is no node on ${cloud}`,
      "where a node is reached, or a load balancer",
      set(context, ["gateway", "expose"], "loadBalancer"),
    );
  if (gateway.nodePorts.http === gateway.nodePorts.https) {
    const path = ["gateway", "nodePorts", "https"];
    const { https } = gateway.nodePorts;
    found.problem(path, `${https} is nodePorts.http too`, "two ports", set(context, path, https + 1));
  }
};
