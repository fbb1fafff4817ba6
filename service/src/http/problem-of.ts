import { ObjectAway } from "../objects/store.js";
import { DatabaseAway, StatementTimeout } from "../storage/database.js";
import type { Telemetry } from "../telemetry/telemetry.js";
import { Problem } from "./problem.js";

/** What was thrown, as the caller is told it; what the caller is not told goes to the log. */
export function problemOf(error: unknown, { log, captureError }: Telemetry): Problem {
  const problem = told(error);
  const { cause } = problem.details;
  if (problem.code === "internal") captureError(error);
  else if (cause !== undefined) log.warn({ err: cause, code: problem.code }, problem.detail);
  return problem;
}

function told(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DatabaseAway || error instanceof ObjectAway)
    return new Problem("unavailable", "something that the service needs is away for now", {
      retryAfter: 2,
      cause: error,
    });
  if (error instanceof StatementTimeout)
    return new Problem("deadline", "the database took too long for this", { cause: error });
  if (error instanceof URIError) return new Problem("malformed", "the path has a broken %-escape");
  return new Problem("internal", "the service failed; its log has the details under this requestId", { cause: error });
}
