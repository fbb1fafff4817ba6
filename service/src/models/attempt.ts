import { scopes } from "../telemetry/scope.js";
import type { Telemetry } from "../telemetry/telemetry.js";
import type { Span } from "../telemetry/traces.js";
import type { Access } from "./adapter.js";
import type { Admission, BreakerOutcome, Breakers } from "./breakers.js";
import { keyOf, type Provider, type Target } from "./catalog.js";
import type { Usage } from "./chat.js";
import { AttemptEnding } from "./exchange.js";
import { type FailureKind, failureKinds, ProviderFailure } from "./failure.js";
import type { Health } from "./health.js";
import { Patience } from "./patience.js";
import type { Connections } from "./upstream.js";

export type Operation = "chat" | "embeddings";

/** What an attempt reports to when it ends. */
export interface Books {
  readonly telemetry: Telemetry;
  readonly breakers: Breakers;
  readonly health: Health;
}

/** How an attempt ended: one of these, once. */
export type Ending = "success" | "cancelled" | ProviderFailure;

/** Tokens of a call; `estimated` where the provider did not say. */
export interface Spent {
  readonly usage: Usage;
  readonly estimated: boolean;
}

/** One try at one provider's model: its time, its connection, its span, and its one entry in the books. */
export class Attempt {
  readonly access: Access;
  readonly patience: Patience;
  readonly began = performance.now();
  readonly #ending = new AttemptEnding();
  readonly #span: Span;
  #ended = false;

  constructor(
    readonly target: Target,
    readonly operation: Operation,
    private readonly admission: Extract<Admission, { admitted: true }>,
    private readonly books: Books,
    connections: Connections,
    /** Between two pieces of a whole answer; a stream's own tokens are waited for by whoever reads it. */
    gapMs: number | undefined,
  ) {
    this.patience = new Patience(() => this.abort(new ProviderFailure("timeout", "nothing came for too long")));
    const progress = gapMs === undefined ? {} : { progress: () => this.patience.wait(gapMs) };
    this.access = {
      upstream: connections.attempt({ ending: this.#ending, ...progress }),
      apiKey: target.provider.apiKey,
    };
    this.#span = spanOf(target, operation, books.telemetry);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Throws what the attempt was ended for, if it was. */
  demandTime(): void {
    if (this.#ending.aborted) throw this.#ending.reason;
  }

  abort(reason: unknown): void {
    this.#ending.abort(reason);
  }

  firstToken(): void {
    const { name } = this.target.provider;
    this.books.telemetry.metrics.llm_ttft_seconds.observe({ provider: name }, (performance.now() - this.began) / 1000);
  }

  /** The breaker hears how the stream ended, not how it began. */
  end(ending: Ending, spent?: Spent): void {
    if (this.#ended) return;
    this.#ended = true;
    this.patience.end();
    const { telemetry, breakers, health } = this.books;
    const { provider, model } = this.target;
    const failure = ending instanceof ProviderFailure ? ending : undefined;
    const { metrics, log } = telemetry;
    metrics.llm_attempts_total.inc({ provider: provider.name, outcome: failure?.kind ?? outcomeOf(ending) });
    // The breakers look after themselves when Redis does not answer.
    void breakers.record(keyOf(this.target), this.admission, breakerOutcomeOf(ending));
    if (ending !== "cancelled") health.seen(provider.name, failure?.kind, "calls");
    if (spent !== undefined) this.#count(spent);
    if (failure !== undefined) {
      const { kind, details } = failure;
      if (failureKinds[kind].breaker === "failure") metrics.ai_failures_total.inc({ provider: provider.name });
      const fields = { provider: provider.name, model: model.name, failure: kind, status: details.status };
      if (kind === "credential") log.error({ ...fields, err: failure }, `${provider.name} refuses its key: replace it`);
      else log.warn({ ...fields, err: failure }, `${keyOf(this.target)} ${failureKinds[kind].says}`);
      this.#span.fail(kind);
    }
    this.#span.end();
  }

  #count({ usage, estimated }: Spent): void {
    const { metrics } = this.books.telemetry;
    const labels = { provider: this.target.provider.name, model: this.target.model.name };
    const { prompt_tokens: input, completion_tokens: output } = usage;
    metrics.llm_tokens_total.inc({ ...labels, direction: "input" }, input);
    metrics.llm_tokens_total.inc({ ...labels, direction: "output" }, output);
    if (estimated) metrics.llm_usage_estimated_total.inc({ provider: labels.provider });
    const { price } = this.target.model;
    if (price !== undefined)
      metrics.llm_cost_usd_total.inc(labels, (input * price.input + output * price.output) / 1_000_000);
    this.#span.set({ "gen_ai.usage.input_tokens": input, "gen_ai.usage.output_tokens": output });
  }
}

const outcomeOf = (ending: "success" | "cancelled" | ProviderFailure): FailureKind | "success" | "cancelled" =>
  typeof ending === "string" ? ending : ending.kind;

function breakerOutcomeOf(ending: Ending): BreakerOutcome {
  if (ending === "success") return { outcome: "success" };
  if (ending === "cancelled") return { outcome: "none" };
  const { breaker } = failureKinds[ending.kind];
  return breaker === "limited" ? { outcome: breaker, forMs: ending.details.retryAfterMs } : { outcome: breaker };
}

/** OpenTelemetry's names for it (GenAI conventions). What was said is in none of them. */
function spanOf({ provider, model }: Target, operation: Operation, { tracer }: Telemetry): Span {
  const parent = scopes.getStore()?.trace;
  return tracer.start(`${operation} ${model.name}`, {
    kind: "client",
    parent,
    attributes: {
      "gen_ai.operation.name": operation,
      "gen_ai.provider.name": provider.kind,
      "gen_ai.request.model": model.name,
      "agent_platform.provider": provider.name,
      ...addressOf(provider),
    },
  });
}

function addressOf({ baseUrl }: Provider): Readonly<Record<string, string | number>> {
  if (baseUrl === "") return {};
  const { hostname, port, protocol } = new URL(baseUrl);
  return { "server.address": hostname, "server.port": Number(port || (protocol === "https:" ? 443 : 80)) };
}
