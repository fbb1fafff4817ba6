import { z } from "zod";
import { parseJson } from "../http/body.js";
import type { Fault, Problem, ProblemCode } from "../http/problem.js";
import { line } from "../http/text.js";
import { validateOne } from "../http/validate.js";

/** What goes over a socket: JSON texts that ask with {id, method, params}, and answer with {id, result} or {id, error}. */
const frame = z.strictObject(
  {
    id: z.union([line({ min: 1, max: 128 }), z.int()], {
      error: "expected a text of 1 to 128 characters, or a whole number",
    }),
    method: line({ min: 1, max: 64 }),
    params: z.record(z.string(), z.unknown(), { error: "expected an object" }).default({}),
  },
  { error: ({ code }) => (code === "invalid_type" ? "expected an object {id, method, params}" : undefined) },
);
export type Frame = z.output<typeof frame>;

export const readFrame = (bytes: Uint8Array): Frame => validateOne(frame, parseJson(bytes, "the frame"));

export interface ErrorBody {
  readonly code: ProblemCode;
  readonly message: string;
  readonly errors: readonly Fault[];
  readonly requestId: string;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** A small frame can have very many faults; the answer to it stays small too. */
const MAX_FAULTS = 20;

export const errorBodyOf = ({ code, detail, details }: Problem, requestId: string): ErrorBody => ({
  code,
  message: detail,
  errors: (details.errors ?? []).slice(0, MAX_FAULTS),
  requestId,
  ...(details.retryAfter === undefined ? {} : { retryAfter: details.retryAfter }),
});
