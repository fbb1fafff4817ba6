import { createServer, type ServerResponse } from "node:http";
import { pace, TOKEN, tokens } from "./answers.js";

/** A provider in OpenAI's words that costs as little as it can: its bytes are made once, on PORT of 127.0.0.1. */
const about = { id: "chatcmpl-1", created: 1_700_000_000, model: "instant", system_fingerprint: "fp_1" };

const whole = Buffer.from(
  JSON.stringify({
    ...about,
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: TOKEN.repeat(tokens.instant), refusal: null },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: { prompt_tokens: 20, completion_tokens: tokens.instant, total_tokens: 20 + tokens.instant },
  }),
);

function frame(delta: object, finish_reason: string | null = null): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason }];
  return `data: ${JSON.stringify({ ...about, object: "chat.completion.chunk", choices })}\n\n`;
}
const role = frame({ role: "assistant", content: "" });
const token = frame({ content: TOKEN });
const end = `${frame({}, "stop")}data: [DONE]\n\n`;
const stream = Buffer.from(role + token.repeat(tokens.instant) + end);

const json = { "content-type": "application/json", "content-length": whole.length };
const events = { "content-type": "text/event-stream" };

function sendPaced(response: ServerResponse): void {
  response.writeHead(200, events).flushHeaders();
  let left: number = tokens.paced;
  const send = () => {
    left -= 1;
    response.write(token);
    if (left > 0) return;
    clearInterval(timer);
    response.end(end);
  };
  let timer = setTimeout(() => {
    response.write(role);
    send();
    timer = setInterval(send, pace.tokenMs);
  }, pace.firstTokenMs);
  response.on("close", () => clearInterval(timer));
}

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    // Whether it is there.
    if (request.method === "GET") {
      response.writeHead(200, { "content-type": "application/json" }).end('{"data":[]}');
      return;
    }
    const asked = JSON.parse(Buffer.concat(pieces).toString()) as { readonly model: string; readonly stream?: boolean };
    if (asked.stream !== true) response.writeHead(200, json).end(whole);
    else if (asked.model === "paced") sendPaced(response);
    else response.writeHead(200, events).end(stream);
  });
});
// Nobody loses a call to a connection that ends just as it is taken from a pool.
server.keepAliveTimeout = 0;
server.listen(Number(process.env["PORT"]), "127.0.0.1");
