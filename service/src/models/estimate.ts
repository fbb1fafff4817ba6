import type { ChatRequest, Completion, Delta } from "./chat.js";

/** How much there is to read and was written, in characters: for calls of which no provider said it in tokens. */

/** English text has about four characters a token; it is a rule of thumb, and marked as one wherever it is used. */
const CHARACTERS_A_TOKEN = 4;

export const estimateOf = (characters: number): number => Math.ceil(characters / CHARACTERS_A_TOKEN);

/** An image costs what it costs, however many characters its bytes take. */
const IMAGE_CHARACTERS = 4000;

export function lengthOfRequest({ messages, tools }: ChatRequest): number {
  let length = tools == null ? 0 : JSON.stringify(tools).length;
  for (const message of messages) {
    const { content } = message;
    if (typeof content === "string") length += content.length;
    else
      for (const part of content ?? [])
        length += part.type === "text" ? (part.text as string).length : IMAGE_CHARACTERS;
    if (message.role === "assistant")
      for (const call of message.tool_calls ?? []) length += call.function.name.length + call.function.arguments.length;
  }
  return length;
}

export function lengthOfDelta({ content, tool_calls: calls, reasoning_content: reasoning }: Delta): number {
  let length = content?.length ?? 0;
  if (typeof reasoning === "string") length += reasoning.length;
  for (const call of calls ?? [])
    length += (call.function?.name?.length ?? 0) + (call.function?.arguments?.length ?? 0);
  return length;
}

export const lengthOfCompletion = ({ choices }: Completion): number =>
  choices.reduce(
    (sum, { message }) =>
      sum +
      (message.content?.length ?? 0) +
      (message.tool_calls ?? []).reduce(
        (inner, call) => inner + call.function.name.length + call.function.arguments.length,
        0,
      ),
    0,
  );
