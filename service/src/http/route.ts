import type { Readable } from "node:stream";
import type { z } from "zod";
import type { CallerRole, Principal } from "../auth/principal.js";
import type { FaceName } from "../roles.js";
import type { Services } from "../services.js";
import type { Queryable } from "../storage/database.js";
import type { ProblemCode } from "./problem.js";

/**
 * One row of the API. Express, the OpenAPI document, validation and the role matrix of the tests are all made of it,
 * so that none of them can tell another story.
 */
export interface Route<Input extends RouteInput = RouteInput> {
  /** `templates.create`: names the operation in the document, in audit and in metrics. Its first word is its scope. */
  readonly id: string;
  readonly face: FaceName;
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** As in OpenAPI: `/api/v1/templates/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  /** Who may: everybody, or callers with at least this role. There is no default. */
  readonly role: "open" | CallerRole;
  /** `none` is for what probes and scrapers call. */
  readonly limit: LimitTier;
  /** Which modes refuse it: `write` is refused when read-only; `control` never, so that modes can be switched back. */
  readonly mode: "read" | "write" | "control";
  /** It ends by a deadline of its own, and not within `REQUEST_TIMEOUT`. */
  readonly deadline?: "own";
  /** Which setting bounds its body; `BODY_LIMIT` where it does not say. */
  readonly bodyLimit?: "AI_BODY_LIMIT";
  readonly in: Input;
  /** What succeeds: status and body. */
  readonly out: Readonly<Record<number, Answer>>;
  /** What else it may answer, beside what any route of its kind may. */
  readonly problems?: readonly ProblemCode[];
  readonly handler: (input: Parsed<Input>, call: Call) => Promise<Reply> | Reply;
}

export type LimitTier = "none" | "global" | "api" | "ai";

export interface RouteInput {
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  /** JSON. */
  readonly body?: z.ZodType;
  /** The body is bytes of any allowed type and comes as `call.bytes`. */
  readonly bytes?: true;
}

type Part<T> = T extends z.ZodType ? z.output<T> : undefined;
export interface Parsed<Input extends RouteInput> {
  readonly params: Part<Input["params"]>;
  readonly query: Part<Input["query"]>;
  readonly headers: Part<Input["headers"]>;
  readonly body: Part<Input["body"]>;
}

export interface Answer {
  readonly description: string;
  /** JSON; without it the body is empty, or of `contentType`. */
  readonly body?: z.ZodType;
  /** Beside a JSON body: what it is as a stream. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, unless it is text or a stream: then `Content-Type` is among the headers. */
  readonly body?: unknown;
  readonly stream?: Readable;
  /** Sent as it comes; `Content-Type` is among the headers. Whoever gives it hears of the caller's leaving by `signal`. */
  readonly pieces?: AsyncIterable<string>;
}

/** One call: who, from where, and what it may use. */
export interface Call {
  readonly id: string;
  readonly services: Services;
  /** The caller; an open route has none. */
  readonly principal: Principal;
  readonly address: string;
  /** Ends at the deadline, or when the client is gone. */
  readonly signal: AbortSignal;
  readonly bytes: Readable;
  readonly contentType: string | undefined;
  /** `undefined` where there is no body, or it comes in chunks, of a length that nobody knows yet. */
  readonly contentLength: number | undefined;
  readonly contentEncoding: string | undefined;
  /** What went wrong after the answer had begun: it is counted as this, and not as its 200. */
  brokeOff(problem: ProblemCode): void;
  /** A change: the work and its audit row are committed together, or neither is. */
  change<T>(about: Change<T>): Promise<T>;
}

export interface Change<T> {
  /** The id of what is acted on. */
  readonly target: string;
  /** What is worth keeping of it; nothing secret. */
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly work: (transaction: Queryable) => Promise<T>;
}

/** Keeps a route's own input types, which the table forgets. */
export const route = <const Input extends RouteInput>(row: Route<Input>): Route => row as unknown as Route;

/** What the compiler can't demand of a table: a row that nobody was named for, or that stands twice, does not boot. */
export function demandWhole(routes: readonly Route[]): void {
  const seen = new Set<string>();
  for (const row of routes) {
    if (row.role === undefined) throw new Error(`route ${row.id} has no role: say who may call it`);
    for (const key of [row.id, `${row.method} ${row.path}`]) {
      if (seen.has(key)) throw new Error(`route ${row.id}: '${key}' is there twice`);
      seen.add(key);
    }
  }
}
