import assert from "node:assert/strict";
import fc from "fast-check";
import { Problem } from "../../../service/src/http/problem.js";
import { type FailureKind, failureKinds } from "../../../service/src/models/failure.js";
import { type Play, playGateway, providersOf, question, readStream, WHOLE } from "../support/scripted-line.js";

const kinds = Object.keys(failureKinds) as FailureKind[];
const after = fc.nat({ max: WHOLE.length });
const play: fc.Arbitrary<Play> = fc.oneof(
  fc.constant({ does: "answer" } as const),
  fc.record({
    does: fc.constant("fail" as const),
    kind: fc.constantFrom(...kinds),
    after,
    retryAfterMs: fc.constantFrom(0, 100, 1999, 2000, 7000),
  }),
  fc.record({ does: fc.constant("fail" as const), kind: fc.constantFrom(...kinds), after }),
  fc.record({ does: fc.constant("end" as const), after }),
  fc.record({ does: fc.constant("hang up" as const), after }),
);
const plays = fc.array(play, { maxLength: 8 });
const providers = fc.constantFrom(["p1"], ["p1", "p2"], ["p1", "p2", "p3"]);

/** How a call can end; each run is exactly one of these. */
type Terminal = "whole" | "interrupted" | "hung up" | "refused" | "exhausted";

const refusals = new Set(["provider_refused", "content_filter"]);

function terminalOf(error: unknown): Terminal {
  if (!(error instanceof Problem)) {
    assert.equal((error as Error).message, "hung up");
    return "hung up";
  }
  if (error.code === "stream_interrupted") return "interrupted";
  return refusals.has(error.code) ? "refused" : "exhausted";
}

const tokensOf = (one: Play | undefined): number =>
  one === undefined || one.does === "answer" ? WHOLE.length : one.after;

describe("a run of a model call", () => {
  for (const streamed of [false, true])
    it(`ends in exactly one way, whatever providers do: ${streamed ? "streams" : "whole answers"}`, async () => {
      await fc.assert(
        fc.asyncProperty(providers, plays, async (names, script) => {
          const played = await playGateway(providersOf(names), script);
          const { gateway, caller, attempts, waits, spent } = played;
          let content = "";
          let finished = false;
          let terminal: Terminal;
          try {
            if (streamed) {
              const { value } = await gateway.stream(question(), caller);
              const read = await readStream(value);
              ({ content, finished } = read);
              terminal = read.fault === undefined ? "whole" : terminalOf(read.fault);
            } else {
              const { value } = await gateway.chat(question(), caller);
              content = value.choices[0]?.message.content ?? "";
              finished = true;
              terminal = "whole";
            }
          } catch (error) {
            terminal = terminalOf(error);
          }

          const last = script[attempts.length - 1];
          // A whole answer and nothing else is finished, and it is one attempt's own.
          assert.equal(finished, terminal === "whole");
          if (terminal === "whole") assert.equal(content, WHOLE.join(""));
          else assert.equal(content, streamed && last !== undefined ? WHOLE.slice(0, tokensOf(last)).join("") : "");
          assert.equal(terminal === "whole", last === undefined ? attempts.length > 0 : last.does === "answer");
          if (terminal === "interrupted") assert.ok(tokensOf(last) > 0);
          // Every attempt is in the books once.
          const outcomes = await played.outcomes();
          assert.equal(
            Object.values(outcomes).reduce((sum, count) => sum + count, 0),
            attempts.length,
          );
          assert.equal(outcomes["success"] ?? 0, terminal === "whole" ? 1 : 0);
          assert.equal(spent.length, terminal === "whole" || terminal === "hung up" || content !== "" ? 1 : 0);
          // Never more than two attempts at a provider, one after the other, and none after a refusal or a hang-up.
          for (const name of names) assert.ok(attempts.filter((one) => one === `${name}/m1`).length <= 2);
          assert.deepEqual([...attempts].sort(), attempts);
          for (const one of script.slice(0, attempts.length - 1)) {
            assert.notEqual(one.does, "hang up");
            if (one.does === "fail") assert.notEqual(failureKinds[one.kind].action, "stop");
          }
          for (const wait of waits) assert.ok(wait < 2000);
        }),
        { numRuns: 400 },
      );
    });
});
