import { amount, dnsLabel, nonEmpty, oneOf, secretName, text, whole } from "./fields.js";
import z from "./zod.cjs";

/**
 * What a stack may say of a service that runs the platform's own agent service. `providers`, `routes` and `timeouts` are
 * what the service itself takes as `AI_PROVIDERS_CONFIG`, in its words; what it takes beside them has defaults there.
 */

const name = text(/^[a-z0-9][a-z0-9_-]{0,39}$/, "1 to 40 small letters, digits, - and _", "openai", 40);
const milliseconds = whole(1, 3_600_000);
const dollars = amount(0, 1_000_000);

const model = z
  .union([
    nonEmpty("gpt-5.4-mini"),
    z.strictObject({
      name: nonEmpty("gpt-5.4-mini").describe("As the provider calls it."),
      capabilities: z
        .array(oneOf(["chat", "tools", "json", "images", "embeddings"]))
        .optional()
        .describe("What it can do; by its name where it is not said."),
      contextWindow: whole(1, 100_000_000).optional().describe("Tokens of question and answer together."),
      price: z
        .strictObject({ input: dollars, output: dollars })
        .meta({ expected: "a map with input and output", example: { input: 0.5, output: 1.5 } })
        .optional()
        .describe("US dollars a million tokens, for the metric of costs."),
    }),
  ])
  .meta({ expected: "a model: its name, or a map with name", example: "gpt-5.4-mini" });

const provider = z
  .strictObject({
    name: name.describe("What routes call it."),
    kind: oneOf(["openai", "anthropic", "ollama", "scripted"]).describe(
      "Whose API it speaks; `scripted` needs no network and no key.",
    ),
    baseUrl: text(
      /^https?:\/\/[^\s/?#@]+(\/[^\s?#@]*)?$/,
      "an http or https address without a name, a password or a query",
      "https://api.example.com/v1",
    )
      .optional()
      .describe("Where it is; openai and anthropic have one of their own."),
    apiKeyEnv: secretName.optional().describe("Which of the service's `secrets` is its key."),
    models: z
      .array(model)
      .min(1)
      .meta({ expected: "a list of models", example: ["gpt-5.4-mini"] })
      .describe("The first choice first."),
    script: z
      .strictObject({
        replies: z
          .array(
            z
              .strictObject({
                when: z.string().max(1000).optional().describe("A part of the last message; all of them otherwise."),
                say: z.string().max(10_000).describe("What is answered."),
              })
              .meta({ expected: "a map with say", example: { say: "Hello" } }),
          )
          .optional(),
      })
      .optional()
      .describe("What a `scripted` one answers; what it was told otherwise."),
  })
  .meta({
    expected: "a map with name, kind and models",
    example: { name: "openai", kind: "openai", apiKeyEnv: "OPENAI_API_KEY", models: ["gpt-5.4-mini"] },
  });

const target = z
  .strictObject({
    provider: nonEmpty("openai").describe("One of `providers`."),
    model: nonEmpty("gpt-5.4-mini").describe("One of its models."),
    weight: whole(1, 1_000_000)
      .optional()
      .describe("Those that have one come first as often as its part of all weights."),
  })
  .meta({ expected: "a map with provider and model", example: { provider: "openai", model: "gpt-5.4-mini" } });

export const agents = z.strictObject({
  role: oneOf(["all", "api", "gateway"]).default("all").describe("Which faces and workers of the one image run."),
  of: dnsLabel
    .optional()
    .describe("A service with `agents` whose image, database role, keys and providers this one shares."),
  providers: z
    .array(provider)
    .min(1)
    .meta({
      expected: "a list of providers",
      example: [{ name: "openai", kind: "openai", apiKeyEnv: "OPENAI_API_KEY", models: ["gpt-5.4-mini"] }],
    })
    .optional()
    .describe("Who answers model calls; by the keys among `secrets` where it is not said."),
  routes: z
    .record(name, z.array(target).min(1).meta({ expected: "a list of targets" }))
    .optional()
    .describe("Models by a name of your own, `auto` among them: the first that answers wins."),
  timeouts: z
    .strictObject({
      deadlineMs: milliseconds.optional().describe("For all attempts of a call together; 60000 where it is not said."),
      firstTokenMs: milliseconds.optional().describe("To the first token of a stream; 15000."),
      idleMs: milliseconds.optional().describe("Between two pieces; 20000."),
      retryMs: milliseconds.optional().describe("Before a retry, a time by chance below this; 500."),
      probeMs: milliseconds.optional().describe("Without a call for so long, a provider is asked; 30000."),
    })
    .optional()
    .describe("Time limits of model calls, in milliseconds."),
  encryptionKeys: whole(1, 100)
    .default(1)
    .describe("How many keys the ring has had: one more makes a new one, and keeps those before it."),
  bootstrapKey: z
    .boolean()
    .default(true)
    .describe("Whether the first admin key is made and accepted; false once there are keys of people."),
});

export type AgentsSettings = z.infer<typeof agents>;
