import { runsHere } from "../uses.js";
import type { Path } from "../walk.js";
import { type Check, remove, set } from "./finding.js";

/** Where Grafana would be looked for in vain. */

const host: Path = ["monitoring", "grafana", "host"];

/** A way in is made for services; Grafana goes by it, under a host for which there are a record and a certificate. */
export const grafanaReached: Check = (settings, context, found) => {
  const { monitoring, services, domain, gateway } = settings;
  if (monitoring.mode !== "inCluster" || monitoring.grafana.host === undefined) return;
  const said = monitoring.grafana.host;
  const routed = Object.entries(services).flatMap(([service, one]) =>
    runsHere(one) ? one.routes.map((route) => ({ service, route })) : [],
  );
  if (routed.length === 0) {
    const what = `${said}, and there is no gateway: no service has routes`;
    return found.problem(host, what, "no host, or a service with routes", remove(context, host));
  }
  if (domain.mode === "none") {
    const what = `${said}, and the stack has no domain, so nobody would find it`;
    return found.problem(host, what, "no host, or a domain", remove(context, host));
  }
  const inDomain = said.endsWith(`.${domain.name}`);
  if (!inDomain && said !== domain.name && gateway.tls.secret === undefined)
    return found.problem(
      host,
      `${said} is outside of the domain ${domain.name}, for which alone there is a certificate`,
      `a host under ${domain.name}, or a certificate of your own in gateway.tls.secret`,
      set(context, host, `grafana.${domain.name}`),
    );
  const holder = routed.find(({ route }) => (route.host ?? domain.name) === said);
  if (holder !== undefined)
    found.problem(
      host,
      `${said} is where a route of services.${holder.service} is`,
      "a host of its own",
      set(context, host, `grafana.${domain.name}`),
    );
};

/** The Grafana that exists takes dashboards from whom it knows. */
export const grafanaAnswers: Check = ({ monitoring }, context, found) => {
  if (monitoring.mode !== "existing") return;
  const { grafanaUrl, grafanaToken } = monitoring;
  const url: Path = ["monitoring", "grafanaUrl"];
  const token: Path = ["monitoring", "grafanaToken"];
  if (grafanaUrl !== undefined && grafanaToken === undefined)
    found.problem(
      url,
      `${grafanaUrl}, and no token by which it takes dashboards`,
      "grafanaToken too: the secret with a service account's token",
      set(context, token, "GRAFANA_TOKEN"),
    );
  if (grafanaUrl === undefined && grafanaToken !== undefined)
    found.problem(
      token,
      `${grafanaToken}, and no Grafana that it is for`,
      "grafanaUrl too, or no token",
      remove(context, token),
    );
};
