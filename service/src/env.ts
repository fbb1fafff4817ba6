import { readFileSync } from "node:fs";
import { z } from "zod";
import { isAddressOrRange } from "./auth/addresses.js";
import { parseApiKey } from "./auth/api-key.js";
import { parseKeyRing } from "./auth/key-ring.js";
import { type Catalog, catalogNeeds, catalogOf } from "./models/catalog.js";
import { providersConfig } from "./models/config.js";
import { buckets } from "./objects/urls.js";
import { Refusal } from "./refusal.js";
import { roleNames } from "./roles.js";
import { samplerNames } from "./telemetry/samplers.js";

/**
 * Every environment variable that the service reads, once. `loadEnv` parses them all before anything starts and says
 * every problem at once; `service/README.md` is generated from this schema.
 */

// An empty variable is an unset one: that is what a template with nothing to fill in leaves behind.
const unset = (value: unknown) => (value === "" ? undefined : value);
const optional = <T extends z.ZodType>(type: T) => z.preprocess(unset, type.optional());
const withDefault = <T extends z.ZodType>(type: T, value: string) => z.preprocess((v) => unset(v) ?? value, type);

const flag = z
  .enum(["true", "false", "1", "0"], { error: "expected true or false" })
  .transform((text) => text === "true" || text === "1");

const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, { error: `expected a whole number from ${min} to ${max}` })
    .transform(Number)
    .pipe(
      z
        .number()
        .min(min, { error: `is below ${min}` })
        .max(max, { error: `is above ${max}` }),
    );

const share = z
  .string()
  .regex(/^(0(\.\d{1,15})?|1(\.0{1,15})?)$/, { error: "expected a number from 0 to 1" })
  .transform(Number);

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== ""),
);

const url = (...schemes: readonly string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)), {
    error: `expected a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`,
  });

const file = z.string().transform((path, context) => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    context.addIssue({ code: "custom", message: `can't be read: ${(error as Error).message}` });
    return z.NEVER;
  }
});

/** `75s`, `75000`; a plain number below 1000 is seconds, because nothing is shut down within a second. */
const shutdownTime = z
  .string()
  .regex(/^\d{1,9}(ms|s)?$/, { error: "expected a time such as 75s or 75000 (milliseconds)" })
  .transform((text) => {
    const number = Number.parseInt(text, 10);
    return text.endsWith("ms") || (!text.endsWith("s") && number >= 1000) ? number : number * 1000;
  })
  .pipe(z.number().min(3000, { error: "is below 3 s: new calls are still served for 2 s" }).max(3_600_000));

/** Sentry itself would say what is wrong with one on the console, with all of it. */
const SENTRY_DSN = /^https?:\/\/\w+(:\w*)?@([\w.-]+|\[[0-9a-fA-F:.]+\])(:\d+)?\/(.+\/)?\d+$/;

const origin = (text: string): boolean => text === "*" || (URL.canParse(text) && new URL(text).origin === text);

export const groups = {
  listening: "Listening",
  data: "Data",
  access: "Who may call",
  limits: "Limits",
  models: "Models",
  modes: "Modes",
  telemetry: "Telemetry",
  later: "Checked now, used by faces that are not in this version",
} as const;

/** What a variable is for; `secret` values are never printed. */
interface About {
  readonly group: keyof typeof groups;
  readonly about: string;
  /** As a person writes it. */
  readonly default?: string;
  readonly secret?: true;
}

/** Always there: the default is parsed like anything else. */
function given<T extends z.ZodType>(type: T, about: About & { readonly default: string }) {
  return { type: withDefault(type, about.default), about };
}

/** `undefined` where it is not set. */
function maybe<T extends z.ZodType>(
  type: T,
  about: Omit<About, "default">,
): { readonly type: ReturnType<typeof optional<T>>; readonly about: About } {
  return { type: optional(type), about };
}

export const variables = {
  NODE_ENV: given(
    z.enum(["development", "test", "production"], { error: "expected development, test or production" }),
    {
      group: "listening",
      about: "`production` refuses what is unsafe; the image sets it",
      default: "development",
    },
  ),
  ROLE: given(z.enum(roleNames, { error: `expected one of ${roleNames.join(", ")}` }), {
    group: "listening",
    about: "which faces and workers of the one image this process runs",
    default: "all",
  }),
  PORT: given(whole(0, 65535), { group: "listening", about: "of the API; 0 takes a free one", default: "3000" }),
  HOST: given(z.string(), {
    group: "listening",
    about: "the address to listen on; the image sets 0.0.0.0",
    default: "127.0.0.1",
  }),
  METRICS_PORT: maybe(whole(0, 65535), {
    group: "listening",
    about:
      "of /metrics, without a key, for Prometheus: 9464 where that is free; given and taken is an error, 0 takes a free one",
  }),
  TRUST_PROXY: given(whole(0, 10), {
    group: "listening",
    about: "how many proxies in front set X-Forwarded-For; with 0 the header is not believed",
    default: "0",
  }),
  REPLICAS: given(whole(1, 10_000), {
    group: "listening",
    about: "how many processes share the limits: each takes its part when Redis is away",
    default: "1",
  }),
  REQUEST_TIMEOUT: given(whole(1000, 3_600_000), {
    group: "listening",
    about:
      "milliseconds within which every call is answered, model calls by their own deadline; 504 after that. Whoever does not read a stream for so long is cut off",
    default: "60000",
  }),
  SHUTDOWN_TIMEOUT: given(shutdownTime, {
    group: "listening",
    about: "after SIGTERM the process ends within this, whatever it is doing: `75s`, or milliseconds",
    default: "75s",
  }),

  DATA_DIR: given(z.string(), {
    group: "data",
    about: "where the embedded database and objects are kept",
    default: ".data",
  }),
  DATABASE_URL: maybe(url("postgres", "postgresql"), {
    group: "data",
    about: "PostgreSQL 17 or 18 with pgvector; without it an embedded one in `DATA_DIR`",
    secret: true,
  }),
  DATABASE_READ_URLS: maybe(list.pipe(z.array(url("postgres", "postgresql"))), {
    group: "data",
    about: "replicas, separated by commas: lists and searches are read from them",
    secret: true,
  }),
  DATABASE_CA_FILE: maybe(file, {
    group: "data",
    about: "certificates that the database's one is checked against; the connection is then TLS with its name verified",
  }),
  DATABASE_POOL_SIZE: given(whole(1, 1000), {
    group: "data",
    about: "connections to the database at most, and to each replica",
    default: "20",
  }),
  DATABASE_TIMEOUT: given(whole(100, 600_000), {
    group: "data",
    about: "milliseconds that a statement, or a transaction that does nothing, may take",
    default: "30000",
  }),
  REDIS_URL: maybe(url("redis", "rediss"), {
    group: "data",
    about: "Redis or Valkey for limits; without it each process counts for itself",
    secret: true,
  }),
  REDIS_CLUSTER: given(flag, {
    group: "data",
    about: "`REDIS_URL` is a node of a sharded cluster",
    default: "false",
  }),
  REDIS_CA_FILE: maybe(file, { group: "data", about: "certificates that the cache's one is checked against" }),
  REDIS_TTL: given(whole(1, 31_536_000), {
    group: "later",
    about: "seconds that a cached value lives",
    default: "3600",
  }),
  BUCKET_URL: maybe(
    z.string().refine((text) => buckets.some(({ pattern }) => pattern.test(text)), {
      error: `expected ${buckets.map(({ example }) => example).join(" or ")}`,
    }),
    {
      group: "data",
      about: `where uploads go: ${buckets.map(({ example }) => `\`${example}\``).join(", ")}; without it a folder in \`DATA_DIR\``,
    },
  ),
  OBJECT_MAX_BYTES: given(whole(1, 5_000_000_000), {
    group: "data",
    about: "an upload's bytes at most",
    default: "26214400",
  }),
  OBJECT_TYPES: given(list, {
    group: "data",
    about: "media types that may be uploaded; `image/*` takes all of one kind",
    default:
      "text/plain,text/markdown,text/csv,application/json,application/pdf,application/octet-stream,image/*,audio/*",
  }),
  OBJECT_LINK_TTL: given(whole(1, 604_800), {
    group: "data",
    about: "seconds that a link to an object works",
    default: "900",
  }),
  CLICKHOUSE_URL: maybe(url("http", "https"), { group: "later", about: "handed to analytics", secret: true }),
  MONGODB_URL: maybe(url("mongodb", "mongodb+srv"), {
    group: "later",
    about: "handed to the bot's tools",
    secret: true,
  }),

  BOOTSTRAP_API_KEY: maybe(
    z.string().refine((text) => parseApiKey(text) !== undefined, { error: "expected ak_<env>_<id>_<secret>" }),
    {
      group: "access",
      about: "an admin key that is accepted while this is set: `ak_<env>_<id>_<secret>`",
      secret: true,
    },
  ),
  JWKS_URL: maybe(url("https", "http"), {
    group: "access",
    about: "public keys of the tokens' issuer: RS256 and ES256 tokens are accepted",
  }),
  JWT_ISSUER: maybe(z.string(), { group: "access", about: "`iss` that tokens must have" }),
  JWT_AUDIENCE: maybe(z.string(), { group: "access", about: "`aud` that tokens must have" }),
  JWT_SECRET: maybe(z.string(), {
    group: "access",
    about: "for HS256 tokens, at least 32 characters; not used where `JWKS_URL` is set",
    secret: true,
  }),
  ENCRYPTION_KEYS: maybe(
    z.string().transform((text, context) => {
      const ring = parseKeyRing(text);
      if (typeof ring !== "string") return ring;
      context.addIssue({ code: "custom", message: ring });
      return z.NEVER;
    }),
    {
      group: "access",
      about: "the key ring, newest first: `2:<base64 of 32 bytes>,1:<base64>`; API keys are hashed with it",
      secret: true,
    },
  ),
  ENCRYPTION_KEY: maybe(
    z.string().transform((text, context) => {
      const ring = parseKeyRing(`1:${text}`);
      if (typeof ring !== "string") return ring;
      context.addIssue({ code: "custom", message: ring.replace("key 1 ", "") });
      return z.NEVER;
    }),
    { group: "access", about: "key 1 of the ring, where there is only one", secret: true },
  ),
  ALLOWED_ORIGINS: given(
    list.pipe(z.array(z.string().refine(origin, { error: "expected origins such as https://app.example.com" }))),
    {
      group: "access",
      about: "origins whose pages may call, separated by commas; `*` for all, not in production",
      default: "",
    },
  ),
  ADMIN_ALLOWED_ADDRESSES: given(
    list.pipe(
      z.array(z.string().refine(isAddressOrRange, { error: "expected addresses or ranges such as 10.0.0.0/8" })),
    ),
    {
      group: "access",
      about: "addresses and ranges that may call /api/v1/admin, separated by commas; empty is all",
      default: "",
    },
  ),

  RATE_LIMIT_MAX: given(whole(1, 1_000_000), {
    group: "limits",
    about: "calls of an address within `RATE_LIMIT_WINDOW`",
    default: "1000",
  }),
  RATE_LIMIT_WINDOW: given(whole(1000, 86_400_000), { group: "limits", about: "milliseconds", default: "60000" }),
  LIMIT_API: given(whole(0, 1_000_000_000), {
    group: "limits",
    about: "calls of a caller within 15 minutes; 0 is no limit",
    default: "100",
  }),
  LIMIT_AI: given(whole(0, 1_000_000_000), {
    group: "limits",
    about: "model calls of a caller within a minute; 0 is no limit, of tokens neither",
    default: "10",
  }),
  LIMIT_TOKENS: given(whole(0, 1_000_000_000), {
    group: "limits",
    about: "tokens of a caller within a minute, read and written; whoever has used them up waits; 0 is no limit",
    default: "100000",
  }),
  LIMIT_CREDENTIALS: given(whole(0, 1_000_000_000), {
    group: "limits",
    about:
      "bad credentials of an address within a minute, then its refusals are 429; a valid key is never refused for it; 0 is no limit",
    default: "30",
  }),
  BODY_LIMIT: given(whole(1024, 104_857_600), {
    group: "limits",
    about: "bytes of a JSON body at most",
    default: "1048576",
  }),

  AI_BODY_LIMIT: given(whole(1024, 104_857_600), {
    group: "limits",
    about: "bytes of a model call's body at most: images come in it",
    default: "16777216",
  }),

  READ_ONLY_MODE: given(flag, { group: "modes", about: "writes are refused with 503 `read_only`", default: "false" }),
  MAINTENANCE_MODE: given(flag, {
    group: "modes",
    about: "all but health, metrics and admin is refused with 503 `maintenance`",
    default: "false",
  }),
  VECTOR_SEARCH_ENABLED: given(flag, { group: "later", about: "vector search is offered", default: "true" }),
  STREAMING_ENABLED: given(flag, {
    group: "models",
    about: "answers may be streamed; a call for a stream is refused otherwise",
    default: "true",
  }),
  COMPUTER_USE_ENABLED: given(flag, { group: "later", about: "tools may act on a computer", default: "false" }),

  AI_PROVIDERS_CONFIG: maybe(providersConfig, {
    group: "models",
    about:
      "providers, routes and time limits: JSON, or the path of a file of it; the keys below then count only where it names them",
    secret: true,
  }),
  OPENAI_API_KEY: maybe(z.string(), { group: "models", about: "makes a provider `openai`", secret: true }),
  OPENAI_MODELS: given(list, {
    group: "models",
    about: "its models, the first choice first",
    default: "gpt-5.4-mini,gpt-5.4,text-embedding-3-small",
  }),
  ANTHROPIC_API_KEY: maybe(z.string(), { group: "models", about: "makes a provider `anthropic`", secret: true }),
  ANTHROPIC_MODELS: given(list, {
    group: "models",
    about: "its models, the first choice first",
    default: "claude-haiku-5-5,claude-sonnet-5-5",
  }),
  OLLAMA_URL: maybe(url("http", "https"), {
    group: "models",
    about: "makes a provider `ollama`: `http://ollama:11434`",
  }),
  OLLAMA_MODELS: given(list, {
    group: "models",
    about: "its models, the first choice first",
    default: "llama3.2,nomic-embed-text",
  }),
  AI_PRIVATE_HOSTS: given(list, {
    group: "models",
    about:
      "hosts of providers that may have private addresses in production, by the names or addresses that their URLs have, separated by commas",
    default: "",
  }),
  DEEPGRAM_API_KEY: maybe(z.string(), { group: "later", about: "for speech", secret: true }),
  GITHUB_TOKEN: maybe(z.string(), { group: "later", about: "for tools that read repositories", secret: true }),

  LOG_LEVEL: given(
    z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], {
      error: "expected trace, debug, info, warn, error, fatal or silent",
    }),
    {
      group: "telemetry",
      about: "the least severe that is logged",
      default: "info",
    },
  ),
  PROMETHEUS_METRICS: given(flag, { group: "telemetry", about: "/metrics is served", default: "true" }),
  ENABLE_TRACING: given(flag, {
    group: "telemetry",
    about: "traces are sent where an endpoint is given",
    default: "true",
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: maybe(url("http", "https"), {
    group: "telemetry",
    about:
      "an OpenTelemetry collector (OTLP over HTTP); the exporter's own `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_EXPORTER_OTLP_CERTIFICATE` and `OTEL_RESOURCE_ATTRIBUTES` work too",
  }),
  OTEL_TRACES_SAMPLER: maybe(z.enum(samplerNames, { error: `expected ${samplerNames.join(", ")}` }), {
    group: "telemetry",
    about:
      "which traces are sent, in OpenTelemetry's words: `always_on` sends all to a collector that decides; otherwise a caller's decision holds",
  }),
  OTEL_TRACES_SAMPLER_ARG: maybe(share, {
    group: "telemetry",
    about: "the share of them that a sampler by ratio sends, from 0 to 1; all of them where it is not said",
  }),
  JAEGER_ENDPOINT: maybe(url("http", "https"), {
    group: "telemetry",
    about: "another word for `OTEL_EXPORTER_OTLP_ENDPOINT`; one in ten traces is sent then",
  }),
  SENTRY_DSN: maybe(z.string().regex(SENTRY_DSN, { error: "expected https://<key>@<host>/<number>" }), {
    group: "telemetry",
    about: "errors are reported to Sentry: `https://<key>@<host>/<number>`",
    secret: true,
  }),
};

type Variables = typeof variables;
export type Settings = { readonly [Name in keyof Variables]: z.output<Variables[Name]["type"]> };
/** The variables, and the providers that those about models make together. */
export type Env = Settings & { readonly models: Catalog };

export class EnvError extends Refusal {
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

/** Throws an `EnvError` with every problem: the variable, what it says (never a secret), what was expected. */
export function loadEnv(source: Readonly<Record<string, string | undefined>>): Env {
  const problems: string[] = [];
  const env: Record<string, unknown> = {};
  for (const [name, { type, about }] of Object.entries(variables)) {
    const { success, data, error } = type.safeParse(source[name]);
    if (success) env[name] = data;
    else {
      const said = "secret" in about ? "" : `'${source[name]}': `;
      const issues = new Set(error.issues.map((issue) => issue.message));
      problems.push(...[...issues].map((message) => `${name}: ${said}${message}`));
    }
  }
  // What can't be read is reported already; it is not missing too.
  const unread = new Set(problems.map((line) => line.split(":", 1)[0]));
  problems.push(...unsafe(env as Partial<Settings>, (name) => env[name] === undefined && !unread.has(name)));
  if (!catalogNeeds.some((name) => unread.has(name))) env.models = catalogOf(env as Settings, source, problems);
  if (problems.length > 0) throw new EnvError(problems);
  return Object.freeze(env) as Env;
}

/** What each variable by itself can't tell. One that could not be read is `undefined` here. */
function unsafe(env: Partial<Settings>, lacks: (name: keyof Settings) => boolean): readonly string[] {
  const problems: string[] = [];
  const production = env.NODE_ENV === "production";
  if (env.JWT_SECRET !== undefined && env.JWT_SECRET.length < 32)
    problems.push(
      `JWT_SECRET: ${env.JWT_SECRET.length} characters can be guessed; expected at least 32, e.g. of: openssl rand -base64 48`,
    );
  if (production && env.ALLOWED_ORIGINS?.includes("*"))
    problems.push("ALLOWED_ORIGINS: '*' lets every page call with a visitor's rights; in production name the origins");
  if (production && env.JWKS_URL?.startsWith("http:"))
    problems.push("JWKS_URL: keys fetched over http can be replaced on the way; in production expected https");
  if (env.ENCRYPTION_KEY !== undefined && env.ENCRYPTION_KEYS !== undefined)
    problems.push("ENCRYPTION_KEY: is key 1 of ENCRYPTION_KEYS; set one of the two");
  for (const name of ["DATABASE_READ_URLS", "DATABASE_CA_FILE"] as const)
    if (env[name] !== undefined && lacks("DATABASE_URL"))
      problems.push(`${name}: needs DATABASE_URL, which is not set`);
  if (env.REDIS_CA_FILE !== undefined && (lacks("REDIS_URL") || env.REDIS_URL?.startsWith("redis:")))
    problems.push("REDIS_CA_FILE: needs a REDIS_URL that begins with rediss://");
  if (env.REDIS_CLUSTER && lacks("REDIS_URL")) problems.push("REDIS_CLUSTER: needs REDIS_URL, which is not set");
  return problems;
}
