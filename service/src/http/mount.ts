import { pipeline } from "node:stream/promises";
import type { Request, RequestHandler, Response } from "express";
import { writeAudit } from "../audit.js";
import { addressList } from "../auth/addresses.js";
import { demandRight, demandStarted, known, takeOne } from "../auth/admit.js";
import { credentialIn } from "../auth/authenticate.js";
import type { Principal } from "../auth/principal.js";
import type { Services } from "../services.js";
import { hasBody, jsonReader } from "./body.js";
import { CallTime } from "./call-time.js";
import { ClientGone } from "./client-gone.js";
import { headersOfLimit, limitKeyOf, limitKeyOfCaller } from "./limits.js";
import { Problem } from "./problem.js";
import type { Call, Reply, Route } from "./route.js";
import { validate } from "./validate.js";

/** What Express runs for a route: admit, know the caller, limit, read, validate, handle within the deadline, answer. */
export function handlerOf(route: Route, services: Services): RequestHandler {
  const { env, modes, lifecycle } = services;
  const readJson = jsonReader(env[route.bodyLimit ?? "BODY_LIMIT"]);
  const admins = addressList(env.ADMIN_ALLOWED_ADDRESSES);
  const schema = new Map(Object.entries(route.out).map(([status, { body }]) => [Number(status), body]));

  return async (request, response) => {
    const { address } = response.locals;
    const time = new CallTime(route.deadline === "own" ? undefined : env.REQUEST_TIMEOUT);
    response.locals.over = () => {
      if (!response.writableFinished) time.stop(new ClientGone());
    };
    try {
      const probe = route.limit === "none";
      if (!probe) {
        demandStarted(lifecycle);
        modes.admit(route);
      }
      const principal =
        route.role === "open"
          ? undefined
          : await known(services.authenticator.authenticate(credentialIn(request.headers)), address, services);
      response.locals.principal = principal;
      if (!probe) await limit(route, services, principal, address, response);
      if (principal !== undefined) authorise(route, principal, address, admins);
      const input = validate(route.in, {
        params: request.params,
        query: request.query,
        headers: request.headers,
        body: route.in.body === undefined ? undefined : await readJson(request, response),
      });
      const call = callOf(route, services, request, response, principal, time);
      const reply = await time.within(route.handler(input, call));
      await answer(route, reply, response, schema.get(reply.status), env.REQUEST_TIMEOUT);
    } finally {
      time.end();
      // What was not read of a refused body would be taken for the next request of the connection.
      if (!request.complete && hasBody(request) && !response.headersSent) response.set("Connection", "close");
    }
  };
}

/** The address's limit and the caller's; the answer shows the one that is nearer to its end. */
async function limit(
  route: Route,
  services: Services,
  principal: Principal | undefined,
  address: string,
  response: Response,
): Promise<void> {
  const taken = [await takeOne("global", limitKeyOf(address), services)];
  if (principal !== undefined && route.limit !== "global" && route.limit !== "none") {
    taken.push(await takeOne(route.limit, limitKeyOfCaller(principal), services));
    // How many tokens a call takes is known only when it is over: whoever has none left waits.
    if (route.limit === "ai") taken.push(await takeOne("tokens", limitKeyOfCaller(principal), services, 0));
  }
  const [nearest] = taken.filter((one) => one !== undefined).sort((one, other) => one.remaining - other.remaining);
  if (nearest !== undefined) response.set(headersOfLimit(nearest));
}

function authorise(route: Route, principal: Principal, address: string, admins: (address: string) => boolean): void {
  if (route.role === "open") return;
  if (route.face === "admin" && !admins(address))
    throw new Problem("forbidden", "administration is not open to this address");
  demandRight(principal, route.role, scopeOf(route));
}

/** `templates:read`, `api-keys:write`. */
export const scopeOf = ({ id, mode }: Pick<Route, "id" | "mode">): string =>
  `${id.split(".")[0]}:${mode === "read" ? "read" : "write"}`;

function callOf(
  route: Route,
  services: Services,
  request: Request,
  response: Response,
  principal: Principal | undefined,
  time: CallTime,
): Call {
  const { locals } = response;
  const { address, requestId: id } = locals;
  return {
    id,
    services,
    get principal(): Principal {
      if (principal === undefined) throw new Error(`${route.id} is open: it has no caller`);
      return principal;
    },
    address,
    get signal() {
      return time.signal;
    },
    bytes: request,
    contentType: request.headers["content-type"],
    contentLength: lengthOf(request),
    contentEncoding: request.headers["content-encoding"],
    brokeOff(problem) {
      locals.problem = problem;
    },
    change({ target, detail = {}, work }) {
      return services.database.transaction(async (transaction) => {
        const result = await work(transaction);
        await writeAudit(transaction, {
          tenant: this.principal.tenant,
          principal: this.principal.id,
          address,
          action: route.id,
          target: target,
          detail,
          requestId: id,
        });
        return result;
      });
    },
  };
}

/** Node refuses what is no number, and a length beside chunks. */
const lengthOf = ({ headers: { "content-length": length } }: Request): number | undefined =>
  length === undefined ? undefined : Number(length);

async function answer(
  route: Route,
  reply: Reply,
  response: Response,
  schema: NonNullable<Route["out"][number]["body"]> | undefined,
  patienceMs: number,
): Promise<void> {
  if (!(reply.status in route.out))
    throw new Error(`${route.id} answered ${reply.status}, which its row does not list`);
  response.statusCode = reply.status;
  // Express's own `set` would add a character set to a type, and a file keeps the one that it came with.
  for (const [name, value] of Object.entries({ "Cache-Control": "no-store", ...reply.headers }))
    response.setHeader(name, value);
  if (reply.stream !== undefined) {
    await pipeline(reply.stream, response);
    return;
  }
  if (reply.pieces !== undefined) {
    await sendPieces(reply.pieces, response, patienceMs);
    return;
  }
  // The row's schema has the last word: what it does not list does not leave, a column with a hash least of all.
  if (schema !== undefined) sendJson(schema.parse(reply.body), response);
  else if (reply.body === undefined) response.end();
  else response.send(reply.body);
}

/**
 * No faster than the caller reads, and no longer than it reads at all. `pipeline` knows no such limit, and makes an
 * AbortController and an error for each answer.
 */
async function sendPieces(pieces: AsyncIterable<string>, response: Response, patienceMs: number): Promise<void> {
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece) && !response.destroyed) await drained(response, patienceMs);
  }
  response.end();
}

const drained = (response: Response, patienceMs: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), patienceMs);
    const go = () => {
      clearTimeout(timer);
      response.off("drain", go).off("close", go);
      resolve();
    };
    response.on("drain", go).on("close", go);
  });

/** As Express would, who finds out anew for each answer what is known here. */
function sendJson(value: unknown, response: Response): void {
  // Whoever has this version already is told so.
  if (response.hasHeader("ETag")) {
    response.json(value);
    return;
  }
  const text = JSON.stringify(value);
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  response.setHeader("Content-Length", Buffer.byteLength(text));
  response.end(text);
}
