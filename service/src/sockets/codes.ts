import type { ProblemCode } from "../http/problem.js";

/** How a socket ends: what https://www.iana.org/assignments/websocket/ lists, and own ones that read like HTTP's. */
export const closing = {
  notText: 1003,
  misbehaved: 1008,
  failed: 1011,
  restart: 1012,
  later: 1013,
  unauthenticated: 4401,
  forbidden: 4403,
  timeout: 4408,
  tooMany: 4429,
} as const;
export type CloseCode = (typeof closing)[keyof typeof closing];

const meanings: { readonly [Name in keyof typeof closing]: string } = {
  notText: "bytes instead of text",
  misbehaved: "too many frames in a row could not be read",
  failed: "the service failed",
  restart: "the service restarts: connect again",
  later: "starting, in maintenance, without its database, or frames are not read: try again later",
  unauthenticated: "the credential is not valid, or has ended",
  forbidden: "the origin, the role or the scopes do not allow it",
  timeout: "no sign of life, or the caller could not be known in time",
  tooMany: "too many sockets, frames or calls",
};
/** For people: `4401: the credential is ...`. */
export const closeCodes: readonly string[] = Object.entries(closing).map(
  ([name, code]) => `${code}: ${meanings[name as keyof typeof closing]}`,
);

/** What an upgrade is refused for, as a close code: the status of a refused upgrade is hidden from a page's script. */
const ofProblem: Partial<Record<ProblemCode, CloseCode>> = {
  unauthenticated: closing.unauthenticated,
  forbidden: closing.forbidden,
  deadline: closing.timeout,
  rate_limited: closing.tooMany,
  unavailable: closing.later,
  maintenance: closing.later,
  read_only: closing.later,
};
export const closeCodeOf = (code: ProblemCode): CloseCode => ofProblem[code] ?? closing.failed;

/** A close frame's reason has room for 123 bytes, and ws throws at more; a letter that is cut in two is left out. */
export const fitReason = (reason: string): string =>
  new TextDecoder().decode(Buffer.from(reason).subarray(0, 123), { stream: true });
