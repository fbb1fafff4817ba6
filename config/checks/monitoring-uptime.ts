import { askedRoutes, askerOf, isUnderRoute, routesToAsk, uptimeOf } from "../monitoring/asked.js";
import { nearest } from "../problems.js";
import type { Path } from "../walk.js";
import { type Check, type Context, type Findings, remove, set } from "./finding.js";

/** Checks from outside that could not be made, or would say nothing. */

const at: Path = ["monitoring", "uptime"];

export const uptimeAsked: Check = (settings, context, found) => {
  const uptime = uptimeOf(settings);
  if (uptime === undefined) return;
  const routes = routesToAsk(settings);
  const names = routes.map(({ name }) => name);
  if (uptime.enabled === true && askedRoutes(settings).length === 0)
    found.problem(
      [...at, "enabled"],
      names.length === 0 ? "true, and no service has routes" : "true, and no page is known that needs no login",
      names.length === 0 ? "a service with routes" : "a path for a check",
      names[0] === undefined
        ? remove(context, [...at, "enabled"])
        : set(context, [...at, "paths", names[0]], routes[0]?.under ?? "/"),
    );
  for (const [name, page] of Object.entries(uptime.paths)) {
    const path: Path = [...at, "paths", name];
    const route = routes.find((one) => one.name === name);
    if (route === undefined) unknown(path, name, names, context, found);
    else if (!isUnderRoute(page, route.under))
      found.problem(
        path,
        `${page} is not under its route, ${route.under}`,
        "a page that the route leads to",
        set(context, path, route.under),
      );
  }
  uptime.except.forEach((name, index) => {
    if (!names.includes(name)) unknown([...at, "except", index], name, names, context, found);
  });
  if (uptime.timeout > uptime.interval)
    found.problem(
      [...at, "timeout"],
      `${uptime.timeout} s is over interval, ${uptime.interval} s`,
      "an answer before the next question",
      set(context, [...at, "timeout"], uptime.interval),
    );
};

function unknown(path: Path, name: string, names: readonly string[], context: Context, found: Findings): void {
  const known = names.length === 0 ? "there are no routes" : `there are ${names.join(", ")}`;
  const meant = nearest(name, names);
  const isListed = typeof path.at(-1) === "number";
  found.problem(
    path,
    `${name} is no check: ${known}`,
    "the name of a check",
    meant !== undefined && isListed ? set(context, path, meant) : remove(context, path),
  );
}

/** The exporter would only fail: it is left out. */
export const cloudMeasured: Check = ({ cloud, network, monitoring }, _, found) => {
  if (cloud !== "aws" || monitoring.mode === "none" || network.mode !== "managed" || network.nat !== "none") return;
  found.warning(
    "network.nat none: CloudWatch is not reached, so nothing is known of what the cloud measures of databases, caches, load balancers and its checks",
  );
};

/** A host of a service that nobody asks is said; where one of its routes is asked, so are its pods. */
export const uptimeKnown: Check = (settings, _, found) => {
  const uptime = uptimeOf(settings);
  if (uptime === undefined || uptime.enabled === false) return;
  const asked = askedRoutes(settings);
  const told = new Set<string>();
  for (const { name, service, host, path, under } of routesToAsk(settings)) {
    const place = `${service} ${host ?? ""}`;
    if (path !== undefined || told.has(place) || uptime.except.includes(name)) continue;
    if (asked.some((one) => one.service === service && one.host === host)) continue;
    told.add(place);
    found.warning(
      `services.${service}: nothing under its route ${under} is known to need no login, so nobody asks from outside whether it answers; say a page with monitoring.uptime.paths.${name}`,
    );
  }
  if (settings.cloud !== "local" && askerOf(settings) === "cluster")
    found.warning(
      "monitoring.uptime: the gateway is not open to the internet, so its pages are asked inside the cluster and not from outside",
    );
};
