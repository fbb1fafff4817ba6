import type { Caller } from "./client.js";
import { models } from "./settings.js";

const WHOLE = "Alpha beta gamma delta.";

/** A call of a model through the gateway, which fails unless the answer is whole. */
export const wholeCall = (caller: Caller, key: string) => async (): Promise<void> => {
  const response = await caller.fetch("/v1/chat/completions", {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: models.quick, messages: [{ role: "user", content: "hi" }] }),
  });
  const text = await response.text();
  if (response.status !== 200 || !text.includes(WHOLE)) throw new Error(`${response.status}: ${text.slice(0, 300)}`);
};
