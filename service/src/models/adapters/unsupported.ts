import type { ChatRequest } from "../chat.js";
import { ProviderFailure } from "../failure.js";

/** What only OpenAI's dialect can ask for: to answer without it would be to answer something else. */
export function demandOneAnswer({ n, logprobs }: ChatRequest, api: string): void {
  if ((n ?? 1) > 1) throw new ProviderFailure("unsupported", `n: ${api} gives one answer; ask ${n} times`);
  if (logprobs === true) throw new ProviderFailure("unsupported", `logprobs: ${api} has none; leave it out`);
}
