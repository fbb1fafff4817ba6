import { bodyOf, type Problem } from "../../http/problem.js";
import type { ChatEvent } from "../../models/chat.js";

/** A stream as OpenAI writes it: a role, deltas, a finish, usage if it was asked for, `[DONE]`. */

export interface Answer {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly choices: number;
  /** The caller asked for it. */
  readonly usage: boolean;
}

/**
 * `told` says what the caller is told of a fault: with nothing to tell, nobody is there. What is told is the last frame:
 * no finish and no `[DONE]` follow it.
 */
export async function* chunksOf(
  events: AsyncIterable<readonly ChatEvent[]>,
  answer: Answer,
  told: (error: unknown) => Problem | undefined,
): AsyncGenerator<string> {
  const { id, created, model } = answer;
  const head = `data: ${JSON.stringify({ id, object: "chat.completion.chunk", created, model }).slice(0, -1)},"choices":[`;
  // OpenAI has `usage` in every chunk then, and it is null in all but the last.
  const tail = answer.usage ? '],"usage":null}\n\n' : "]}\n\n";
  const choice = (index: number, delta: unknown, finish: string | null, logprobs?: unknown) =>
    `${head}${JSON.stringify({ index, delta, ...(logprobs === undefined ? {} : { logprobs }), finish_reason: finish })}${tail}`;
  const textOf = (event: ChatEvent): string => {
    if (event.type === "delta") return choice(event.choice, event.delta, null, event.logprobs);
    if (event.type === "finish") return choice(event.choice, {}, event.reason);
    return answer.usage ? `${head}],"usage":${JSON.stringify(event.usage)}}\n\n` : "";
  };
  let text = "";
  for (let index = 0; index < answer.choices; index += 1)
    text += choice(index, { role: "assistant", content: "" }, null);
  try {
    for await (const batch of events) {
      for (const event of batch) text += textOf(event);
      if (text !== "") yield text;
      text = "";
    }
  } catch (error) {
    const problem = told(error);
    if (problem === undefined) throw error;
    yield `data: ${JSON.stringify({ error: bodyOf(problem, "").error })}\n\n`;
    return;
  }
  yield "data: [DONE]\n\n";
}
