import type { RouteSettings } from "../gateway-schema.js";
import type { SettingsOfSchema } from "../schema.js";
import type { ServiceSettings } from "../service-schema.js";
import { runsHere } from "../uses.js";
import type { UptimeSettings } from "./uptime.js";

/** Which public pages are asked whether they answer, and who asks. */

type Stack = Pick<SettingsOfSchema, "cloud" | "domain" | "gateway" | "monitoring" | "services">;

export interface AskedRoute {
  /** What alerts and settings call its check. */
  readonly name: string;
  readonly service: string;
  /** Undefined where there is no domain: the gateway's own address. */
  readonly host: string | undefined;
  /** Of the route itself. */
  readonly under: string;
  /** What is asked for; undefined where nothing under the route is known to need no login. */
  readonly path: string | undefined;
}

export const uptimeOf = ({ monitoring }: Pick<Stack, "monitoring">): UptimeSettings | undefined =>
  monitoring.mode === "none" ? undefined : monitoring.uptime;

/** Every route of what runs here, in its order, with what could be asked of it. */
export function routesToAsk(stack: Stack): readonly AskedRoute[] {
  const paths = uptimeOf(stack)?.paths ?? {};
  const domain = stack.domain.mode === "none" ? undefined : stack.domain.name;
  const routes = Object.entries(stack.services)
    .filter(([, service]) => runsHere(service))
    .flatMap(([service, { routes, probes }]) => routes.map((route) => ({ service, probes, route })));
  const names = uniqueNames(routes.map(({ service, route }) => nameOf(service, route)));
  return routes.map(({ service, probes, route }, index) => {
    const name = names[index] ?? service;
    const rivals = routes.map((one) => one.route).filter(({ host }) => host === route.host);
    return {
      name,
      service,
      host: route.host ?? domain,
      under: route.path,
      path: paths[name] ?? pageOf(route, probes, rivals),
    };
  });
}

/** Those that are asked. */
export const askedRoutes = (stack: Stack): readonly (AskedRoute & { readonly path: string })[] => {
  const except = uptimeOf(stack)?.except ?? [];
  return routesToAsk(stack).flatMap((route) =>
    route.path === undefined || except.includes(route.name) ? [] : [{ ...route, path: route.path }],
  );
};

/**
 * The cloud asks what the whole internet may call. What is closed to it, or has no cloud, is asked inside the cluster,
 * at the gateway.
 */
export function askerOf(stack: Stack): "cloud" | "cluster" | "nobody" {
  const uptime = uptimeOf(stack);
  if (uptime === undefined || uptime.enabled === false || askedRoutes(stack).length === 0) return "nobody";
  return stack.cloud !== "local" && isOpen(stack) ? "cloud" : "cluster";
}

const isOpen = ({ gateway }: Pick<Stack, "gateway">): boolean =>
  gateway.expose === "loadBalancer" && !gateway.internal && gateway.sources === undefined;

/** Whether the gateway leads what is asked for to the route. */
export const isUnderRoute = (page: string, route: string): boolean =>
  route === "/" || page === route || page.startsWith(`${route.replace(/\/$/, "")}/`);

/**
 * Where pods say that they are well, if the gateway leads there: nobody logs in for that. The first page of a host is
 * taken for one that everybody sees.
 */
function pageOf(
  { path }: RouteSettings,
  { ready, live }: ServiceSettings["probes"],
  rivals: readonly RouteSettings[],
): string | undefined {
  const probe = ready ?? live;
  if (probe !== undefined && isUnderRoute(probe, path)) {
    const longer = rivals.some((rival) => rival.path.length > path.length && isUnderRoute(probe, rival.path));
    if (!longer) return probe;
  }
  return path === "/" && probe === undefined ? path : undefined;
}

/** By what the route is, and not by where it stands in the list. */
const nameOf = (service: string, { host, path }: RouteSettings): string =>
  [service, ...(host === undefined ? [] : [host]), path]
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/-+$/, "")
    .slice(0, 40)
    .replace(/-+$/, "");

const uniqueNames = (names: readonly string[]): readonly string[] =>
  names.map((name, index) => {
    const before = names.slice(0, index).filter((other) => other === name).length;
    return before === 0 ? name : `${name.slice(0, 36).replace(/-+$/, "")}-${before + 1}`;
  });
