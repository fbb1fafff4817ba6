import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { Call } from "../../../service/support/fake-provider/call.js";
import type { Answer } from "../../../service/support/fake-provider/dialect.js";
import { callFaults, perform, saidWith } from "../../../service/support/fake-provider/faults.js";
import { openai } from "../../../service/support/fake-provider/openai.js";

/**
 * A model provider in OpenAI's words, on PORT of a pod. The model's name says how it answers: `paced-250` with 250 ms
 * before each token, `paused-250` with 250 ms once, after the first token, `status_500` and the other faults' names with
 * that fault, any other at once.
 */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? "";
  const body = await text(request);
  if (request.method === "GET" && path === openai.probe.path) return say(response, 200, openai.probe.body);
  const ask = request.method === "POST" ? openai.calls[path] : undefined;
  if (ask === undefined) return say(response, 404, openai.error("notFound"));
  const asked: unknown = JSON.parse(body);
  const { model } = asked as { readonly model?: string };
  const fault = callFaults.find((name) => name === model) ?? "none";
  const [, how, ms] = /^(paced|paused)-(\d+)$/.exec(model ?? "") ?? [];
  const pace = { tokenDelayMs: Number(ms ?? 0), graceMs: 20, retryAfterMs: 50 };
  const whole = ask(asked, saidWith(fault));
  const answer = how === "paused" ? pausedOnce(whole) : whole;
  await perform(fault, new Call(response, { speech: openai, answer }, pace));
}

/** The first token comes with what is before them all, the others together after the pause. */
const pausedOnce = ({ lead, tokens: [first = "", ...others], ...answer }: Answer): Answer => ({
  ...answer,
  lead: [...lead, first],
  tokens: [others.join("")],
});

function say(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    // A caller that has gone is no news.
    if (request.complete) console.error(error);
    response.destroy();
  });
});
// The provider never is the first to leave an idle connection: a call on its way would be lost.
Object.assign(server, { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 });
server.listen(Number(process.env["PORT"] ?? 8080));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));
