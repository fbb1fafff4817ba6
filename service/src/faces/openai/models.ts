import { z } from "zod";
import { Problem } from "../../http/problem.js";
import { route } from "../../http/route.js";
import { modelNames, nearestModels } from "../../models/plan.js";

const model = z.object({
  id: z.string(),
  object: z.literal("model"),
  created: z.int(),
  owned_by: z.string(),
});

/** Nobody knows when a route was made; the field is demanded, and says so. */
const shown = (id: string) => ({
  id,
  object: "model" as const,
  created: 0,
  owned_by: id.includes("/") ? (id.split("/", 1)[0] ?? id) : "agent-platform",
});

const read = { face: "models", method: "get", role: "viewer", limit: "api", mode: "read" } as const;

export const models = [
  route({
    ...read,
    id: "models.list",
    path: "/v1/models",
    summary: "What a call may name as its model",
    description: "`auto` and `route:NAME` choose among several and fail over; `PROVIDER/MODEL` is that one alone.",
    in: {},
    out: { 200: { description: "All of them", body: z.object({ object: z.literal("list"), data: z.array(model) }) } },
    handler: (
      _,
      {
        services: {
          models: { gateway },
        },
      },
    ) => ({
      status: 200,
      body: { object: "list", data: modelNames(gateway.catalog).map(shown) },
    }),
  }),
  route({
    ...read,
    id: "models.read",
    path: "/v1/models/{model}",
    summary: "Whether a call may name it",
    in: { params: z.strictObject({ model: z.string().max(256) }) },
    out: { 200: { description: "It may", body: model } },
    problems: ["model_not_found"],
    handler: (
      { params: { model: name } },
      {
        services: {
          models: { gateway },
        },
      },
    ) => {
      if (!modelNames(gateway.catalog).includes(name))
        throw new Problem("model_not_found", nearestModels(gateway.catalog, name));
      return { status: 200, body: shown(name) };
    },
  }),
];
