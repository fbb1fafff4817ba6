import { z } from "zod";
import type { Adapter } from "../adapter.js";
import { type ChatEvent, type ChatRequest, type ToolCall, textOf, textsOf, type Usage, usageOf } from "../chat.js";
import { DEFAULT_DIMENSIONS, embed, MAX_DIMENSIONS } from "../embedder.js";
import { ProviderFailure } from "../failure.js";

const reply = z
  .strictObject({
    /** A part of the last user's message; without it the reply is for all. */
    when: z.string().optional(),
    say: z.string().optional(),
    call: z
      .strictObject({ name: z.string().min(1, { error: "is empty" }), arguments: z.record(z.string(), z.unknown()) })
      .optional(),
  })
  .refine(({ say, call }) => say !== undefined || call !== undefined, { error: "expected say, call or both" });

export const scriptSchema = z.strictObject({ replies: z.array(reply).readonly().optional() }).readonly();
export type Script = z.output<typeof scriptSchema>;

/** A model that says what it was told to: it needs no network and no key, and the same call has the same answer. */
export const scriptedAdapter = (script: Script): Adapter => ({
  async chat(request) {
    const { content, calls, reason, usage } = answerTo(request, script);
    const message = { role: "assistant" as const, content, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
    return { choices: choicesOf(request).map((index) => ({ index, message, finish_reason: reason })), usage };
  },

  async *stream(request) {
    const { content, calls, reason, usage } = answerTo(request, script);
    const toAll = (event: (choice: number) => ChatEvent) => choicesOf(request).map(event);
    for (const word of (content ?? "").split(/(?<= )/).filter((piece) => piece !== ""))
      yield toAll((choice) => ({ type: "delta", choice, delta: { content: word } }));
    if (calls.length > 0) {
      const delta = { tool_calls: calls.map((call, index) => ({ index, ...call })) };
      yield toAll((choice) => ({ type: "delta", choice, delta }));
    }
    yield [...toAll((choice) => ({ type: "finish", choice, reason })), { type: "usage", usage }];
  },

  async embed(request) {
    const dimensions = request.dimensions ?? DEFAULT_DIMENSIONS;
    if (dimensions > MAX_DIMENSIONS)
      throw new ProviderFailure("unsupported", `dimensions: ${dimensions} is above ${MAX_DIMENSIONS}`);
    const texts = textsOf(request);
    return { vectors: texts.map((text) => embed(text, dimensions)), tokens: wordsIn(...texts) };
  },

  async probe() {},
});

const choicesOf = ({ n }: ChatRequest): readonly number[] => Array.from({ length: n ?? 1 }, (_, index) => index);

interface Answer {
  readonly content: string | null;
  readonly calls: readonly ToolCall[];
  readonly reason: string;
  readonly usage: Usage;
}

function answerTo(request: ChatRequest, script: Script): Answer {
  const { say, call } = replyTo(request, script);
  const json = (request.response_format?.type ?? "text") !== "text";
  const content = say === undefined ? null : json ? JSON.stringify({ answer: say }) : say;
  const calls = call === undefined ? [] : [callOf(call, request)];
  const written = wordsIn(content ?? "", ...calls.map((one) => `${one.function.name} ${one.function.arguments}`));
  const read = wordsIn(...request.messages.map((message) => textOf(message.content)));
  return {
    content,
    calls,
    reason: calls.length > 0 ? "tool_calls" : "stop",
    usage: usageOf(read, written * (request.n ?? 1)),
  };
}

type Reply = z.output<typeof reply>;

function replyTo(request: ChatRequest, { replies = [] }: Script): Reply {
  const { messages } = request;
  const last = messages.at(-1);
  if (last?.role === "tool") return { say: `The tool said: ${textOf(last.content)}` };
  const name = demandedTool(request);
  if (name !== undefined) return { call: { name, arguments: {} } };
  const asked = textOf(messages.findLast(({ role }) => role === "user")?.content);
  const found = replies.find(({ when }) => when === undefined || asked.includes(when));
  return found ?? { say: asked === "" ? "Hello." : `You said: ${asked}` };
}

function demandedTool({ tools, tool_choice: choice }: ChatRequest): string | undefined {
  const names = (tools ?? []).map((tool) => tool.function.name);
  if (choice === "required") return names[0];
  if (choice === undefined || choice === null || typeof choice === "string") return undefined;
  const { name } = choice.function;
  if (names.includes(name)) return name;
  throw new ProviderFailure("refused", `tool_choice.function.name: there is no tool '${name}' in tools`);
}

/** One of a kind in a conversation: the next answer has more messages before it. */
const callOf = (call: NonNullable<Reply["call"]>, { messages }: ChatRequest): ToolCall => ({
  id: `call_${messages.length}`,
  type: "function",
  function: { name: call.name, arguments: JSON.stringify(call.arguments) },
});

const wordsIn = (...texts: readonly string[]): number =>
  texts
    .join(" ")
    .split(/\s+/)
    .filter((word) => word !== "").length;
