import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tool } from "../../tools/cache.js";
import type { Model } from "./answers.js";

/** Where a program is started: the port that it is to listen on, the upstream's URL, a folder that is deleted afterwards. */
export interface Place {
  readonly port: number;
  readonly upstream: string;
  readonly folder: string;
}

export interface Command {
  readonly words: readonly [program: string, ...options: string[]];
  readonly settings: Readonly<Record<string, string>>;
}

/** A gateway to the upstream, as it is started and called. */
interface Program {
  readonly title: string;
  readonly command: (place: Place) => Command;
  /** What its callers name a model of the upstream. */
  readonly model: (model: Model) => string;
  readonly headers: (upstream: string) => Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, "../../..");
const KEY = "ak_test_bench_0123456789abcdef";
const UPSTREAM_KEY = "sk-bench";
const models = ["instant", "paced"] as const satisfies readonly Model[];

export const programs = {
  service: {
    title: "service",
    command: ({ port, upstream, folder }) => ({
      words: [process.execPath, join(root, "service/dist/main.js")],
      settings: {
        // In production the schema must be there; here the first start brings it.
        NODE_ENV: "development",
        PORT: String(port),
        METRICS_PORT: "0",
        LOG_LEVEL: "info",
        DATA_DIR: folder,
        BOOTSTRAP_API_KEY: KEY,
        RATE_LIMIT_MAX: "1000000",
        RATE_LIMIT_WINDOW: "1000",
        LIMIT_API: "1000000000",
        LIMIT_AI: "1000000000",
        LIMIT_TOKENS: "1000000000",
        BENCH_KEY: UPSTREAM_KEY,
        AI_PROVIDERS_CONFIG: JSON.stringify({
          providers: [{ name: "bench", kind: "openai", baseUrl: `${upstream}/v1`, apiKeyEnv: "BENCH_KEY", models }],
        }),
      },
    }),
    model: (model) => `bench/${model}`,
    headers: () => ({ authorization: `Bearer ${KEY}` }),
  },
  portkey: {
    title: "Portkey",
    // Without its page of logs, as it is run in production.
    command: ({ port }) => ({
      words: [process.execPath, tool("portkey"), `--port=${port}`, "--headless"],
      settings: { NODE_ENV: "production" },
    }),
    model: (model) => model,
    headers: (upstream) => ({
      authorization: `Bearer ${UPSTREAM_KEY}`,
      "x-portkey-provider": "openai",
      "x-portkey-custom-host": `${upstream}/v1`,
    }),
  },
  bare: {
    title: "bare proxy",
    command: ({ port, upstream }) => ({
      words: [process.execPath, join(import.meta.dirname, "bare.mjs")],
      settings: { NODE_ENV: "production", PORT: String(port), UPSTREAM: upstream },
    }),
    model: (model) => model,
    headers: () => ({}),
  },
  litellm: {
    title: "LiteLLM",
    command: ({ port, upstream, folder }) => {
      const config = join(folder, "litellm.yaml");
      writeFileSync(
        config,
        JSON.stringify({
          model_list: models.map((model) => ({
            model_name: model,
            litellm_params: { model: `openai/${model}`, api_base: `${upstream}/v1`, api_key: UPSTREAM_KEY },
          })),
          general_settings: { master_key: UPSTREAM_KEY },
        }),
      );
      const options = ["--config", config, "--host", "127.0.0.1", "--port", String(port), "--num_workers", "1"];
      return {
        words: [tool("litellm"), ...options, "--telemetry", "False"],
        // Else it asks the internet for a list of prices before it starts.
        settings: { LITELLM_LOCAL_MODEL_COST_MAP: "True", HOME: folder },
      };
    },
    model: (model) => model,
    headers: () => ({ authorization: `Bearer ${UPSTREAM_KEY}` }),
  },
} as const satisfies Readonly<Record<string, Program>>;

export type ProgramName = keyof typeof programs;

export const upstreamCommand = (port: number): Command => ({
  words: [process.execPath, "--import", import.meta.resolve("tsx"), join(import.meta.dirname, "upstream.ts")],
  settings: { PORT: String(port) },
});
