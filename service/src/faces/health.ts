import { z } from "zod";
import { route } from "../http/route.js";
import { modeNames } from "../modes.js";

const dependency = z.object({
  name: z.string(),
  policy: z.enum(["required", "helpful"]),
  status: z.enum(["up", "down"]),
  since: z.string(),
  reason: z.string().nullable(),
});
const readiness = z.object({
  status: z.enum(["ready", "degraded", "not_ready"]),
  reason: z.string().nullable(),
  modes: z.array(z.enum(modeNames)),
  dependencies: z.array(dependency),
});
const startup = z.object({ status: z.enum(["started", "starting"]), reason: z.string().nullable() });

const probe = { face: "open", method: "get", role: "open", limit: "none", mode: "read", in: {} } as const;

export const health = [
  route({
    ...probe,
    id: "health.live",
    path: "/health",
    summary: "The process answers",
    out: {
      200: {
        description: "It does",
        body: z.object({ status: z.literal("ok"), version: z.string(), uptimeSeconds: z.number() }),
      },
    },
    handler: (_, { services }) => ({
      status: 200,
      body: { status: "ok", version: services.version, uptimeSeconds: Math.floor(process.uptime()) },
    }),
  }),
  route({
    ...probe,
    id: "health.ready",
    path: "/health/ready",
    summary: "Calls can be sent here",
    description: "Degraded is 200 and says what is away and since when; without what is required it is 503.",
    out: {
      200: { description: "Ready, or degraded", body: readiness },
      503: { description: "Starting, shutting down, or without what is required", body: readiness },
    },
    handler: async (_, { services: { readiness: ready, modes } }) => {
      const state = await ready.state();
      const body = { ...state, modes: modeNames.filter((name) => modes.all[name].enabled) };
      return state.status === "not_ready"
        ? { status: 503, headers: { "Retry-After": "2" }, body }
        : { status: 200, body };
    },
  }),
  route({
    ...probe,
    id: "health.startup",
    path: "/health/startup",
    summary: "Settings, key ring and the database's schema are as this version needs them",
    out: {
      200: { description: "They are", body: startup },
      503: { description: "Not yet", body: startup },
    },
    handler: (_, { services: { lifecycle } }) =>
      lifecycle.phase === "starting"
        ? {
            status: 503,
            headers: { "Retry-After": "2" },
            body: { status: "starting", reason: `waits for ${lifecycle.waitsFor}` },
          }
        : { status: 200, body: { status: "started", reason: null } },
  }),
];
