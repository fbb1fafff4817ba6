import { randomBytes } from "node:crypto";

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** For a provider whose tool calls have no name of their own. */
export const newCallId = (): string =>
  `call_${Array.from(randomBytes(24), (byte) => LETTERS[byte % LETTERS.length]).join("")}`;
