import { messages, WHOLE } from "../../cluster/support/calls.js";
import type { Caller } from "../../cluster/support/client.js";
import { models } from "../../cluster/support/settings.js";
import type { ClusterStack } from "../../cluster/support/stack.js";
import { until } from "../../cluster/support/until.js";
import type { Table } from "../gateway/report.js";

/** What somebody waits for who has nothing yet, in seconds one after the other. */
export interface FirstAnswer {
  readonly up: number;
  /** To read the first admin key, as a person would. */
  readonly key: number;
  readonly answer: number;
}

/** Of a stack that has come up this moment: the openai client asks until it is answered. */
export async function firstAnswer(stack: ClusterStack, caller: Caller): Promise<FirstAnswer> {
  const began = performance.now();
  const openai = caller.openai(await stack.adminKey());
  const known = performance.now();
  await until("an answer through the gateway", async () => {
    const { choices } = await openai.chat.completions.create({ model: models.quick, messages });
    return choices[0]?.message.content === WHOLE ? choices : undefined;
  });
  const answered = performance.now();
  const up = stack.first?.seconds ?? Number.NaN;
  return { up, key: (known - began) / 1000, answer: (answered - known) / 1000 };
}

export const firstAnswerTable = ({ up, key, answer }: FirstAnswer): Table => [
  ["from `pulumi up` to the first good answer", "seconds"],
  ["`pulumi up`", up.toFixed(1)],
  ["the first key is read", key.toFixed(1)],
  ["the first good answer", answer.toFixed(1)],
  ["all of it", (up + key + answer).toFixed(1)],
];
