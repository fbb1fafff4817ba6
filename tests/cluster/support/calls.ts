import type OpenAI from "openai";
import type { Caller } from "./client.js";
import { models } from "./settings.js";

/** What the provider says, whatever it is asked. */
export const WHOLE = "Alpha beta gamma delta.";

export const messages = [{ role: "user" as const, content: "hi" }];

export const headersFor = (key: string) => ({ authorization: `Bearer ${key}`, "content-type": "application/json" });

/** A call of a model, for whatever client makes it. */
export const completion = (key: string, model: string, stream: boolean) => ({
  path: "/v1/chat/completions",
  method: "POST" as const,
  headers: headersFor(key),
  body: JSON.stringify({ model, stream, messages }),
});

async function answerTo(caller: Caller, { path, ...call }: ReturnType<typeof completion>) {
  const response = await caller.fetch(path, call);
  return { status: response.status, text: await response.text() };
}

/** A call through the gateway, which fails unless the answer is whole. */
export const wholeCall = (caller: Caller, key: string) => async (): Promise<void> => {
  const { status, text } = await answerTo(caller, completion(key, models.quick, false));
  if (status !== 200 || !text.includes(WHOLE)) throw new Error(`${status}: ${text.slice(0, 300)}`);
};

/** The same of a stream, which has to come to its end. */
export const wholeStream = (caller: Caller, key: string) => async (): Promise<void> => {
  const { status, text } = await answerTo(caller, completion(key, models.paced, true));
  if (status !== 200 || !text.includes("delta.") || !text.trimEnd().endsWith("data: [DONE]"))
    throw new Error(`${status}: ${text.slice(-300)}`);
};

/** What a stream says, and when each piece of it came. */
export async function piecesOf(stream: AsyncIterable<OpenAI.ChatCompletionChunk>) {
  const pieces: string[] = [];
  const times: number[] = [];
  for await (const chunk of stream) {
    const piece = chunk.choices[0]?.delta.content ?? "";
    if (piece === "") continue;
    pieces.push(piece);
    times.push(performance.now());
  }
  return { pieces, times };
}
