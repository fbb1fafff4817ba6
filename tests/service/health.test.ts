import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Lifecycle } from "../../service/src/lifecycle.js";
import { type Dependency, Readiness } from "../../service/src/readiness.js";

const up = async () => {};
const down = async () => {
  throw new Error("connection refused");
};
const dependency = (name: string, policy: Dependency["policy"], check: Dependency["check"]): Dependency => ({
  name,
  policy,
  check,
});

describe("readiness", () => {
  const serving = (): Lifecycle => {
    const lifecycle = new Lifecycle();
    lifecycle.serve();
    return lifecycle;
  };

  it("is there while all is there", async () => {
    const seen: unknown[] = [];
    const dependencies = [dependency("database", "required", up)];
    const readiness = new Readiness(dependencies, serving(), {
      seen: (...told) => seen.push(told),
    });
    const { status, reason, dependencies: states } = await readiness.state();
    assert.deepEqual(
      [status, reason, states.map(({ name, status: is }) => [name, is])],
      ["ready", null, [["database", "up"]]],
    );
    assert.deepEqual(seen, [["database", undefined, true]]);
  });

  it("is degraded, and says what is away, without what is only helpful", async () => {
    const readiness = new Readiness(
      [dependency("database", "required", up), dependency("redis", "helpful", down)],
      serving(),
    );
    const state = await readiness.state();
    assert.deepEqual([state.status, state.reason], ["degraded", "redis away"]);
    const { since, ...redis } = state.dependencies[1] ?? { since: "" };
    assert.deepEqual(redis, { name: "redis", policy: "helpful", status: "down", reason: "connection refused" });
    assert.ok(Math.abs(Date.parse(since) - Date.now()) < 60_000);
  });

  it("is gone without what is required", async () => {
    const readiness = new Readiness([dependency("database", "required", down)], serving());
    const state = await readiness.state();
    assert.deepEqual([state.status, state.reason], ["not_ready", "database is away"]);
  });

  it("is not there yet while the process starts, and no more while it ends", async () => {
    const lifecycle = new Lifecycle();
    lifecycle.waitsFor = "migrations";
    const readiness = new Readiness([dependency("database", "required", up)], lifecycle);
    assert.deepEqual(await readiness.state(), {
      status: "not_ready",
      reason: "starting: waits for migrations",
      dependencies: [],
    });
    lifecycle.serve();
    assert.equal((await readiness.state()).status, "ready");
    lifecycle.drain();
    lifecycle.serve();
    const { status, reason } = await readiness.state();
    assert.deepEqual([status, reason], ["not_ready", "shutting down"]);
  });

  it("keeps the moment of a change until the next one", async () => {
    let away = true;
    const check = () => (away ? down() : up());
    const readiness = new Readiness([dependency("redis", "helpful", check)], serving(), { freshMs: 0 });
    const look = async () => (await readiness.state()).dependencies[0];
    const first = await look();
    while (Date.now() === Date.parse(first?.since ?? "")) await sleep(1);
    assert.deepEqual(await look(), first);
    away = false;
    const back = await look();
    assert.equal(back?.status, "up");
    assert.ok(Date.parse(back?.since ?? "") > Date.parse(first?.since ?? ""));
  });
});
