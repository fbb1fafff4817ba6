import assert from "node:assert/strict";
import { DatabaseAway, type Queryable } from "../../../service/src/storage/database.js";
import { Replicas } from "../../../service/src/storage/replicas.js";

const away = new DatabaseAway(new Error("gone"));

describe("reads from replicas", () => {
  let asked: string[];
  let now: number;
  let faults: Error[];
  let failing: Record<string, Error>;
  const named = (name: string): Queryable => ({
    query: async () => {
      asked.push(name);
      const error = failing[name];
      if (error !== undefined) throw error;
      return [];
    },
  });
  const open = (...names: readonly string[]) =>
    new Replicas(names.map(named), named("primary"), { onFault: (error) => faults.push(error) }, () => now);
  const read = async (replicas: Replicas, times: number) => {
    asked = [];
    for (let time = 0; time < times; time++) await replicas.query("select 1");
    return asked.join(" ");
  };
  beforeEach(() => {
    asked = [];
    faults = [];
    failing = {};
    now = 1_000_000;
  });

  it("go to each in turn", async () => {
    assert.equal(await read(open("a", "b", "c"), 5), "a b c a b");
  });

  it("go past one that does not answer, and leave it out for ten seconds", async () => {
    const replicas = open("a", "b");
    failing = { a: away };
    assert.equal(await read(replicas, 4), "a b b b b");
    assert.deepEqual(faults, [away]);
    now += 9_999;
    assert.equal(await read(replicas, 2), "b b");
    now += 1;
    failing = {};
    assert.equal(await read(replicas, 4), "a b a b");
  });

  it("try one that rests by a single query", async () => {
    const replicas = open("a");
    failing = { a: away };
    await read(replicas, 1);
    now += 10_000;
    asked = [];
    await Promise.all([1, 2, 3].map(() => replicas.query("select 1")));
    assert.deepEqual(asked.sort(), ["a", "primary", "primary", "primary"]);
  });

  it("go to the primary when none answers", async () => {
    const replicas = open("a", "b");
    failing = { a: away, b: away };
    assert.equal(await read(replicas, 2), "a b primary primary");
    failing["primary"] = away;
    await assert.rejects(replicas.query("select 1"), away);
  });

  it("do not go elsewhere with a statement that is wrong", async () => {
    const wrong = Object.assign(new Error("syntax error"), { code: "42601" });
    failing = { a: wrong };
    await assert.rejects(open("a", "b").query("selec"), wrong);
    assert.deepEqual([asked, faults], [["a"], []]);
  });
});
