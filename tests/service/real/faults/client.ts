import OpenAI, { APIError } from "openai";
import type { Mode } from "./table.js";

/** 43 characters, about 11 tokens: as many as the fake provider counts. */
const messages = [{ role: "user" as const, content: "Say the first four letters of the alphabet." }];

const streamed = { stream: true, stream_options: { include_usage: true } } as const;

export const bodyOf = (model: string, mode: Mode): object =>
  mode === "stream" ? { model, messages, ...streamed } : { model, messages };

const MS = 20_000;

export const clientOf = (url: string, apiKey: string): OpenAI =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0, timeout: MS });

/** What the openai package makes of the same request: the text with its finish, or an error. */
export async function heardBy(client: OpenAI, model: string, mode: Mode): Promise<string> {
  try {
    return mode === "stream" ? await streamHeardBy(client, model) : await wholeHeardBy(client, model);
  } catch (error) {
    if (error instanceof APIError) return "throws";
    throw error;
  }
}

async function wholeHeardBy(client: OpenAI, model: string): Promise<string> {
  const { choices } = await client.chat.completions.create({ model, messages });
  return choices.map(({ message, finish_reason }) => `${message.content ?? ""} (${finish_reason})`).join();
}

async function streamHeardBy(client: OpenAI, model: string): Promise<string> {
  let text = "";
  for await (const { choices } of await client.chat.completions.create({ model, messages, ...streamed }))
    for (const { delta, finish_reason } of choices)
      text += `${delta.content ?? ""}${finish_reason === null ? "" : ` (${finish_reason})`}`;
  return text;
}
