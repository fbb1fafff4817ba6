import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { callerAddress } from "../auth/addresses.js";
import { demandRight, demandStarted, known, takeOne } from "../auth/admit.js";
import { credentialIn } from "../auth/authenticate.js";
import type { Principal } from "../auth/principal.js";
import { limitKeyOf } from "../http/limits.js";
import { Problem } from "../http/problem.js";
import type { Services } from "../services.js";
import { opening } from "./methods.js";
import { redeemTicket } from "./tickets.js";

export const SOCKET_PATH = "/ws";
export const PROTOCOL = "agents.v1";

const pathOf = (request: IncomingMessage): string => request.url?.split("?", 1)[0] ?? "";

export const wantsSocket = (request: IncomingMessage): boolean =>
  pathOf(request) === SOCKET_PATH && request.headers.upgrade?.toLowerCase() === "websocket";

/**
 * Any other upgrade is not ours to make, and the request is answered as if it had asked for none (RFC 9110, 7.8): Java's
 * client offers h2c with every call. Node has taken the connection out of HTTP by now, so it goes back in from the
 * start, the request without the offer first; what of a body was read already follows it.
 */
export function declineUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.toLowerCase() !== "upgrade") lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  server.emit("connection", socket);
}

/** A client that asks for other protocols only would not understand a word. */
export function demandProtocol({ headers }: IncomingMessage): void {
  const offered = headers["sec-websocket-protocol"];
  if (offered === undefined || offered.split(",").some((one) => one.trim() === PROTOCOL)) return;
  throw new Problem(
    "malformed",
    `Sec-WebSocket-Protocol is '${offered.slice(0, 100)}'; expected ${PROTOCOL} among them`,
  );
}

export interface Caller {
  readonly principal: Principal;
  readonly address: string;
}

/** Who opens a socket, if that may be now. */
export async function admitUpgrade(request: IncomingMessage, services: Services): Promise<Caller> {
  const { env, lifecycle, modes } = services;
  // First, so that no foreign page uses up a ticket.
  demandOrigin(request, env.ALLOWED_ORIGINS);
  demandStarted(lifecycle);
  modes.admit({ face: "sockets", mode: opening.mode });
  const address = callerAddress(request, env.TRUST_PROXY);
  const principal = await known(principalOf(request, services), address, services);
  await takeOne("global", limitKeyOf(address), services);
  demandRight(principal, opening.role, opening.scope);
  return { principal, address };
}

/** Browsers always say whose page it is, and no CORS stands before a socket. What is no browser needs to say nothing. */
function demandOrigin({ headers }: IncomingMessage, allowed: readonly string[]): void {
  const { origin, host } = headers;
  if (origin === undefined || allowed.includes("*") || allowed.includes(origin)) return;
  // The service's own pages. The scheme is not compared: TLS may end in front of the service.
  if (URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()) return;
  throw new Problem("forbidden", "the Origin header names none of ALLOWED_ORIGINS");
}

/** Of a ticket in the URL, or of a key or token in a header: never of a key in the URL, which logs would keep. */
async function principalOf(request: IncomingMessage, { authenticator, database }: Services): Promise<Principal> {
  const query = request.url?.slice(SOCKET_PATH.length);
  const ticket = new URLSearchParams(query).get("token");
  if (ticket === null) return authenticator.authenticate(credentialIn(request.headers));
  const principal = await redeemTicket(database, ticket);
  if (principal !== undefined && (await authenticator.holds(principal))) return principal;
  throw new Problem(
    "unauthenticated",
    "the ticket is not valid, expired or used: POST /api/v1/ws-tickets gives a new one",
  );
}
