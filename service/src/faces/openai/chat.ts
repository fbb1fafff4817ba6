import { z } from "zod";
import { limitKeyOfCaller } from "../../http/limits.js";
import { invalidInput, Problem } from "../../http/problem.js";
import { type Call, route } from "../../http/route.js";
import { randomText } from "../../http/text.js";
import type { Caller } from "../../models/call.js";
import { chatRequest } from "../../models/chat.js";
import { chunksOf } from "./chunks.js";

const completion = z.looseObject({
  id: z.string(),
  object: z.literal("chat.completion"),
  created: z.int(),
  model: z.string(),
  choices: z.array(
    z.looseObject({
      index: z.int(),
      message: z.looseObject({ role: z.literal("assistant"), content: z.string().nullable() }),
      finish_reason: z.string(),
    }),
  ),
  usage: z
    .looseObject({ prompt_tokens: z.number(), completion_tokens: z.number(), total_tokens: z.number() })
    .optional(),
});

export const answeredBy = {
  "x-provider": "Whose model answered",
  "x-model": "Which one",
  "x-attempts": "How many times a provider was asked",
  "x-failover-from": "The provider that should have answered; not there when it did",
};

/** Whose hanging up ends it, and whose tokens they are. */
export const callerOf = ({ signal, principal, services: { limits, telemetry } }: Call): Caller => ({
  signal,
  spent: (tokens) => {
    limits
      .spend("tokens", limitKeyOfCaller(principal), tokens)
      .catch((error: unknown) => telemetry.log.warn({ err: error }, "tokens of a call could not be counted"));
  },
});

export const chat = [
  route({
    id: "chat.complete",
    face: "models",
    method: "post",
    path: "/v1/chat/completions",
    summary: "An answer of a model, as OpenAI's API gives it",
    description:
      "With `stream` as server-sent events. A fault before the first token goes to the next provider, or is an error with its status. After it the stream ends with a frame `error` of the code `stream_interrupted`, without `finish_reason` and without `[DONE]`: what came is not the whole answer. Fields that are not listed go to an openai-compatible provider as they are.",
    role: "viewer",
    limit: "ai",
    mode: "read",
    deadline: "own",
    bodyLimit: "AI_BODY_LIMIT",
    in: { body: chatRequest },
    out: {
      200: {
        description: "The whole answer, or with `stream` its chunks as `text/event-stream`",
        body: completion,
        contentType: "text/event-stream",
        headers: answeredBy,
      },
    },
    problems: [
      "model_not_found",
      "model_unable",
      "provider_refused",
      "content_filter",
      "context_length_exceeded",
      "provider_limited",
      "providers_unavailable",
    ],
    handler: async ({ body }, call) => {
      const {
        env,
        models: { gateway },
      } = call.services;
      const id = `chatcmpl-${randomText()}`;
      const created = Math.floor(Date.now() / 1000);
      if (body.stream !== true) {
        const { value, headers, target } = await gateway.chat(body, callerOf(call));
        const { choices, usage, ...more } = value;
        const model = target.model.name;
        return {
          status: 200,
          headers,
          body: {
            ...more,
            id,
            object: "chat.completion",
            created,
            model,
            choices,
            ...(usage === undefined ? {} : { usage }),
          },
        };
      }
      if (!env.STREAMING_ENABLED)
        throw invalidInput([{ pointer: "/body/stream", message: "streaming is switched off: STREAMING_ENABLED" }]);
      const { value, headers, target } = await gateway.stream(body, callerOf(call));
      const about = {
        id,
        created,
        model: target.model.name,
        choices: body.n ?? 1,
        usage: body.stream_options?.include_usage === true,
      };
      const chunks = chunksOf(value, about, (error) => {
        if (!(error instanceof Problem)) return undefined;
        call.brokeOff(error.code);
        return error;
      });
      return {
        status: 200,
        headers: {
          ...headers,
          "Content-Type": "text/event-stream; charset=utf-8",
          // What stands between must not collect frames.
          "Cache-Control": "no-cache, no-transform",
          "X-Accel-Buffering": "no",
        },
        pieces: chunks,
      };
    },
  }),
];
