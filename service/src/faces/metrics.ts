import { Problem } from "../http/problem.js";
import { route } from "../http/route.js";

/** Prometheus scrapes the metrics port, which takes no key; this is for a person with one. */
export const metrics = [
  route({
    id: "metrics.read",
    face: "open",
    method: "get",
    path: "/metrics",
    summary: "Metrics as Prometheus reads them",
    role: "operator",
    limit: "none",
    mode: "read",
    in: {},
    out: { 200: { description: "Metrics", contentType: "text/plain" } },
    handler: async (_, { services: { env, telemetry } }) => {
      if (!env.PROMETHEUS_METRICS) throw new Problem("not_found", "metrics are switched off: PROMETHEUS_METRICS");
      const { contentType, body } = await telemetry.metrics.text();
      return { status: 200, headers: { "Content-Type": contentType }, body };
    },
  }),
];
