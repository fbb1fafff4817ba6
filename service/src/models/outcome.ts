import { ClientGone } from "../http/client-gone.js";
import { Problem, type ProblemCode } from "../http/problem.js";
import { keyOf, type Target } from "./catalog.js";
import { type FailureKind, failureKinds, ProviderFailure } from "./failure.js";

/** What the caller is told when no provider answered. */

/** Why one target of the plan did not answer: its last failure, or why it was not asked. */
export type Result =
  | { readonly failure: ProviderFailure }
  | { readonly skipped: "credential" }
  | { readonly skipped: "breaker"; readonly limited: boolean; readonly retryAfterMs: number };

/** A provider's own words go to the caller where the request is at fault, and nowhere else. */
const MAX_QUOTE = 500;

const refusals: { readonly [K in FailureKind]?: ProblemCode } = {
  content_filter: "content_filter",
  context_length: "context_length_exceeded",
};

/** The request is at fault: no other provider is asked. */
export function refusal(target: Target, failure: ProviderFailure, attempts: number): Problem {
  const code = failure.details.status === 404 ? "model_not_found" : (refusals[failure.kind] ?? "provider_refused");
  return new Problem(code, `${keyOf(target)} ${failureKinds[failure.kind].says}: ${quoteOf(failure, target)}`, {
    headers: headersOf(attempts),
  });
}

/** `limitMs`: how long a provider is left alone that limits its callers and does not say for how long. */
export function exhausted(results: ReadonlyMap<Target, Result>, attempts: number, limitMs: number): Problem {
  const all = [...results];
  const every = (...kinds: readonly FailureKind[]) =>
    all.every(([, result]) => "failure" in result && kinds.includes(result.failure.kind));
  const detail = all.map(([target, result]) => `${keyOf(target)} ${saysOf(result)}`).join("; ");
  const headers = headersOf(attempts);
  if (every("unsupported")) return new Problem("model_unable", wordsOf(all), { headers });
  if (every("context_length", "unsupported"))
    return new Problem("context_length_exceeded", `no model has a window for this: ${wordsOf(all)}`, { headers });
  const limited = all.every(([, result]) => isLimited(result));
  return new Problem(limited ? "provider_limited" : "providers_unavailable", `no provider answered: ${detail}`, {
    headers,
    retryAfter: secondsUntilNext(
      all.map(([, result]) => result),
      limitMs,
    ),
  });
}

/** After the first token. Whoever hung up is told nothing. */
export function interruption(error: unknown, target: Target): unknown {
  if (error instanceof ClientGone) return error;
  const why = error instanceof Problem ? error.detail : `${keyOf(target)} ${saysOfError(error)}`;
  return new Problem("stream_interrupted", `the answer is not whole: ${why}`, { cause: error });
}

const saysOfError = (error: unknown): string =>
  error instanceof ProviderFailure ? failureKinds[error.kind].says : "could not be read on";

const isLimited = (result: Result): boolean =>
  "failure" in result ? result.failure.kind === "rate_limited" : result.skipped === "breaker" && result.limited;

function saysOf(result: Result): string {
  if ("failure" in result) return failureKinds[result.failure.kind].says;
  if (result.skipped === "credential") return failureKinds.credential.says;
  return result.limited ? failureKinds.rate_limited.says : "failed too often and is left alone for a while";
}

const wordsOf = (all: readonly (readonly [Target, Result])[]): string =>
  all
    .flatMap(([target, result]) =>
      "failure" in result ? [`${keyOf(target)}: ${quoteOf(result.failure, target)}`] : [],
    )
    .join("; ");

function quoteOf({ detail }: ProviderFailure, { provider: { apiKey } }: Target): string {
  const plain = apiKey === undefined ? detail : detail.replaceAll(apiKey, "[key]");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those characters are what this is about.
  const line = plain.replaceAll(/[\u0000-\u001f\u007f]+/g, " ");
  return line.length > MAX_QUOTE ? `${line.slice(0, MAX_QUOTE)}...` : line;
}

const headersOf = (attempts: number): Readonly<Record<string, string>> => ({ "x-attempts": String(attempts) });

/** When the first of them may be asked again. */
function secondsUntilNext(results: readonly Result[], limitMs: number): number {
  const waits = results.map((result) => {
    if ("failure" in result) return result.failure.details.retryAfterMs ?? (isLimited(result) ? limitMs : 0);
    return result.skipped === "breaker" ? result.retryAfterMs : Number.POSITIVE_INFINITY;
  });
  const soonest = Math.min(...waits);
  return Number.isFinite(soonest) ? Math.max(1, Math.ceil(soonest / 1000)) : 60;
}
