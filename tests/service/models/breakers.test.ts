import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { breakerDefaults } from "../../../service/src/models/breaker.js";
import { type Admission, type Breakers, LocalBreakers } from "../../../service/src/models/breakers.js";
import { SharedBreakers } from "../../../service/src/models/shared-breakers.js";

const fresh = { phase: "closed", limited: false, retryAfterMs: 0, calls: 0, failures: 0, inARow: 0 };

let now = 0;
const clock = () => now;

/** One that never connects: it is as good as away. */
const away = new Redis({ lazyConnect: true });

const kinds: Readonly<Record<string, () => Breakers>> = {
  "breakers of a process": () => new LocalBreakers(breakerDefaults, clock),
  "breakers in a Redis that was never there": () => new SharedBreakers(away, breakerDefaults, clock),
};

for (const [kind, create] of Object.entries(kinds))
  describe(kind, () => {
    let breakers: Breakers;
    beforeEach(() => {
      now = 0;
      breakers = create();
    });

    const fail = async (key: string, count: number) => {
      for (let call = 0; call < count; call += 1)
        await breakers.record(key, await breakers.admit(key), { outcome: "failure" });
    };
    const lookAt = async (key: string) => (await breakers.look([key]))[0];

    it("are one for each key", async () => {
      await fail("a/1", 5);
      await fail("a/2", 1);
      assert.deepEqual(await breakers.look(["a/1", "a/3", "a/2"]), [
        { ...fresh, phase: "open", retryAfterMs: 5000, calls: 5, failures: 5, inARow: 5 },
        fresh,
        { ...fresh, calls: 1, failures: 1, inARow: 1 },
      ]);
      assert.deepEqual(await breakers.admit("a/1"), { admitted: false, limited: false, retryAfterMs: 5000 });
      assert.deepEqual(await breakers.admit("a/2"), { admitted: true, probe: undefined });
      assert.deepEqual(await breakers.look([]), []);
    });

    it("lend one probe of many that come at once, and another after it", async () => {
      await fail("a/1", 5);
      now = 5000;
      const admissions = await Promise.all(Array.from({ length: 20 }, () => breakers.admit("a/1")));
      const probes = admissions.filter(({ admitted }) => admitted);
      assert.equal(probes.length, 1);
      const [probe = admissions[0] as Admission] = probes;
      await breakers.record("a/1", probe, { outcome: "success" });
      const next = await breakers.admit("a/1");
      assert.ok(next.admitted && next.probe !== undefined && probe.admitted && next.probe !== probe.probe);
      await breakers.record("a/1", next, { outcome: "success" });
      assert.deepEqual(await lookAt("a/1"), fresh);
    });

    it("lend no probe to who only looks", async () => {
      await fail("a/1", 5);
      now = 5000;
      const halfOpen = { ...fresh, phase: "half-open", calls: 5, failures: 5, inARow: 5 };
      assert.deepEqual(await lookAt("a/1"), halfOpen);
      assert.equal((await breakers.admit("a/1")).admitted, true);
      assert.deepEqual(await lookAt("a/1"), { ...halfOpen, retryAfterMs: 5000 });
    });

    it("are limited for as long as the provider said", async () => {
      await breakers.record("a/1", await breakers.admit("a/1"), { outcome: "limited", forMs: 1200 });
      await breakers.record("a/2", await breakers.admit("a/2"), { outcome: "limited", forMs: undefined });
      assert.deepEqual(await breakers.admit("a/1"), { admitted: false, limited: true, retryAfterMs: 1200 });
      assert.deepEqual(await breakers.admit("a/2"), { admitted: false, limited: true, retryAfterMs: 5000 });
    });

    it("hear nothing from a call that was not admitted", async () => {
      await fail("a/1", 4);
      await breakers.record("a/1", { admitted: false, limited: false, retryAfterMs: 1 }, { outcome: "failure" });
      assert.equal((await lookAt("a/1"))?.inARow, 4);
    });

    it("are new after a reset", async () => {
      await fail("a/1", 5);
      await fail("a/2", 5);
      await breakers.reset("a/1");
      assert.deepEqual(
        (await breakers.look(["a/1", "a/2"])).map(({ phase }) => phase),
        ["closed", "open"],
      );
      assert.deepEqual(await breakers.admit("a/1"), { admitted: true, probe: undefined });
    });
  });
