import assert from "node:assert/strict";
import type { ChatEvent } from "../../../service/src/models/chat.js";
import { ProviderFailure } from "../../../service/src/models/failure.js";
import { Tally } from "../../../service/src/models/tally.js";

const text = (choice: number, content: string): ChatEvent => ({ type: "delta", choice, delta: { content } });
const finish = (choice: number): ChatEvent => ({ type: "finish", choice, reason: "stop" });

async function* source(batches: readonly (readonly ChatEvent[])[], end?: Error): AsyncGenerator<readonly ChatEvent[]> {
  yield* batches;
  if (end !== undefined) throw end;
}

const cut = (error: unknown): boolean => error instanceof ProviderFailure && error.kind === "cut";

describe("the tally of a stream", () => {
  it("holds every finish back until each choice has one", async () => {
    const tally = new Tally(2);
    const events = source([[text(0, "a"), finish(0)], [text(1, "b")], [finish(1)]]);
    assert.deepEqual(await tally.next(events), [text(0, "a")]);
    assert.deepEqual(await tally.next(events), [text(1, "b")]);
    assert.equal(tally.whole, false);
    assert.deepEqual(await tally.next(events), [finish(0), finish(1)]);
    assert.equal(tally.whole, true);
    assert.equal(await tally.next(events), undefined);
  });

  it("takes an end without a finish for a cut, of one choice of two as well", async () => {
    for (const batches of [[], [[text(0, "a")]], [[text(0, "a"), finish(0)]]]) {
      const tally = new Tally(2);
      const events = source(batches);
      for (const _ of batches) await tally.next(events);
      await assert.rejects(tally.next(events), cut);
    }
  });

  it("hears nothing of faults once it is whole, and of nothing that is said after a finish", async () => {
    const tally = new Tally(1);
    const events = source([[finish(0)], [text(0, "late")]], new Error("reset"));
    assert.deepEqual(await tally.untilCommitted(events), [finish(0)]);
    assert.deepEqual(await tally.next(events), []);
    assert.equal(await tally.next(events), undefined);
    assert.equal(tally.length, 0);
  });

  it("waits for the first token or the end, and keeps the last word about usage", async () => {
    const usage = (count: number): ChatEvent => ({
      type: "usage",
      usage: { prompt_tokens: count, completion_tokens: 0, total_tokens: count },
    });
    const tally = new Tally(1);
    const events = source([[], [usage(1)], [text(0, "abc")], [usage(2), finish(0)]]);
    assert.deepEqual(await tally.untilCommitted(events), [text(0, "abc")]);
    await tally.next(events);
    assert.deepEqual([tally.length, tally.usage?.prompt_tokens], [3, 2]);
  });
});
