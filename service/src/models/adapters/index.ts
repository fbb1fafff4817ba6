import type { Adapter } from "../adapter.js";
import { anthropic } from "./anthropic.js";
import { ollama } from "./ollama.js";
import { openai } from "./openai.js";

/** The dialects that are spoken over the network; a scripted provider's adapter is made of its script. */
export type AdapterKind = "openai" | "anthropic" | "ollama";

export const adapters: Readonly<Record<AdapterKind, Adapter>> = { openai, anthropic, ollama };
