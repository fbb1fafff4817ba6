import assert from "node:assert/strict";
import type { PooledDatabase } from "../../service/src/storage/database.js";
import { openInMemory } from "../../service/src/storage/embedded.js";
import { ADMIN_KEY, startService, type TestService } from "./support/service.js";

const count = (statuses: readonly number[]): Record<number, number> => {
  const counted: Record<number, number> = {};
  for (const status of statuses) counted[status] = (counted[status] ?? 0) + 1;
  return counted;
};
const PATH = "/api/v1/templates";

describe("limits of a process by itself", () => {
  let database: PooledDatabase;
  let service: TestService;
  before(async () => {
    database = await openInMemory();
  });
  // The limits are in the process, so each test has a service of its own.
  const start = async (settings: Record<string, string>) => {
    service = await startService(settings, database);
  };
  afterEach(() => service.stop());
  after(() => database.close());
  const ask = (key?: string, path = PATH) => service.ask("GET", path, key === undefined ? {} : { key });
  const many = (times: number, key?: string) => Promise.all(Array.from({ length: times }, () => ask(key)));

  it("let exactly 10 of 200 parallel calls of a caller pass", async () => {
    await start({ LIMIT_API: "10" });
    const answers = await many(200, ADMIN_KEY);
    assert.deepEqual(count(answers.map(({ status }) => status)), { 200: 10, 429: 190 });
    const refused = answers.find(({ status }) => status === 429);
    assert.equal(refused?.json.detail, "more than 10 calls in 900 s (api)");
    assert.equal(refused?.headers.get("retry-after"), "900");
    assert.equal(refused?.headers.get("ratelimit-policy"), '"api";q=10;w=900');
    assert.equal(refused?.headers.get("ratelimit-remaining"), "0");
  });

  it("are for each caller, and say what is left", async () => {
    await start({ LIMIT_API: "3" });
    const viewer = await service.keyOf("viewer");
    for (const left of ["2", "1", "0"]) assert.equal((await ask(viewer)).headers.get("ratelimit-remaining"), left);
    assert.equal((await ask(viewer)).status, 429);
    assert.equal((await ask(ADMIN_KEY)).status, 200);
  });

  it("take this process's part where several share them", async () => {
    await start({ LIMIT_API: "10", REPLICAS: "3" });
    assert.deepEqual(count((await many(20, ADMIN_KEY)).map(({ status }) => status)), { 200: 3, 429: 17 });
  });

  it("of an address hold for all its callers, and for what is open", async () => {
    await start({ RATE_LIMIT_MAX: "5", RATE_LIMIT_WINDOW: "60000" });
    const statuses = [];
    for (const key of [ADMIN_KEY, undefined, ADMIN_KEY, undefined, ADMIN_KEY, undefined, ADMIN_KEY])
      statuses.push((await ask(key, key === undefined ? "/openapi.json" : PATH)).status);
    assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429]);
    assert.equal((await ask(undefined, "/health")).status, 200);
  });

  it("never block a valid key for the bad ones from the same address", async () => {
    await start({ RATE_LIMIT_MAX: "5" });
    const bad = await many(40, "ak_test_nobody_x");
    assert.deepEqual(count(bad.map(({ status }) => status)), { 401: 30, 429: 10 });
    const refused = bad.find(({ status }) => status === 429);
    assert.equal(refused?.json.detail, "too many calls without a valid credential from this address");
    assert.equal((await ask(ADMIN_KEY)).status, 200);
  });

  it("of 0 are off", async () => {
    await start({ LIMIT_API: "0" });
    const answers = await many(150, ADMIN_KEY);
    assert.deepEqual(count(answers.map(({ status }) => status)), { 200: 150 });
    assert.equal(answers[0]?.headers.get("ratelimit-policy"), '"global";q=1000000;w=60');
  });

  it("believe no X-Forwarded-For that no proxy vouches for", async () => {
    await start({ RATE_LIMIT_MAX: "2" });
    const from = (address: string) =>
      service.ask("GET", PATH, { key: ADMIN_KEY, headers: { "X-Forwarded-For": address } });
    const statuses = [];
    for (const address of ["203.0.113.1", "203.0.113.2", "203.0.113.3"]) statuses.push((await from(address)).status);
    assert.deepEqual(statuses, [200, 200, 429]);
  });

  it("count the address that the proxy in front names", async () => {
    await start({ RATE_LIMIT_MAX: "1", TRUST_PROXY: "1", ADMIN_ALLOWED_ADDRESSES: "203.0.113.0/24" });
    const from = (address: string, path = PATH) =>
      service.ask("GET", path, { key: ADMIN_KEY, headers: { "X-Forwarded-For": `198.51.100.7, ${address}` } });
    assert.equal((await from("203.0.113.1")).status, 200);
    assert.equal((await from("203.0.113.1")).status, 429);
    assert.equal((await from("203.0.113.2")).status, 200);
    assert.equal((await from("203.0.113.3", "/api/v1/admin/mode")).status, 200);
    const refused = await from("192.0.2.1", "/api/v1/admin/mode");
    assert.deepEqual([refused.status, refused.json.detail], [403, "administration is not open to this address"]);
  });
});
