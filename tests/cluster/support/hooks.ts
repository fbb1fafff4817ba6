import { closeTheStack } from "./the-stack.js";

/** The stack that the scenarios have in common goes after the last of them. */
export const mochaHooks = { afterAll: closeTheStack };
