import assert from "node:assert/strict";
import { freePorts } from "../../engine/cluster/process.js";
import { migrate, type ServiceProcess, startProcess } from "../support/process.js";
import { ADMIN_KEY } from "../support/service.js";
import { until } from "../support/until.js";
import { freshDatabase, type PostgresServer, query, type RedisServer, startPostgres, startRedis } from "./servers.js";

const TEMPLATES = "/api/v1/templates";

describe("the service on a real PostgreSQL and a real Redis", () => {
  let postgres: PostgresServer;
  let redis: RedisServer;
  let running: ServiceProcess[] = [];
  before(async () => {
    [postgres, redis] = await Promise.all([startPostgres({ version: "17", ssl: true }), startRedis({ tls: true })]);
  });
  afterEach(() => {
    for (const { child } of running) child.kill("SIGKILL");
    running = [];
  });
  after(() => Promise.all([postgres.stop(), redis.stop()]));

  /** Its own part of Redis, so that no test counts another's calls. */
  let numbers = 0;
  const settingsOn = async (database: string): Promise<Record<string, string>> => ({
    DATABASE_URL: database,
    DATABASE_CA_FILE: postgres.caFile ?? "",
    REDIS_URL: `${redis.url}/${numbers++ % 16}`,
    REDIS_CA_FILE: redis.caFile ?? "",
    BOOTSTRAP_API_KEY: ADMIN_KEY,
    RATE_LIMIT_MAX: "1000000",
    LIMIT_API: "0",
  });
  const start = async (settings: Record<string, string>) => {
    const service = await startProcess({ settings });
    running.push(service);
    return service;
  };
  const ask = async ({ url }: { readonly url: string }, method: string, path: string, body?: object) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${ADMIN_KEY}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape.
      json: text === "" ? undefined : (JSON.parse(text) as any),
    };
  };
  const ready = async (service: ServiceProcess) => {
    const { status, json } = await ask(service, "GET", "/health/ready");
    return [status, json.status, json.reason];
  };

  it("reaches both by TLS, with their certificates checked", async () => {
    const service = await start(await settingsOn(await freshDatabase(postgres)));
    assert.deepEqual(await ready(service), [200, "ready", null]);
    const [row] = await query(
      postgres,
      "select count(*)::int as n from pg_stat_ssl s join pg_stat_activity a using (pid) where a.application_name like 'agent-service%' and not s.ssl",
    );
    assert.equal(row?.["n"], 0);
  });

  it("lets exactly 10 of 200 parallel calls pass over two replicas", async () => {
    const settings = { ...(await settingsOn(await freshDatabase(postgres))), LIMIT_API: "10", REPLICAS: "2" };
    const replicas = [await start(settings), await start(settings)];
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, at) => ask(replicas[at % 2] as ServiceProcess, "GET", TEMPLATES)),
    );
    const passed = answers.filter(({ status }) => status === 200).length;
    assert.deepEqual([passed, answers.filter(({ status }) => status === 429).length], [10, 190]);
  });

  it("counts in a cluster of Redis by TLS", async () => {
    const cluster = await startRedis({ tls: true, cluster: true });
    try {
      const settings = {
        ...(await settingsOn(await freshDatabase(postgres))),
        REDIS_URL: cluster.url,
        REDIS_CLUSTER: "true",
        LIMIT_API: "10",
        REPLICAS: "2",
      };
      const replicas = [await start(settings), await start(settings)];
      for (const replica of replicas) assert.deepEqual(await ready(replica), [200, "ready", null]);
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, at) => ask(replicas[at % 2] as ServiceProcess, "GET", TEMPLATES)),
      );
      assert.equal(answers.filter(({ status }) => status === 200).length, 10);
    } finally {
      await cluster.stop();
    }
  });

  it("keeps all that was accepted when the database is killed, and says that it is away", async () => {
    const service = await start(await settingsOn(await freshDatabase(postgres)));
    const accepted: string[] = [];
    let writing = true;
    const writer = async (which: number) => {
      for (let at = 0; writing; at += 1) {
        const { status, json, headers } = await ask(service, "POST", TEMPLATES, { name: `${which}/${at}`, body: "x" });
        if (status === 201) accepted.push(json.id);
        else {
          assert.deepEqual([status, json.code], [503, "unavailable"]);
          assert.ok(Number(headers.get("retry-after")) > 0);
        }
      }
    };
    const writers = [0, 1, 2, 3].map(writer);
    await until(async () => accepted.length > 20);
    await postgres.kill();
    await until(async () => (await ready(service))[0] === 503);
    assert.deepEqual(await ready(service), [503, "not_ready", "database is away"]);
    assert.equal((await ask(service, "GET", "/health")).status, 200);
    const before = accepted.length;
    await postgres.restart();
    await until(async () => accepted.length > before + 20);
    writing = false;
    await Promise.all(writers);
    await until(async () => (await ready(service))[0] === 200);
    for (const id of accepted) assert.equal((await ask(service, "GET", `${TEMPLATES}/${id}`)).status, 200, id);
    assert.equal(service.child.exitCode, null);
  });

  it("counts on by itself when Redis is killed, never without a limit, and says so", async () => {
    const settings = { ...(await settingsOn(await freshDatabase(postgres))), LIMIT_API: "20", REPLICAS: "4" };
    const service = await start(settings);
    assert.equal((await ask(service, "GET", TEMPLATES)).status, 200);
    await redis.kill();
    await until(async () => (await ready(service))[1] === "degraded");
    assert.deepEqual(await ready(service), [200, "degraded", "redis away"]);
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(service, "GET", TEMPLATES)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 5);
    assert.equal(answers.filter(({ status }) => status === 429).length, 45);
    await redis.restart();
    await until(async () => (await ready(service))[1] === "ready");
    // Redis counts again, for all replicas.
    assert.equal((await ask(service, "GET", TEMPLATES)).headers.get("ratelimit-limit"), "20");
  });

  it("waits in production until migrate has run, and says what for", async () => {
    const database = await freshDatabase(postgres);
    const [port] = await freePorts(1);
    const settings = { ...(await settingsOn(database)), NODE_ENV: "production", PORT: String(port) };
    const starting = start(settings);
    const at = { url: `http://127.0.0.1:${port}` };
    await until(async () => (await ask(at, "GET", "/health").catch(() => undefined))?.status === 200);
    await until(async () => (await ask(at, "GET", "/health/startup")).json.reason.includes("migrate"));
    assert.equal((await ask(at, "GET", "/health/startup")).status, 503);
    const refused = await ask(at, "GET", TEMPLATES);
    assert.deepEqual([refused.status, refused.json.code], [503, "unavailable"]);
    await migrate(settings);
    const service = await starting;
    assert.deepEqual(
      [(await ask(service, "GET", "/health/startup")).status, (await ready(service))[1]],
      [200, "ready"],
    );
  });

  it("serves on a schema that is one expand migration ahead, and refuses one contract migration ahead", async () => {
    const database = await freshDatabase(postgres);
    const settings = await settingsOn(database);
    await migrate(settings);
    const superuserUrl = new URL(postgres.superuserUrl);
    superuserUrl.pathname = new URL(database).pathname;
    const server = { ...postgres, superuserUrl: superuserUrl.href };
    await query(server, "insert into schema_migrations (name, run_on) values ('9000-expand-later', now())");
    const service = await start(settings);
    assert.deepEqual(await ready(service), [200, "ready", null]);
    await query(server, "insert into schema_migrations (name, run_on) values ('9001-contract-later', now())");
    await assert.rejects(start(settings), (error: Error) => {
      assert.match(error.message, /^the service ended with 3:/);
      assert.ok(
        error.message.includes(
          "the database's schema is of a later version: 9001-contract-later took away what this version uses. " +
            "Start the version that brought it, or a later one",
        ),
        error.message,
      );
      return true;
    });
  });

  it("does not start without the key that its API keys are hashed with", async () => {
    const ring = (...numbers: number[]) =>
      numbers.map((n) => `${n}:${Buffer.alloc(32, n).toString("base64")}`).join(",");
    const settings = await settingsOn(await freshDatabase(postgres));
    const first = await start({ ...settings, ENCRYPTION_KEYS: ring(1) });
    const made = await ask(first, "POST", "/api/v1/admin/api-keys", { name: "kept", role: "viewer" });
    await first.end("SIGTERM");
    await assert.rejects(start({ ...settings, ENCRYPTION_KEYS: ring(2) }), (error: Error) => {
      assert.ok(
        error.message.includes(
          "ENCRYPTION_KEYS: key 1 is not in the ring, and API keys are hashed with it; put it back",
        ),
        error.message,
      );
      return true;
    });
    const turned = await start({ ...settings, ENCRYPTION_KEYS: ring(2, 1) });
    const headers = { Authorization: `Bearer ${made.json.key}` };
    assert.equal((await fetch(`${turned.url}${TEMPLATES}`, { headers })).status, 200);
  });
});
