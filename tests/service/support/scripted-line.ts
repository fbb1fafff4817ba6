import { loadEnv } from "../../../service/src/env.js";
import type { Adapter } from "../../../service/src/models/adapter.js";
import { LocalBreakers } from "../../../service/src/models/breakers.js";
import type { Caller } from "../../../service/src/models/call.js";
import type { ChatEvent, ChatRequest, Completion } from "../../../service/src/models/chat.js";
import { type FailureKind, ProviderFailure } from "../../../service/src/models/failure.js";
import { Gateway } from "../../../service/src/models/gateway.js";
import { Health } from "../../../service/src/models/health.js";
import { RetryBudget } from "../../../service/src/models/retry-budget.js";
import { connectTo } from "../../../service/src/models/upstream.js";
import { createTelemetry } from "../../../service/src/telemetry/telemetry.js";

/** What a provider does with one attempt. `after` is how many tokens it gives before. */
export type Play =
  | { readonly does: "answer" }
  | { readonly does: "fail"; readonly kind: FailureKind; readonly after: number; readonly retryAfterMs?: number }
  | { readonly does: "end"; readonly after: number }
  | { readonly does: "hang up"; readonly after: number };

export const WHOLE = ["a", "b", "c"] as const;

export interface Asked {
  /** `p1/m1`, in the order of the attempts. */
  readonly attempts: readonly string[];
  /** Milliseconds that were waited before retries; no time passes. */
  readonly waits: readonly number[];
  readonly spent: readonly number[];
  /** How attempts ended, as the metric has it. */
  outcomes(): Promise<Readonly<Record<string, number>>>;
}

export interface TestGateway extends Asked {
  readonly gateway: Gateway;
  readonly caller: Caller;
}

const text = (choice: number, content: string): ChatEvent => ({ type: "delta", choice, delta: { content } });

/** The real gateway over providers that play what they are told, attempt for attempt, in no time at all. */
export async function playGateway(config: object, plays: readonly Play[], random = () => 0.5): Promise<TestGateway> {
  const env = loadEnv({ NODE_ENV: "test", AI_PROVIDERS_CONFIG: JSON.stringify(config) });
  const telemetry = await createTelemetry(env, { destination: { write: () => {} } });
  const attempts: string[] = [];
  const waits: number[] = [];
  const spent: number[] = [];
  const client = new AbortController();

  const adapterOf = (provider: string): Adapter => {
    const next = (model: string): Play => {
      attempts.push(`${provider}/${model}`);
      return plays[attempts.length - 1] ?? { does: "answer" };
    };
    const end = (play: Play): void => {
      if (play.does === "fail") {
        const { kind, retryAfterMs } = play;
        throw new ProviderFailure(kind, `plays ${kind}`, { retryAfterMs });
      }
      if (play.does !== "hang up") return;
      client.abort(new Error("hung up"));
      client.signal.throwIfAborted();
    };
    return {
      async chat(_request: ChatRequest, model: string): Promise<Completion> {
        const play = next(model);
        end(play);
        if (play.does === "end") throw new ProviderFailure("cut", "plays an end");
        return {
          choices: [{ index: 0, message: { role: "assistant", content: WHOLE.join("") }, finish_reason: "stop" }],
          usage: undefined,
        };
      },
      async *stream(_request: ChatRequest, model: string): AsyncGenerator<readonly ChatEvent[]> {
        const play = next(model);
        yield [];
        for (const token of WHOLE.slice(0, play.does === "answer" ? WHOLE.length : play.after)) yield [text(0, token)];
        end(play);
        if (play.does === "answer") yield [{ type: "finish", choice: 0, reason: "stop" }];
      },
      embed: async (_request, model) => {
        end(next(model));
        return { vectors: [[1, 0]], tokens: undefined };
      },
      probe: async () => {},
    };
  };

  const catalog = env.models;
  const gateway = new Gateway({
    catalog,
    telemetry,
    breakers: new LocalBreakers(catalog.breaker, () => 0),
    health: new Health(catalog.providers, () => {}),
    retries: new RetryBudget(catalog.retries, () => 0),
    lines: new Map(
      catalog.providers.map(({ name }) => [
        name,
        { adapter: adapterOf(name), connections: connectTo({ baseUrl: "http://127.0.0.1:1", publicOnly: false }) },
      ]),
    ),
    random,
    pause: async (ms, signal) => {
      waits.push(ms);
      signal.throwIfAborted();
    },
  });
  return {
    gateway,
    caller: { signal: client.signal, spent: (tokens) => void spent.push(tokens) },
    attempts,
    waits,
    spent,
    async outcomes() {
      const { body } = await telemetry.metrics.text();
      const found: Record<string, number> = {};
      for (const [, outcome = "", count] of body.matchAll(/^llm_attempts_total\{.*outcome="(\w+)".*\} (\d+)$/gm))
        if (count !== "0") found[outcome] = (found[outcome] ?? 0) + Number(count);
      return found;
    },
  };
}

export const providersOf = (names: readonly string[], more: object = {}): object => ({
  providers: names.map((name) => ({ name, kind: "ollama", baseUrl: "http://127.0.0.1:1", models: ["m1"] })),
  ...more,
});

export const question = (more: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "auto",
  messages: [{ role: "user", content: "x" }],
  ...more,
});

/** What a reader gets of a stream: its text, whether it was finished, and the code of the fault that ended it. */
export async function readStream(events: AsyncIterable<readonly ChatEvent[]>) {
  let content = "";
  let finished = false;
  try {
    for await (const batch of events)
      for (const event of batch) {
        if (event.type === "delta") content += event.delta.content ?? "";
        if (event.type === "finish") finished = true;
      }
    return { content, finished, fault: undefined };
  } catch (error) {
    return { content, finished, fault: error };
  }
}
