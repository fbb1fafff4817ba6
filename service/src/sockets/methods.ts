import { z } from "zod";
import { demandRight } from "../auth/admit.js";
import type { CallerRole, Principal } from "../auth/principal.js";
import { Problem } from "../http/problem.js";
import type { Route } from "../http/route.js";
import { validateOne } from "../http/validate.js";
import type { Services } from "../services.js";
import type { Frame } from "./frames.js";

/** One frame's call: who, from where, and what it may use. */
export interface SocketCall {
  readonly services: Services;
  readonly principal: Principal;
  readonly address: string;
}

/** What a frame may ask for, with the same decisions that a route has. */
export interface Method {
  readonly role: CallerRole;
  readonly scope: string;
  readonly mode: Route["mode"];
  readonly run: (params: unknown, call: SocketCall) => Promise<unknown> | unknown;
}

interface Row<Params extends z.ZodObject> extends Omit<Method, "run"> {
  readonly params: Params;
  readonly handler: (params: z.output<Params>, call: SocketCall) => Promise<unknown> | unknown;
}

const method = <Params extends z.ZodObject>({ params, handler, ...row }: Row<Params>): Method => ({
  ...row,
  run: (given, call) => handler(validateOne(params, given, ["params"]), call),
});

/** What whoever opens a socket must be allowed. */
export const opening = { role: "viewer", scope: "sockets:read", mode: "read" } as const;

/** A map, so that `constructor` is no method. */
export const methods: ReadonlyMap<string, Method> = new Map([
  [
    "ping",
    method({
      ...opening,
      params: z.strictObject({}),
      handler: () => ({ pong: true, at: new Date().toISOString() }),
    }),
  ],
]);

/** What a frame asks for: found, admitted, allowed, done. */
export async function runFrame({ method: name, params }: Frame, call: SocketCall): Promise<unknown> {
  const found = methods.get(name);
  if (found === undefined)
    throw new Problem("not_found", `there is no method '${name}'; there is ${[...methods.keys()].join(", ")}`);
  call.services.modes.admit({ face: "sockets", mode: found.mode });
  demandRight(call.principal, found.role, found.scope);
  return found.run(params, call);
}
