import { z } from "zod";
import {
  type Answer,
  brokenFrame,
  type ErrorName,
  type Said,
  type Speech,
  tokens,
  toolArguments,
  usage,
  wholeAnswer,
} from "./dialect.js";

const messageRequest = z.looseObject({
  model: z.string(),
  max_tokens: z.int(),
  stream: z.boolean().nullish(),
  tools: z.array(z.looseObject({ name: z.string() })).nullish(),
});
type MessageRequest = z.output<typeof messageRequest>;

const toolUse = (name: string, input: unknown) => ({
  type: "tool_use",
  id: "toolu_fake",
  caller: { type: "direct" },
  name,
  input,
});
const textBlock = (text: string) => ({ type: "text", text, citations: null });

/** Of the whole call so far; the beginning has said one token already. */
const usageSoFar = (output: number) => ({
  input_tokens: usage.input,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: output,
  output_tokens_details: null,
  server_tool_use: null,
});
const usageOf = (output: number) => ({
  ...usageSoFar(output),
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  inference_geo: null,
  service_tier: "standard",
  speed: null,
});

const stopOf = (reason: string | null) => ({
  stop_reason: reason,
  stop_sequence: null,
  stop_details: null,
  container: null,
});

const messageOf = (model: string, content: readonly unknown[], stop: string | null, used: object) => ({
  id: "msg_fake",
  type: "message",
  role: "assistant",
  model,
  content,
  ...stopOf(stop),
  diagnostics: null,
  ...used,
});

function messages(body: unknown, said: Said): Answer {
  const request = messageRequest.parse(body);
  return request.stream === true ? stream(request, said) : whole(request, said);
}

function stream({ model, tools }: MessageRequest, said: Said): Answer {
  const tool = tools?.[0]?.name;
  const delta = (delta: unknown) => event("content_block_delta", { index: 0, delta });
  const text = (text: string) => delta({ type: "text_delta", text });
  const argument = (partial_json: string) => delta({ type: "input_json_delta", partial_json });
  const begin = (block: unknown) => event("content_block_start", { index: 0, content_block: block });
  const message = messageOf(model, [], null, said.usage ? { usage: usageOf(1) } : {});
  const start = event("message_start", { message });
  const block = begin(tool === undefined ? textBlock("") : toolUse(tool, {}));
  const pieces = tool === undefined ? tokens.map(text) : [block, ...toolArguments.map(argument)];
  const ping = event("ping", {});
  const more = tool === undefined ? text(" and") : argument(" and");
  const error = event("error", errorOf("overloaded"));
  return {
    contentType: "text/event-stream; charset=utf-8",
    // A block of a text says nothing yet; one of a tool says which.
    lead: said.content && tool === undefined ? [start, block, ping] : [start, ping],
    tokens: said.content ? pieces : [],
    tail: [
      ...(said.content ? [event("content_block_stop", { index: 0 })] : []),
      event("message_delta", {
        delta: stopOf(tool !== undefined && said.content ? "tool_use" : "end_turn"),
        ...(said.usage ? { usage: usageSoFar(said.content ? usage.output : 0) } : {}),
      }),
    ],
    done: event("message_stop", {}),
    ping,
    more,
    malformed: brokenFrame(more),
    error,
    lateError: error,
  };
}

function whole({ model, tools }: MessageRequest, said: Said): Answer {
  const tool = said.content ? tools?.[0]?.name : undefined;
  const block =
    tool === undefined ? textBlock(tokens.join("")) : toolUse(tool, JSON.parse(toolArguments.join("")) as unknown);
  const used = said.usage ? { usage: usageOf(said.content ? usage.output : 0) } : {};
  const stop = tool === undefined ? "end_turn" : "tool_use";
  const message = messageOf(model, said.content ? [block] : [], stop, used);
  const pieces = tool === undefined ? tokens : toolArguments;
  return wholeAnswer(message, said.content ? pieces : [], " and", errorOf("overloaded"));
}

const event = (type: string, data: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;

const LIMIT = "This request would exceed your account's rate limit.";

const errors: Readonly<Record<ErrorName, readonly [type: string, message: string]>> = {
  badRequest: ["invalid_request_error", "temperature: Input should be a valid number"],
  badKey: ["authentication_error", "invalid x-api-key"],
  forbidden: ["permission_error", "Your API key does not have permission to use the specified resource."],
  notFound: ["not_found_error", "model: m1"],
  timeout: ["timeout_error", "Request timed out"],
  invalid: ["invalid_request_error", "The request can't be processed."],
  contextLength: ["invalid_request_error", "prompt is too long: 9001 tokens > 8192 maximum"],
  contentFilter: ["invalid_request_error", "Output blocked by content filtering policy"],
  rateLimit: ["rate_limit_error", `${LIMIT} Please try again later.`],
  rateLimitWithDelay: ["rate_limit_error", `${LIMIT} Please try again in 7s.`],
  internal: ["api_error", "Internal server error"],
  unavailable: ["api_error", "Service unavailable"],
  overloaded: ["overloaded_error", "Overloaded"],
};

function errorOf(name: ErrorName) {
  const [type, message] = errors[name];
  return { type: "error", error: { type, message }, request_id: "req_fake" };
}

export const anthropic: Speech = {
  basePath: "/v1",
  calls: { "/v1/messages": messages },
  probe: {
    path: "/v1/models",
    body: {
      data: [{ type: "model", id: "m1", display_name: "m1", created_at: "2026-01-01T00:00:00Z" }],
      has_more: false,
      first_id: "m1",
      last_id: "m1",
    },
  },
  error: errorOf,
};
