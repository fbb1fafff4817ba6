import assert from "node:assert/strict";
import { loadEnv } from "../../../service/src/env.js";
import { createScrub, secretsOf } from "../../../service/src/telemetry/scrub.js";

const JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl";

describe("what leaves the process", () => {
  const scrub = createScrub();

  const texts: readonly (readonly [what: string, text: string, left: string])[] = [
    ["a key of ours", "key ak_prod_b7K2_s3cr3t-_A was refused", "key [secret] was refused"],
    ["one in an escaped path", "/x?q=%20ak_prod_b7K2_s3cr3t", "/x?q=%20[secret]"],
    ["a bearer token", "Authorization was Bearer abcdef012345.-_~+/=, ok", "Authorization was Bearer [secret], ok"],
    ["basic credentials", "basic dXNlcjpwYXNz", "basic [secret]"],
    ["a JSON Web Token", `token ${JWT}!`, "token [secret]!"],
    ["an unsigned one", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "[secret]"],
    [
      "a URL's password",
      "connect to postgres://ann:p%40ss@db:5432/x failed",
      "connect to postgres://ann:[secret]@db:5432/x failed",
    ],
    ["one with an @ in it", "redis://:p@ss@cache:6379", "redis://:[secret]@cache:6379"],
    ["OpenAI's key", "Incorrect API key: sk-proj-abcDEF0123456789", "Incorrect API key: [secret]"],
    ["Anthropic's key", "x sk-ant-api03-abc_DEF-0123", "x [secret]"],
    ["GitHub's token", "ghp_0123456789abcdefghij", "[secret]"],
    ["AWS's key id", "AKIAIOSFODNN7EXAMPLE", "[secret]"],
    ["Google's key", "AIzaSyA0123456789012345678901234567890", "[secret]"],
    ["a query", "/ws?token=tk_123&room=7", "/ws?token=[secret]&room=7"],
    ["a signed link", "https://b/o?X-Amz-Signature=abc123&x=1", "https://b/o?X-Amz-Signature=[secret]&x=1"],
    ["a connection string", "host=db password='two words' user=ann", "host=db password=[secret] user=ann"],
    ["a line of headers", "Cookie: sid=1; theme=2\r\nAccept: */*", "Cookie: [secret]\r\nAccept: */*"],
    ["JSON", '{"user":"ann","password":"a\\"b","n":1}', '{"user":"ann","password":"[secret]","n":1}'],
    ["JSON within JSON", '"{\\"apiKey\\":\\"abc\\",\\"n\\":1}"', '"{\\"apiKey\\":\\"[secret]\\",\\"n\\":1}"'],
    ["a private key", "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----.", "[secret]."],
    ["half a private key", "x -----BEGIN RSA PRIVATE KEY-----\nMIIE", "x [secret]"],
  ];
  for (const [what, text, left] of texts)
    it(`has no ${what}`, () => {
      assert.equal(scrub.text(text), left);
    });

  const innocent = [
    "peak_memory_usage_bytes of task-abcdefghijkl and ask-me-anything-now",
    "GET http://127.0.0.1:3000/api/v1/templates?limit=50 answered 200",
    "JWT_SECRET: 5 characters can be guessed; expected at least 32",
    "max_tokens is 4096, tokens: 12",
    "ann@example.com wrote at 12:30:00",
    "the credential is not valid, expired or revoked",
  ];
  for (const text of innocent)
    it(`leaves '${text.slice(0, 40)}...' alone`, () => {
      assert.equal(scrub.text(text), text);
    });

  it("hides values by the names of their keys, at any depth", () => {
    const given = {
      password: "a",
      nested: [{ "X-API-Key": "b", client_secret: { deep: 1 }, keyId: "kept", tokens: 7 }],
      headers: { authorization: "c", cookie: ["d"], "set-cookie": ["e"], accept: "*/*" },
      hasToken: true,
      token: null,
    };
    assert.deepEqual(scrub.value(given), {
      password: "[secret]",
      nested: [{ "X-API-Key": "[secret]", client_secret: "[secret]", keyId: "kept", tokens: 7 }],
      headers: { authorization: "[secret]", cookie: "[secret]", "set-cookie": "[secret]", accept: "*/*" },
      hasToken: true,
      token: null,
    });
  });

  it("has no prototype of a stranger's", () => {
    const left = scrub.value(JSON.parse('{"__proto__":{"admin":true},"constructor":1}'));
    assert.deepEqual(left, { constructor: 1 });
    assert.equal(Object.getPrototypeOf(left), Object.prototype);
  });

  it("hides what a key itself says", () => {
    assert.deepEqual(scrub.value(new Map([["ak_a_b_c", 1]])), { "[secret]": 1 });
  });

  it("makes plain what is not JSON", () => {
    const circle: Record<string, unknown> = {
      date: new Date(0),
      bad: new Date(Number.NaN),
      url: new URL("http://u:pw@h/"),
      big: 10n,
      bytes: Buffer.from("abc"),
      set: new Set([1]),
      run: () => 1,
      none: undefined,
    };
    circle["self"] = circle;
    Object.defineProperty(circle, "broken", {
      enumerable: true,
      get() {
        throw new Error("no");
      },
    });
    assert.deepEqual(scrub.value(circle), {
      date: "1970-01-01T00:00:00.000Z",
      bad: null,
      url: "http://u:[secret]@h/",
      big: "10",
      bytes: "[3 bytes]",
      set: [1],
      self: "[circular]",
      broken: "[unreadable]",
    });
  });

  it("keeps of an error what tells it from another, with its causes", () => {
    const cause = Object.assign(new Error("password=abc"), {
      code: "28P01",
      detail: "Key (name)=(ann) exists",
      query: "select 1",
    });
    const error = new TypeError("Bearer abcdef012345", { cause });
    error.stack = "TypeError: Bearer abcdef012345\n    at f (file.ts:1:2)";
    cause.stack = "Error: password=abc\n    at g (file.ts:3:4)";
    assert.deepEqual(scrub.value(error), {
      type: "TypeError",
      message: "Bearer [secret]",
      stack: "TypeError: Bearer [secret]\n    at f (file.ts:1:2)",
      cause: {
        type: "Error",
        message: "password=[secret]",
        code: "28P01",
        stack: "Error: password=[secret]\n    at g (file.ts:3:4)",
      },
    });
  });

  it("is never longer than anybody reads", () => {
    const long = scrub.text("a".repeat(100_000));
    assert.equal(long, `${"a".repeat(16_384)}... (cut: 100000)`);
    const deep = JSON.stringify(scrub.value(JSON.parse(`${"[".repeat(1000)}${"]".repeat(1000)}`)));
    assert.equal(deep, `${"[".repeat(10)}"[deeper]"${"]".repeat(10)}`);
    const wide = scrub.value(Array.from({ length: 1000 }, (_, index) => index));
    assert.deepEqual(Array.isArray(wide) && [wide.length, wide.at(-1)], [101, "... (900 more)"]);
    const fields = scrub.value(Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`k${index}`, 1])));
    assert.deepEqual(Object.entries(fields ?? {}).slice(-2), [
      ["k99", 1],
      ["...", "900 more"],
    ]);
  });

  it("does not show the half of a secret that lies across the cut", () => {
    const literal = `hush-${"x".repeat(40)}`;
    const { text } = createScrub([literal]);
    for (const offset of [-30, -1, 0, 1000, 1020])
      assert.doesNotMatch(text(`${"a".repeat(16_384 + offset)}${literal}${"b".repeat(5000)}`), /hush|xx/);
    // Many replacements before it move what was read beyond the cut into sight.
    assert.doesNotMatch(text(`${`${JWT} `.repeat(400).slice(0, 17_400)}${literal}`), /hush|xx/);
  });

  it("reads in one go what was made to be read often", () => {
    // Each would take hours with a pattern that goes back.
    const nasty = [
      "a-",
      "a.",
      "://x:",
      "eyJ",
      "ak_a",
      '"password"',
      "token=",
      "password='",
      "-----BEGIN PRIVATE KEY-----",
      "Bearer ",
      '\\"',
      "%20",
    ];
    for (const piece of nasty) assert.equal(typeof scrub.text(piece.repeat(1_000_000 / piece.length)), "string");
  });
});

describe("the environment's secrets", () => {
  const ring = Buffer.alloc(32, 0xfb);
  const env = loadEnv({
    DATABASE_URL: "postgres://ann:hunter%402@db/x",
    DATABASE_READ_URLS: "postgres://ann:replica1@r1/x,postgres://ann:replica2@r2/x",
    REDIS_URL: "redis://127.0.0.1:6379",
    MONGODB_URL: "mongodb://postgres:postgres@mongo/x",
    CLICKHOUSE_URL: "http://clickhouse:8123/?password=column-store",
    JWT_SECRET: "a-secret-of-thirty-two-characters",
    ENCRYPTION_KEYS: `2:${ring.toString("base64")}`,
    AI_PROVIDERS_CONFIG: JSON.stringify({
      providers: [{ name: "p1", kind: "openai", apiKeyEnv: "P1_KEY", models: ["m1"] }],
    }),
    P1_KEY: "key-of-a-provider",
    SENTRY_DSN: "https://0123456789abcdef0123456789abcdef@sentry.example.com/42",
    GITHUB_TOKEN: "short",
  });

  it("are known in every form, and nothing else is", () => {
    assert.deepEqual(
      [...new Set(secretsOf(env))].sort(),
      [
        "hunter%402",
        "hunter@2",
        "hunter%25402",
        "replica1",
        "replica2",
        "column-store",
        "a-secret-of-thirty-two-characters",
        ring.toString("base64").replace(/=+$/, ""),
        encodeURIComponent(ring.toString("base64").replace(/=+$/, "")),
        ring.toString("base64url"),
        ring.toString("hex"),
        "key-of-a-provider",
        "0123456789abcdef0123456789abcdef",
      ].sort(),
    );
  });

  it("are taken out wherever they stand", () => {
    const scrub = createScrub(secretsOf(env));
    assert.equal(
      scrub.text("signed with a-secret-of-thirty-two-characters, password hunter@2 or hunter%402"),
      "signed with [secret], password [secret] or [secret]",
    );
    assert.deepEqual(scrub.value({ some: ["key-of-a-provider"] }), { some: ["[secret]"] });
  });
});
