import assert from "node:assert/strict";
import { EnvError, loadEnv, variables } from "../../service/src/env.js";

const problemsOf = (source: Record<string, string>): readonly string[] => {
  try {
    loadEnv(source);
  } catch (error) {
    assert.ok(error instanceof EnvError);
    return error.problems;
  }
  return [];
};
const key = Buffer.alloc(32, "k").toString("base64");

describe("the environment", () => {
  it("needs nothing", () => {
    const env = loadEnv({});
    assert.deepEqual([env.PORT, env.HOST, env.ROLE, env.NODE_ENV], [3000, "127.0.0.1", "all", "development"]);
    assert.deepEqual([env.DATABASE_URL, env.REDIS_URL, env.BUCKET_URL, env.METRICS_PORT], Array(4).fill(undefined));
    assert.deepEqual(
      [env.RATE_LIMIT_MAX, env.RATE_LIMIT_WINDOW, env.LIMIT_API, env.LIMIT_AI, env.SHUTDOWN_TIMEOUT],
      [1000, 60_000, 100, 10, 75_000],
    );
    assert.deepEqual([env.ALLOWED_ORIGINS, env.ADMIN_ALLOWED_ADDRESSES], [[], []]);
  });

  it("takes an empty variable for an unset one", () => {
    const empty = Object.fromEntries(Object.keys(variables).map((name) => [name, ""]));
    assert.deepEqual(loadEnv(empty), loadEnv({}));
  });

  it("reads lists, flags, numbers and times", () => {
    const env = loadEnv({
      ALLOWED_ORIGINS: "https://a.example, https://b.example,",
      READ_ONLY_MODE: "1",
      RATE_LIMIT_MAX: "1000000",
      SHUTDOWN_TIMEOUT: "20s",
      ENCRYPTION_KEYS: `2:${key},1:${Buffer.alloc(32).toString("base64")}`,
    });
    assert.deepEqual(env.ALLOWED_ORIGINS, ["https://a.example", "https://b.example"]);
    assert.deepEqual([env.READ_ONLY_MODE, env.RATE_LIMIT_MAX, env.SHUTDOWN_TIMEOUT], [true, 1_000_000, 20_000]);
    assert.deepEqual([...(env.ENCRYPTION_KEYS?.keys() ?? [])], [2, 1]);
    assert.equal(loadEnv({ SHUTDOWN_TIMEOUT: "30" }).SHUTDOWN_TIMEOUT, 30_000);
    assert.equal(loadEnv({ SHUTDOWN_TIMEOUT: "4500" }).SHUTDOWN_TIMEOUT, 4500);
  });

  it("says every problem at once, and no secret", () => {
    const problems = problemsOf({
      PORT: "http",
      ROLE: "boss",
      NODE_ENV: "prod",
      READ_ONLY_MODE: "maybe",
      RATE_LIMIT_MAX: "1000001",
      DATABASE_URL: "mysql://u:hunter2@h/d",
      BUCKET_URL: "ftp://b",
      BOOTSTRAP_API_KEY: "hunter2",
      ENCRYPTION_KEYS: "1:aHVudGVyMg==",
      ALLOWED_ORIGINS: "app.example.com",
      ADMIN_ALLOWED_ADDRESSES: "10.0.0.0/64",
      DATABASE_CA_FILE: "/nowhere/ca.pem",
      SHUTDOWN_TIMEOUT: "1s",
      LOG_LEVEL: "loud",
    });
    assert.deepEqual(problems, [
      "NODE_ENV: 'prod': expected development, test or production",
      "ROLE: 'boss': expected one of api, coordinator, agent, gateway, mcp, webhook, worker, all",
      "PORT: 'http': expected a whole number from 0 to 65535",
      "SHUTDOWN_TIMEOUT: '1s': is below 3 s: new calls are still served for 2 s",
      "DATABASE_URL: expected a URL that begins with postgres:// or postgresql://",
      "DATABASE_CA_FILE: '/nowhere/ca.pem': can't be read: ENOENT: no such file or directory, open '/nowhere/ca.pem'",
      ...problems.filter((line) => line.startsWith("BUCKET_URL: 'ftp://b': expected s3://")),
      "BOOTSTRAP_API_KEY: expected ak_<env>_<id>_<secret>",
      "ENCRYPTION_KEYS: key 1 has 7 bytes; expected 32: openssl rand -base64 32",
      "ALLOWED_ORIGINS: 'app.example.com': expected origins such as https://app.example.com",
      "ADMIN_ALLOWED_ADDRESSES: '10.0.0.0/64': expected addresses or ranges such as 10.0.0.0/8",
      "RATE_LIMIT_MAX: '1000001': is above 1000000",
      "READ_ONLY_MODE: 'maybe': expected true or false",
      "LOG_LEVEL: 'loud': expected trace, debug, info, warn, error, fatal or silent",
    ]);
    assert.equal(problems.length, 14);
  });

  it("refuses what is unsafe, with the reason", () => {
    assert.deepEqual(problemsOf({ JWT_SECRET: "short" }), [
      "JWT_SECRET: 5 characters can be guessed; expected at least 32, e.g. of: openssl rand -base64 48",
    ]);
    assert.deepEqual(problemsOf({ NODE_ENV: "production", ALLOWED_ORIGINS: "*", JWKS_URL: "http://issuer.example" }), [
      "ALLOWED_ORIGINS: '*' lets every page call with a visitor's rights; in production name the origins",
      "JWKS_URL: keys fetched over http can be replaced on the way; in production expected https",
    ]);
    assert.deepEqual(loadEnv({ ALLOWED_ORIGINS: "*" }).ALLOWED_ORIGINS, ["*"]);
  });

  it("refuses what needs something that is not set", () => {
    assert.deepEqual(
      problemsOf({
        DATABASE_READ_URLS: "postgres://replica/db",
        REDIS_CA_FILE: "/dev/null",
        REDIS_URL: "redis://h",
        ENCRYPTION_KEY: key,
        ENCRYPTION_KEYS: `1:${key}`,
      }),
      [
        "ENCRYPTION_KEY: is key 1 of ENCRYPTION_KEYS; set one of the two",
        "DATABASE_READ_URLS: needs DATABASE_URL, which is not set",
        "REDIS_CA_FILE: needs a REDIS_URL that begins with rediss://",
      ],
    );
    assert.deepEqual(problemsOf({ REDIS_CLUSTER: "true" }), ["REDIS_CLUSTER: needs REDIS_URL, which is not set"]);
  });
});
