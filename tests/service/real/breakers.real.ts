import assert from "node:assert/strict";
import * as fc from "fast-check";
import { openRedis, type RedisClient } from "../../../service/src/cache/redis.js";
import { loadEnv } from "../../../service/src/env.js";
import { breakerDefaults } from "../../../service/src/models/breaker.js";
import {
  type Admission,
  type BreakerOutcome,
  type Breakers,
  LocalBreakers,
} from "../../../service/src/models/breakers.js";
import { SharedBreakers } from "../../../service/src/models/shared-breakers.js";
import { sequence, settings } from "../models/sequences.js";
import { until } from "../support/until.js";
import { type RedisServer, startRedis } from "./servers.js";

const fresh = { phase: "closed", limited: false, retryAfterMs: 0, calls: 0, failures: 0, inARow: 0 };
const failure: BreakerOutcome = { outcome: "failure" };
const success: BreakerOutcome = { outcome: "success" };

for (const cluster of [false, true])
  describe(`breakers in Redis${cluster ? ", a cluster" : ""}`, () => {
    let server: RedisServer;
    const clients: RedisClient[] = [];
    before(async () => {
      server = await startRedis({ cluster });
    });
    afterEach(() => {
      for (const client of clients.splice(0)) client.disconnect();
    });
    after(() => server.stop());

    /** As a replica has it. */
    const connect = async (): Promise<RedisClient> => {
      const env = loadEnv({ REDIS_URL: server.url, REDIS_CLUSTER: String(cluster) });
      const client = openRedis({ ...env, REDIS_URL: server.url }, { up: () => {}, down: () => {} });
      clients.push(client);
      await ready(client);
      return client;
    };
    const ready = (client: RedisClient) => until(() => client.status === "ready");

    /** No test finds what another left. */
    let keys = 0;
    const newKey = () => `provider/model ${keys++}`;

    const fail = async (breakers: Breakers, key: string, count: number) => {
      for (let call = 0; call < count; call += 1) await breakers.record(key, await breakers.admit(key), failure);
    };
    const lookAt = async (breakers: Breakers, key: string) => {
      const [view] = await breakers.look([key]);
      assert.ok(view !== undefined);
      return view;
    };
    const phases = async (key: string, ...all: readonly Breakers[]) =>
      (await Promise.all(all.map((breakers) => lookAt(breakers, key)))).map(({ phase }) => phase);

    it("admit, count and move as those of a process do, whatever happens to them", async () => {
      const client = await connect();
      let probes = 0;
      /** Every probe has a token of its own. */
      const shape = (admission: Admission) =>
        admission.admitted ? { ...admission, probe: typeof admission.probe } : admission;
      await fc.assert(
        fc.asyncProperty(sequence, settings, async (steps, given) => {
          let now = 1_763_769_600_000;
          const local = new LocalBreakers(given, () => now);
          const replica = () => new SharedBreakers(client, given, () => now);
          const shared = replica();
          const key = newKey();
          const out: (readonly [Admission, Admission])[] = [];
          for (const step of steps) {
            if (step.does === "wait") now += step.ms;
            if (step.does === "admit") {
              const admissions = [await local.admit(key), await shared.admit(key)] as const;
              assert.deepEqual(shape(admissions[1]), shape(admissions[0]));
              if (admissions[0].admitted) out.push(admissions);
              if (admissions[0].admitted && admissions[0].probe !== undefined) probes += 1;
            }
            if (step.does === "record") {
              const [both] = out.splice(step.which % Math.max(1, out.length), 1);
              if (both === undefined) continue;
              await local.record(key, both[0], step.outcome);
              await shared.record(key, both[1], step.outcome);
            }
            // One that has seen nothing itself can only say what Redis says.
            assert.deepEqual(await replica().look([key]), await local.look([key]));
          }
        }),
        { numRuns: 150, seed: 20_261_122 },
      );
      // Without them half of the rules would not have been compared.
      assert.ok(probes > 300, `${probes} probes`);
    });

    it("are one for two replicas, with one probe for both", async () => {
      const quick = { ...breakerDefaults, openMs: 100 };
      const one = new SharedBreakers(await connect(), quick);
      const other = new SharedBreakers(await connect(), quick);
      const key = newKey();
      await fail(one, key, 2);
      await fail(other, key, 3);
      assert.deepEqual((await lookAt(one, key)).inARow, 5);
      for (const outcome of [failure, success, success]) {
        await until(async () => (await phases(key, one, other)).every((phase) => phase === "half-open"));
        const calls = Array.from({ length: 80 }, async (_, at) => {
          const replica = at % 2 === 0 ? one : other;
          return { replica, admission: await replica.admit(key) };
        });
        const [probe, second] = (await Promise.all(calls)).filter(({ admission }) => admission.admitted);
        assert.ok(probe !== undefined && second === undefined);
        await probe.replica.record(key, probe.admission, outcome);
      }
      assert.deepEqual(await Promise.all([lookAt(one, key), lookAt(other, key)]), [fresh, fresh]);
    });

    it("are limited for all replicas", async () => {
      const [one, other] = [await connect(), await connect()].map(
        (client) => new SharedBreakers(client, breakerDefaults),
      );
      assert.ok(one !== undefined && other !== undefined);
      const key = newKey();
      await one.record(key, await one.admit(key), { outcome: "limited", forMs: 59_999.5 });
      const admission = await other.admit(key);
      assert.ok(!admission.admitted && admission.limited);
      assert.ok(admission.retryAfterMs > 30_000 && admission.retryAfterMs <= 60_000, `${admission.retryAfterMs} ms`);
    });

    it("take one command for an admission and one for an outcome", async () => {
      const client = await connect();
      const breakers = new SharedBreakers(client, breakerDefaults);
      const key = newKey();
      // The first time it is sent whole.
      await fail(breakers, key, 1);
      await client.call("CONFIG", "RESETSTAT");
      await fail(breakers, key, 3);
      const stats = await client.info("commandstats");
      assert.match(stats, /cmdstat_evalsha:calls=6,/);
      assert.doesNotMatch(stats, /cmdstat_eval:/);
    });

    it("go on where Redis has forgotten the scripts", async () => {
      const client = await connect();
      const breakers = new SharedBreakers(client, breakerDefaults);
      const key = newKey();
      await fail(breakers, key, 3);
      await client.script("FLUSH");
      await fail(breakers, key, 2);
      assert.deepEqual(await phases(key, breakers, new SharedBreakers(await connect(), breakerDefaults)), [
        "open",
        "open",
      ]);
    });

    it("are gone from Redis some minutes after they keep nobody away", async () => {
      const client = await connect();
      const breakers = new SharedBreakers(client, breakerDefaults);
      const key = newKey();
      const minutes = async () => Math.ceil((await client.pttl(`breaker:${key}`)) / 60_000);
      const limit = async (forMs: number) =>
        breakers.record(key, await breakers.admit(key), { outcome: "limited", forMs });
      await fail(breakers, key, 1);
      assert.equal(await minutes(), 7);
      await limit(3_600_000);
      assert.equal(await minutes(), 67);
      await breakers.reset(key);
      assert.equal(await client.exists(`breaker:${key}`), 0);
    });

    it("are reset for all replicas", async () => {
      const [one, other] = [await connect(), await connect()].map(
        (client) => new SharedBreakers(client, breakerDefaults),
      );
      assert.ok(one !== undefined && other !== undefined);
      const key = newKey();
      await fail(one, key, 5);
      assert.deepEqual(await phases(key, one, other), ["open", "open"]);
      await other.reset(key);
      assert.deepEqual(await phases(key, one, other), ["closed", "closed"]);
      assert.deepEqual(await one.admit(key), { admitted: true, probe: undefined });
    });

    it("are the process's own where Redis holds what they can't read", async () => {
      const client = await connect();
      const breakers = new SharedBreakers(client, breakerDefaults);
      for (const nonsense of ["nonsense", "{}", '{"openMs":"x"}', "[]"]) {
        const key = newKey();
        await client.set(`breaker:${key}`, nonsense);
        await fail(breakers, key, 5);
        assert.deepEqual(await phases(key, breakers), ["open"], nonsense);
        assert.equal(await client.get(`breaker:${key}`), nonsense);
      }
    });

    it("go on from what they saw when Redis is killed, each process by itself, and are one again after it", async () => {
      const [mine, others] = [await connect(), await connect()];
      const [one, other] = [new SharedBreakers(mine, breakerDefaults), new SharedBreakers(others, breakerDefaults)];
      const [seen, broken] = [newKey(), newKey()];
      await fail(other, seen, 5);
      const admission = await one.admit(seen);
      assert.equal(admission.admitted, false);
      const early = await one.admit(broken);
      await server.kill();
      await until(() => mine.status !== "ready" && others.status !== "ready");

      // Nobody told this one but Redis.
      assert.deepEqual(await phases(seen, one), ["open"]);
      const later = await one.admit(seen);
      assert.ok(!later.admitted && !admission.admitted && later.retryAfterMs <= admission.retryAfterMs);
      await one.record(broken, early, failure);
      await fail(one, broken, 4);
      assert.deepEqual(await phases(broken, one, other), ["open", "closed"]);

      await server.restart();
      await Promise.all([ready(mine), ready(others)]);
      assert.deepEqual(await phases(broken, one, other), ["closed", "closed"]);
      await fail(one, broken, 3);
      await fail(other, broken, 2);
      assert.deepEqual(await phases(broken, one, other), ["open", "open"]);
    });

    it("go on when Redis hangs", async () => {
      const client = await connect();
      const breakers = new SharedBreakers(client, breakerDefaults);
      const key = newKey();
      await fail(breakers, key, 4);
      process.kill(server.pid, "SIGSTOP");
      try {
        const admission = await breakers.admit(key);
        assert.deepEqual(admission, { admitted: true, probe: undefined });
        await breakers.record(key, admission, failure);
        assert.deepEqual(await phases(key, breakers), ["open"]);
      } finally {
        process.kill(server.pid, "SIGCONT");
      }
    });

    it("wait for no other process's probe while Redis is away", async () => {
      let now = 1_763_769_600_000;
      const clients = [await connect(), await connect()];
      const [one, other] = clients.map((client) => new SharedBreakers(client, breakerDefaults, () => now));
      assert.ok(one !== undefined && other !== undefined);
      const key = newKey();
      await fail(one, key, 5);
      now += 5000;
      const probe = await one.admit(key);
      const refused = { admitted: false, limited: false, retryAfterMs: 5000 };
      assert.deepEqual(await other.admit(key), refused);
      for (const client of clients) client.disconnect();
      assert.deepEqual(await one.admit(key), refused);
      await one.record(key, probe, success);
      for (const breakers of [one, other]) {
        const next = await breakers.admit(key);
        assert.ok(next.admitted && next.probe !== undefined);
      }
      await other.record(key, probe, failure);
      assert.deepEqual(await phases(key, one, other), ["half-open", "half-open"]);
    });

    it("give a probe up whose outcome Redis never heard", async () => {
      let now = 1_763_769_600_000;
      const client = await connect();
      const one = new SharedBreakers(client, breakerDefaults, () => now);
      const other = new SharedBreakers(await connect(), breakerDefaults, () => now);
      const key = newKey();
      await fail(one, key, 5);
      now += 5000;
      const lost = await one.admit(key);
      client.disconnect();
      await one.record(key, lost, success);
      assert.deepEqual(await other.admit(key), { admitted: false, limited: false, retryAfterMs: 5000 });
      now += breakerDefaults.leaseMs;
      const next = await other.admit(key);
      assert.ok(next.admitted && next.probe !== undefined);
    });
  });
