/**
 * Every error that a caller can get, once: its status, and what its page at /errors/{code} says. The body is
 * problem+json (RFC 9457) and carries OpenAI's `error` too, so that either kind of client understands it.
 */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** OpenAI's word for the kind. */
  readonly type: string;
  /** What it means and what to do, for a person. */
  readonly help: string;
  /** The same call may succeed later by itself. */
  readonly retry?: true;
}

const invalid = "invalid_request_error";

export const problems = {
  malformed: {
    status: 400,
    title: "The request can't be read",
    type: invalid,
    help: "The body is not what its Content-Type says, or a header or the path is broken. Send valid JSON in UTF-8.",
  },
  unauthenticated: {
    status: 401,
    title: "A valid credential is needed",
    type: "authentication_error",
    help: "Send `Authorization: Bearer KEY` or `X-API-Key: KEY`. The key may be wrong, expired or revoked: the answer is the same on purpose.",
  },
  forbidden: {
    status: 403,
    title: "The credential may not do this",
    type: "permission_error",
    help: "The key's role or scopes do not include this call, or the call comes from an address that is not on the list of admin addresses.",
  },
  not_found: {
    status: 404,
    title: "There is no such thing",
    type: invalid,
    help: "The path or the id is wrong, or what it names was deleted or belongs to somebody else.",
  },
  model_not_found: {
    status: 404,
    title: "There is no such model",
    type: invalid,
    help: "`GET /v1/models` lists what may be named: `auto`, `route:NAME`, `PROVIDER/MODEL`. The detail names the nearest.",
  },
  method_not_allowed: {
    status: 405,
    title: "The path does not take this method",
    type: invalid,
    help: "The `Allow` header lists the methods that it takes.",
  },
  conflict: {
    status: 409,
    title: "It clashes with what is there",
    type: invalid,
    help: "Something with this name exists, or it changed in the meantime. Read it again and decide.",
  },
  precondition_failed: {
    status: 412,
    title: "It changed in the meantime",
    type: invalid,
    help: "`If-Match` names another version than the one that is there. Read it again, apply the change to that, and send its ETag.",
  },
  too_large: {
    status: 413,
    title: "The body is too large",
    type: invalid,
    help: "The detail says how large it may be. Larger files go to /api/v1/objects, up to its own limit.",
  },
  unsupported_media_type: {
    status: 415,
    title: "The body's type is not taken here",
    type: invalid,
    help: "The detail says which Content-Type is expected.",
  },
  invalid: {
    status: 422,
    title: "The values are not valid",
    type: invalid,
    help: "`errors` lists every problem, each with a JSON pointer to the value and what was expected.",
  },
  model_unable: {
    status: 422,
    title: "No model can do this",
    type: invalid,
    help: "The call needs what no model of this name has, such as images or tools. The detail says what is lacking where.",
  },
  provider_refused: {
    status: 400,
    title: "The model's provider refuses the request",
    type: invalid,
    help: "The provider says that the request is wrong; the detail has its words. Another provider was not asked: it would get the same request.",
  },
  content_filter: {
    status: 400,
    title: "The model's provider refuses the content",
    type: invalid,
    help: "The provider's filter stopped the request. The detail has its words.",
  },
  context_length_exceeded: {
    status: 400,
    title: "The request is longer than any model's window",
    type: invalid,
    help: "Every model of this name has too small a context window. Send less, or name a model with a larger one.",
  },
  header_too_large: {
    status: 431,
    title: "The headers are too large",
    type: invalid,
    help: "All headers together may be 16 KiB.",
  },
  rate_limited: {
    status: 429,
    title: "Too many calls",
    type: "rate_limit_error",
    help: "`Retry-After` says how many seconds to wait; the `RateLimit` headers say what is left.",
    retry: true,
  },
  provider_limited: {
    status: 429,
    title: "The model's providers limit their callers",
    type: "rate_limit_error",
    help: "Every provider that could answer has too many calls. `Retry-After` says when the first of them takes calls again.",
    retry: true,
  },
  internal: {
    status: 500,
    title: "The service failed",
    type: "server_error",
    help: "This is a fault of the service. Its log has the details under the `requestId` of the answer.",
  },
  read_only: {
    status: 503,
    title: "The service is read-only",
    type: "server_error",
    help: "Writes are refused for now; reads work. Try again after `Retry-After`.",
    retry: true,
  },
  maintenance: {
    status: 503,
    title: "The service is in maintenance",
    type: "server_error",
    help: "Everything but health, metrics and administration is refused for now. Try again after `Retry-After`.",
    retry: true,
  },
  unavailable: {
    status: 503,
    title: "The service can't answer now",
    type: "server_error",
    help: "It is starting, or something that it needs is away: /health/ready says what. Try again after `Retry-After`.",
    retry: true,
  },
  providers_unavailable: {
    status: 503,
    title: "No model's provider answers",
    type: "server_error",
    help: "Every provider that could answer failed, or did so often enough to be left alone for a while. The detail says which did what; try again after `Retry-After`.",
    retry: true,
  },
  stream_interrupted: {
    status: 502,
    title: "The stream broke off",
    type: "server_error",
    help: "It comes as the last frame of a stream that had begun with 200: what came before is not the whole answer, and must not be taken for it. Call again from the start.",
    retry: true,
  },
  deadline: {
    status: 504,
    title: "The answer took too long",
    type: "timeout_error",
    help: "The call was not finished within the deadline and was ended.",
    retry: true,
  },
} as const satisfies Readonly<Record<string, ProblemKind>>;

export type ProblemCode = keyof typeof problems;

/** One thing that is wrong with the input: where (a JSON pointer such as `/body/name`) and what. */
export interface Fault {
  readonly pointer: string;
  readonly message: string;
}

export interface ProblemDetails {
  readonly errors?: readonly Fault[];
  /** Seconds; what may be retried always gets one. */
  readonly retryAfter?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** Thrown by whatever finds it; one handler turns it into the answer. `detail` is for the caller: nothing secret. */
export class Problem extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly details: ProblemDetails = {},
  ) {
    super(detail, { cause: details.cause });
    this.name = "Problem";
  }
}

/** All faults of an input as one problem; its sentence is the first one's. */
export function invalidInput(faults: readonly Fault[]): Problem {
  const [first] = faults;
  const where = first?.pointer === "" ? "" : `${first?.pointer}: `;
  const more = faults.length === 1 ? "" : ` (and ${faults.length - 1} more)`;
  return new Problem("invalid", `${where}${first?.message}${more}`, { errors: faults });
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly requestId: string;
  readonly errors: readonly Fault[];
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: ProblemCode;
  };
}

export function bodyOf({ code, detail, details }: Problem, requestId: string): ProblemBody {
  const { status, title, type } = problems[code];
  const errors = details.errors ?? [];
  const param = errors[0]?.pointer ?? null;
  return {
    type: `/errors/${code}`,
    title,
    status,
    detail,
    code,
    requestId,
    errors,
    error: { message: detail, type, param, code },
  };
}

export function headersOf({ code, details }: Problem): Readonly<Record<string, string>> {
  const kind: ProblemKind = problems[code];
  return {
    ...(kind.retry ? { "Retry-After": String(details.retryAfter ?? 1) } : { "x-should-retry": "false" }),
    ...details.headers,
  };
}
