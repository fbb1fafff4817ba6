import assert from "node:assert/strict";
import type { Access, Adapter, Headers, UpstreamAnswer } from "../../../../service/src/models/adapter.js";
import { type ChatEvent, type ChatRequest, chatRequest } from "../../../../service/src/models/chat.js";
import { ProviderFailure } from "../../../../service/src/models/failure.js";

interface Play {
  readonly type?: string;
  /** A text, or pieces of one. */
  readonly body: string | readonly Uint8Array[];
  /** The body does not end by itself. */
  readonly endless?: boolean;
  /** `undefined`: the provider takes none. */
  readonly apiKey?: string | undefined;
}

interface Sent {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Headers;
  /** As it goes over the network. */
  readonly body?: unknown;
}

interface Played {
  readonly access: Access;
  readonly sent: readonly Sent[];
}

/** A provider that answers every call with 200 and the same body. */
export function playUpstream({ type = "application/json", body, endless = false, ...given }: Play): Played {
  const sent: Sent[] = [];
  const pieces = typeof body === "string" ? [Buffer.from(body)] : body;
  const answer: UpstreamAnswer = {
    status: 200,
    contentType: type,
    body: {
      async *[Symbol.asyncIterator]() {
        yield* pieces;
        if (endless) await new Promise(() => {});
      },
    },
    async json() {
      try {
        const value: unknown = JSON.parse(Buffer.concat(pieces).toString());
        if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
      } catch {}
      throw new ProviderFailure("malformed", "the answer is not a JSON object");
    },
  };
  return {
    sent,
    access: {
      apiKey: "apiKey" in given ? given.apiKey : "key-1",
      upstream: {
        async post(path, headers, content) {
          sent.push({ method: "POST", path, headers, body: JSON.parse(JSON.stringify(content)) });
          return answer;
        },
        async get(path, headers) {
          sent.push({ method: "GET", path, headers });
          return answer;
        },
      },
    },
  };
}

/** A request as the face hands it on. */
export const asking = (more: object = {}): ChatRequest =>
  chatRequest.parse({ model: "auto", messages: [{ role: "user", content: "Hi" }], ...more });

const said = (error: unknown): string => {
  assert.ok(error instanceof ProviderFailure, String(error));
  return `${error.kind}: ${error.message}`;
};

/** All events of a stream, and what it failed with. */
export async function streamOf(adapter: Adapter, play: Play, request = asking()) {
  const events: ChatEvent[] = [];
  try {
    for await (const some of adapter.stream(request, "m1", playUpstream(play).access)) events.push(...some);
  } catch (error) {
    return { events, failed: said(error) };
  }
  return { events, failed: undefined };
}

/** What is sent for a request; the answer to it does not matter. */
export async function bodyFor(adapter: Adapter, request: ChatRequest): Promise<unknown> {
  const { access, sent } = playUpstream({ body: "{}" });
  await assert.rejects(adapter.chat(request, "m1", access), { kind: "malformed" });
  return sent[0]?.body;
}

/** What a call fails with. */
export const failureOf = (work: Promise<unknown>): Promise<string> =>
  work.then(() => assert.fail("did not fail"), said);

export const text = (content: string, choice = 0): ChatEvent => ({ type: "delta", choice, delta: { content } });
export const finish = (reason: string, choice = 0): ChatEvent => ({ type: "finish", choice, reason });
