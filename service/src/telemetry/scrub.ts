import { type Env, variables } from "../env.js";

/** Takes what is secret out of what leaves the process: logs, traces, reports of errors. */
export interface Scrub {
  text(text: string): string;
  /** A plain copy without secrets, cycles, or more than anybody reads. */
  value(value: unknown): unknown;
  fields(fields: object): Readonly<Record<string, unknown>>;
}

export const SECRET = "[secret]";

/** Longer than any sentence or stack of ours; what a stranger sends may be longer. */
const MAX_TEXT = 16_384;
/** Read beyond the cut, so that a secret that lies across it is seen whole. */
const BEYOND = 1024;
const MAX_DEPTH = 10;
const MAX_ITEMS = 100;

/** `X-API-Key`, `client_secret`, `DATABASE_PASSWORD`; not `tokens` or `keyId`. */
const SECRET_KEY =
  /(?:password|passwd|pwd|passphrase|secret|secrets|token|apikey|accesskey|privatekey|encryptionkeys?|authorization|cookie|credentials?|dsn)$/;

/** The code's own keys are few and come with every line. */
const known = new Map<string, boolean>();
const MAX_KNOWN = 1000;

function isSecretKey(key: string): boolean {
  const before = known.get(key);
  if (before !== undefined) return before;
  const secret = SECRET_KEY.test(key.toLowerCase().replaceAll(/[^a-z]/g, ""));
  if (known.size < MAX_KNOWN && key.length < 100) known.set(key, secret);
  return secret;
}

/** Nothing in front that would make it a part of a longer word; `%20` counts as a space. */
const ALONE = "(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2}))";
const NAMES = "password|passwd|pwd|secret|token|api[_-]?key|signature|credential|authorization|cookie";

/**
 * Every pattern reads a text once, whatever the text is: a stranger may choose it. Hence the bounded counts, and
 * starts that a run of letters can't repeat.
 */
const patterns: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,20}PRIVATE KEY-----|$)/g, SECRET],
  // Our own keys, and JSON Web Tokens.
  [new RegExp(`${ALONE}ak_[A-Za-z0-9-]{1,32}_[A-Za-z0-9-]{1,64}_[A-Za-z0-9_-]{1,256}`, "g"), SECRET],
  [new RegExp(`(?<![_-])${ALONE}eyJ[A-Za-z0-9_-]{4,}(?:\\.[A-Za-z0-9_-]*){1,4}`, "g"), SECRET],
  [/\b(bearer|basic)((?:\s|%20|\+){1,8})[A-Za-z0-9._~+/=-]{6,}/gi, `$1$2${SECRET}`],
  // OpenAI, Anthropic; GitHub; AWS; Google; Slack; Hugging Face.
  [new RegExp(`${ALONE}(?:sk-[A-Za-z0-9_-]{8,}|gh[opsur]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,})`, "g"), SECRET],
  [
    new RegExp(
      `${ALONE}(?:A[KS]IA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|xox[a-z]-[A-Za-z0-9-]{8,}|hf_[A-Za-z0-9]{16,})`,
      "g",
    ),
    SECRET,
  ],
  // postgres://user:password@host
  [/:\/\/([^\s:/?#@"'<>]{0,256}):[^\s/?#"'<>]{0,1024}@/g, `://$1:${SECRET}@`],
  // ?access_token=..., password='...' of a connection string
  [new RegExp(`(${NAMES}|\\bsig)=(?:'[^']*'|"[^"]*"|[^&\\s"'<>;,]+)`, "gi"), `$1=${SECRET}`],
  // A line of headers
  [/\b(authorization|x-api-key|set-cookie|cookie):[^\S\r\n]{0,8}[^\r\n]+/gi, `$1: ${SECRET}`],
  // JSON within a text, and within JSON within a text
  [new RegExp(`("[^"\\\\]{0,40}(?:${NAMES})"\\s{0,8}:\\s{0,8}")(?:[^"\\\\]|\\\\.)*`, "gi"), `$1${SECRET}`],
  [
    new RegExp(`(\\\\"[^"\\\\]{0,40}(?:${NAMES})\\\\"\\s{0,8}:\\s{0,8}\\\\")(?:[^"\\\\]|\\\\[^"])*`, "gi"),
    `$1${SECRET}`,
  ],
];

/** One of these is in whatever a pattern finds. Most texts are ids and words, and a line of the log has many. */
const SUSPECT =
  '[="]|://|cookie:|authorization:|x-api-key:|ak_|eyJ|bearer|basic|sk-|gh[opsur]_|github_pat_|a[ks]ia|aiza|xox|hf_|-----begin';

export function createScrub(literals: readonly string[] = []): Scrub {
  const exact = [...new Set(literals)].sort((one, other) => other.length - one.length).map(escaped);
  const replacements = [
    ...(exact.length === 0 ? [] : [[new RegExp(exact.join("|"), "g"), SECRET] as const]),
    ...patterns,
  ];

  const suspect = new RegExp([SUSPECT, ...exact].join("|"), "i");

  const text = (given: string): string => {
    if (given.length <= MAX_TEXT && !suspect.test(given)) return given;
    const cut = given.length > MAX_TEXT;
    let left = cut ? given.slice(0, MAX_TEXT + BEYOND) : given;
    for (const [pattern, instead] of replacements) left = left.replace(pattern, instead);
    // What was read beyond is dropped from the end, wherever the replacing has moved it: it may end within a secret.
    return cut ? `${left.slice(0, Math.min(MAX_TEXT, left.length - BEYOND))}... (cut: ${given.length})` : left;
  };

  const value = (given: unknown, above: readonly object[]): unknown => {
    if (typeof given === "string") return text(given);
    if (typeof given === "bigint") return given.toString();
    if (typeof given === "function" || typeof given === "symbol") return undefined;
    if (typeof given !== "object" || given === null) return given;
    if (given instanceof Date) return Number.isNaN(given.getTime()) ? null : given.toISOString();
    if (given instanceof URL || given instanceof RegExp) return text(String(given));
    if (ArrayBuffer.isView(given)) return `[${given.byteLength} bytes]`;
    if (above.includes(given)) return "[circular]";
    if (above.length >= MAX_DEPTH) return "[deeper]";
    const path = [...above, given];
    if (given instanceof Error) return fieldsOf(errorFields(given), path);
    if (given instanceof Map) return fieldsOf(Object.fromEntries(given), path);
    if (Array.isArray(given) || given instanceof Set) {
      const items = [...given];
      const shown = items.slice(0, MAX_ITEMS).map((item) => value(item, path) ?? null);
      return items.length > MAX_ITEMS ? [...shown, `... (${items.length - MAX_ITEMS} more)`] : shown;
    }
    return fieldsOf(given, path);
  };

  const fieldsOf = (given: object, path: readonly object[]): Readonly<Record<string, unknown>> => {
    const shown: Record<string, unknown> = {};
    const keys = Object.keys(given);
    for (const key of keys.slice(0, MAX_ITEMS)) {
      // Set, it would not be a field but the object's prototype.
      if (key === "__proto__") continue;
      const item = read(given, key);
      const hidden = item !== undefined && item !== null && typeof item !== "boolean" && isSecretKey(key);
      const plain = hidden ? SECRET : value(item, path);
      if (plain !== undefined) shown[text(key)] = plain;
    }
    if (keys.length > MAX_ITEMS) shown["..."] = `${keys.length - MAX_ITEMS} more`;
    return shown;
  };

  return { text, value: (given) => value(given, []), fields: (given) => fieldsOf(given, [given]) };
}

const escaped = (literal: string): string => literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** A getter may throw, and what is logged must never be what fails. */
function read(given: object, key: string): unknown {
  try {
    return Reflect.get(given, key);
  } catch {
    return "[unreadable]";
  }
}

/** What tells an error from another. Not all its properties: a database's error carries the row that it refused. */
const ERROR_KEYS = [
  "code",
  "errno",
  "syscall",
  "address",
  "port",
  "status",
  "statusCode",
  "severity",
  "table",
  "constraint",
];

const errorFields = (error: Error): object => ({
  type: error.name,
  message: error.message,
  ...Object.fromEntries(ERROR_KEYS.map((key) => [key, read(error, key)])),
  stack: error.stack,
  cause: error.cause,
  ...(error instanceof AggregateError ? { errors: error.errors } : {}),
});

/** Shorter ones are words: without them no sentence could be read. */
const MIN_LITERAL = 6;

/** The secrets that the environment holds, in every form in which one might turn up in a text. */
export function secretsOf(env: Env): readonly string[] {
  const secret = Object.entries(variables).filter(([, { about }]) => "secret" in about);
  const values = new Map<string, unknown>(Object.entries(env));
  const literals = [
    ...secret.flatMap(([name]) => literalsIn(values.get(name))),
    ...env.models.providers.flatMap(({ apiKey }) => (apiKey === undefined ? [] : [apiKey])),
  ];
  return literals
    .flatMap((literal) => [literal, encodeURIComponent(literal)])
    .filter(({ length }) => length >= MIN_LITERAL);
}

function literalsIn(value: unknown): readonly string[] {
  if (typeof value === "string")
    return URL.canParse(value) && value.includes("://") ? literalsInUrl(new URL(value)) : [value];
  if (value instanceof Uint8Array)
    return (["base64", "base64url", "hex"] as const).map((form) =>
      Buffer.from(value).toString(form).replace(/=+$/, ""),
    );
  if (value instanceof Map || Array.isArray(value)) return [...value.values()].flatMap(literalsIn);
  return [];
}

/**
 * The password, not the address. One that is the user's name, as in `postgres:postgres`, hides nothing and would
 * make the word unreadable everywhere. A name without a password, as in Sentry's DSN, is the key itself.
 */
function literalsInUrl({ username, password, searchParams }: URL): readonly string[] {
  const params = [...searchParams].flatMap(([name, value]) => (isSecretKey(name) ? [value] : []));
  const key = password === "" ? (username.length >= 16 ? username : "") : password === username ? "" : password;
  if (key === "") return params;
  return [key, decoded(key), ...params];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
