import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { scriptSchema } from "./adapters/scripted.js";
import { breakerDefaults } from "./breaker.js";

/** `AI_PROVIDERS_CONFIG`, as a person writes it: providers, routes, time limits. */

export const capabilityNames = ["chat", "tools", "json", "images", "embeddings"] as const;
export type Capability = (typeof capabilityNames)[number];

export const providerKinds = ["openai", "anthropic", "ollama", "scripted"] as const;
export type ProviderKind = (typeof providerKinds)[number];

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, { error: "expected 1 to 40 small letters, digits, - and _" });
const positive = (max: number) =>
  z
    .int({ error: "expected a whole number" })
    .min(1, { error: "is below 1" })
    .max(max, { error: `is above ${max}` });
const price = z.number().min(0, { error: "is below 0" });
const milliseconds = positive(3_600_000);

const model = z.union(
  [
    z.string().min(1, { error: "is empty" }),
    z.strictObject({
      name: z.string().min(1, { error: "is empty" }),
      capabilities: z.array(z.enum(capabilityNames, { error: `expected ${capabilityNames.join(", ")}` })).optional(),
      /** Tokens of question and answer together. */
      contextWindow: positive(100_000_000).optional(),
      /** US dollars a million tokens. */
      price: z.strictObject({ input: price, output: price }).optional(),
    }),
  ],
  { error: 'expected a name, or {"name": ..., "capabilities", "contextWindow", "price"}' },
);

const provider = z.strictObject({
  name,
  kind: z.enum(providerKinds, { error: `expected ${providerKinds.join(", ")}` }),
  baseUrl: z.string().optional(),
  apiKeyEnv: z
    .string()
    .regex(/^[A-Z_][A-Z0-9_]*$/, { error: "expected the name of a variable such as P1_KEY, never a key itself" })
    .optional(),
  models: z.array(model).min(1, { error: "is empty" }),
  script: scriptSchema.optional(),
});

const target = z.strictObject({
  provider: z.string(),
  model: z.string(),
  /** Of the targets that have one, each comes first as often as its part of all weights. */
  weight: positive(1_000_000).optional(),
});

export const timeoutDefaults = {
  /** For all attempts of a call together, the whole stream included. */
  deadlineMs: 60_000,
  /** To the headers of an answer, and to the first token of a stream. */
  firstTokenMs: 15_000,
  /** Between two pieces. */
  idleMs: 20_000,
  /** Before a retry: a time by chance below this. */
  retryMs: 500,
  /** Without a call for so long, a provider is asked whether it is there. */
  probeMs: 30_000,
} as const;

export const retryDefaults = { ratio: 0.1, atLeast: 10 } as const;

const settings = <const D extends Readonly<Record<string, number>>>(
  defaults: D,
  type: (key: string) => z.ZodType<number>,
) =>
  z
    .strictObject(
      Object.fromEntries(Object.entries(defaults).map(([key, value]) => [key, type(key).default(value)])) as {
        [K in keyof D]: z.ZodDefault<z.ZodType<number>>;
      },
    )
    .prefault({} as never);

export const providersFile = z.strictObject({
  providers: z.array(provider).min(1, { error: "is empty" }),
  routes: z.record(name, z.array(target).min(1, { error: "is empty" })).default({}),
  timeouts: settings(timeoutDefaults, () => milliseconds),
  breaker: settings(breakerDefaults, (key) => {
    if (key === "ratio") return z.number().gt(0, { error: "is not above 0" }).max(1, { error: "is above 1" });
    return key.endsWith("Ms") ? milliseconds : positive(1_000_000);
  }),
  retries: settings(retryDefaults, (key) => (key === "ratio" ? z.number().min(0).max(1) : z.int().min(0))),
});
export type ProvidersFile = z.output<typeof providersFile>;

/** The text itself, or what is in the file that it names; every fault with its place. */
export const providersConfig = z.string().transform((given, context): ProvidersFile => {
  const fault = (message: string) => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  const inline = given.trimStart().startsWith("{");
  if (!inline && !existsSync(given)) return fault("is neither JSON that begins with { nor the path of a file");
  let value: unknown;
  try {
    value = JSON.parse(inline ? given : readFileSync(given, "utf8"));
  } catch (error) {
    const where = /position \d+/.exec((error as Error).message)?.[0];
    return fault(`is not JSON${where === undefined ? "" : `: it breaks at ${where}`}`);
  }
  const { data, error } = providersFile.safeParse(value, { reportInput: false });
  if (data !== undefined) return data;
  for (const issue of error.issues) {
    const path = issue.path
      .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
      .join("")
      .slice(1);
    const keys =
      issue.code === "unrecognized_keys" ? `: ${issue.keys.join(", ")}: not known here` : `: ${issue.message}`;
    fault(`${path}${keys}`);
  }
  return z.NEVER;
});
