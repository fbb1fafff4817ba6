import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  type Admission,
  admissionOf,
  type BreakerOutcome,
  type BreakerSettings,
  type BreakerState,
  breakerDefaults,
  lend,
  newBreaker,
  record,
  viewOf,
} from "../../../service/src/models/breaker.js";
import { type Step, sequence, settings } from "./sequences.js";

const success: BreakerOutcome = { outcome: "success" };
const failure: BreakerOutcome = { outcome: "failure" };
const none: BreakerOutcome = { outcome: "none" };
const limited = (forMs?: number): BreakerOutcome => ({ outcome: "limited", forMs });

/** A breaker with the time that it is. */
class Driven {
  state: BreakerState = newBreaker;
  #tokens = 0;

  constructor(
    public now = 0,
    private readonly settings: BreakerSettings = breakerDefaults,
  ) {}

  wait(ms: number): void {
    this.now += ms;
  }

  admit(): Admission {
    const token = `probe ${this.#tokens++}`;
    this.state = lend(this.state, this.now, token, this.settings);
    return admissionOf(this.state, this.now, token, this.settings);
  }

  record(admission: Admission, outcome: BreakerOutcome): void {
    assert.ok(admission.admitted);
    this.state = record(this.state, this.now, admission.probe, outcome, this.settings);
  }

  calls(...outcomes: readonly BreakerOutcome[]): void {
    for (const outcome of outcomes) this.record(this.admit(), outcome);
  }

  get view() {
    return viewOf(this.state, this.now, this.settings);
  }
  get phase() {
    return this.view.phase;
  }
}

const times = (count: number, outcome: BreakerOutcome): readonly BreakerOutcome[] => Array(count).fill(outcome);
const letThrough: Admission = { admitted: true, probe: undefined };
const refused = (retryAfterMs: number, isLimited = false): Admission => ({
  admitted: false,
  limited: isLimited,
  retryAfterMs,
});

/** One that has just opened. */
function opened(): Driven {
  const breaker = new Driven();
  breaker.calls(...times(5, failure));
  assert.deepEqual(breaker.admit(), refused(5000));
  return breaker;
}

/** One that lets a probe through. */
function halfOpened(): Driven {
  const breaker = opened();
  breaker.wait(5000);
  return breaker;
}

describe("a closed breaker", () => {
  it("lets every call through", () => {
    const breaker = new Driven();
    for (let call = 0; call < 20; call += 1) assert.deepEqual(breaker.admit(), letThrough);
    assert.deepEqual(breaker.view, {
      phase: "closed",
      limited: false,
      retryAfterMs: 0,
      calls: 0,
      failures: 0,
      inARow: 0,
    });
  });

  it("opens for 5 s at the fifth failure in a row, however far they are apart", () => {
    const breaker = new Driven();
    for (const _ of times(4, failure)) {
      breaker.calls(failure);
      breaker.wait(600_000);
    }
    assert.equal(breaker.phase, "closed");
    breaker.calls(failure);
    assert.deepEqual(breaker.view, {
      phase: "open",
      limited: false,
      retryAfterMs: 5000,
      calls: 1,
      failures: 1,
      inARow: 5,
    });
  });

  const rows: readonly (readonly [title: string, outcomes: readonly BreakerOutcome[], phase: string])[] = [
    ["stays closed at 4 failures of 4", times(4, failure), "closed"],
    ["opens at 3 failures of 5", [failure, success, failure, success, failure], "open"],
    ["stays closed at 2 failures of 5", [failure, success, success, success, failure], "closed"],
    ["opens at half of 6", [failure, success, success, failure, success, failure], "open"],
    [
      "opens at the fifth call, and be it a success, when 3 failed",
      [failure, failure, failure, success, success],
      "open",
    ],
    ["does not count what is neither", [failure, none, failure, limited(0), failure, none, failure], "closed"],
    ["goes on with its row after what is neither", [...times(4, failure), none, limited(0), failure], "open"],
  ];
  for (const [title, outcomes, phase] of rows)
    it(title, () => {
      const breaker = new Driven();
      breaker.calls(...outcomes);
      assert.equal(breaker.phase, phase);
    });

  it("forgets what is 30 s old, second by second", () => {
    const breaker = new Driven(999);
    breaker.calls(failure, success);
    breaker.wait(1);
    breaker.calls(failure);
    breaker.wait(28_999);
    assert.deepEqual([breaker.view.calls, breaker.view.failures], [3, 2]);
    breaker.wait(1);
    assert.deepEqual([breaker.view.calls, breaker.view.failures], [1, 1]);
    breaker.calls(success, success, success);
    assert.deepEqual([breaker.phase, breaker.view.calls, breaker.view.failures], ["closed", 4, 1]);
    assert.equal(breaker.state.slots?.length, 2);
    breaker.wait(1000);
    assert.deepEqual([breaker.view.calls, breaker.view.failures], [3, 0]);
  });

  it("opens for calls that were all admitted before the first of them failed", () => {
    const breaker = new Driven();
    const admissions = Array.from({ length: 8 }, () => breaker.admit());
    for (const admission of admissions) breaker.record(admission, failure);
    assert.deepEqual(breaker.view, { ...breaker.view, phase: "open", calls: 5, failures: 5, inARow: 5 });
  });
});

describe("an open breaker", () => {
  it("refuses until its time is over, and says how long that is", () => {
    const breaker = opened();
    breaker.wait(4999);
    assert.deepEqual(breaker.admit(), refused(1));
    assert.equal(breaker.phase, "open");
    breaker.wait(1);
    assert.equal(breaker.phase, "half-open");
  });

  it("says a whole number of milliseconds where the clock has parts of them", () => {
    const breaker = opened();
    breaker.wait(4999.75);
    assert.deepEqual(breaker.admit(), refused(1));
  });

  it("does not hear of calls that began before", () => {
    const breaker = new Driven();
    const early = Array.from({ length: 4 }, () => breaker.admit());
    breaker.calls(...times(5, failure));
    const before = breaker.state;
    for (const [at, outcome] of [success, failure, none, limited(60_000)].entries())
      breaker.record(early[at] ?? letThrough, outcome);
    assert.deepEqual(breaker.state, before);
  });
});

describe("a half-open breaker", () => {
  it("lets one call try, and refuses the others until it ended", () => {
    const breaker = halfOpened();
    const probe = breaker.admit();
    assert.deepEqual(probe, { admitted: true, probe: "probe 6" });
    assert.deepEqual([breaker.admit(), breaker.admit()], [refused(5000), refused(5000)]);
    breaker.record(probe, success);
    assert.deepEqual(breaker.admit(), { admitted: true, probe: "probe 9" });
    assert.deepEqual(breaker.admit(), refused(5000));
  });

  it("is closed by two successes, and starts anew", () => {
    const breaker = halfOpened();
    breaker.calls(success);
    assert.equal(breaker.phase, "half-open");
    breaker.calls(success);
    assert.deepEqual(breaker.state, newBreaker);
    breaker.calls(...times(4, failure));
    assert.equal(breaker.phase, "closed");
  });

  it("is reopened by one failure, for twice as long each time and 60 s at most", () => {
    const breaker = opened();
    const waits: number[] = [];
    for (let reopened = 0; reopened < 6; reopened += 1) {
      breaker.wait(breaker.view.retryAfterMs);
      breaker.calls(failure);
      waits.push(breaker.view.retryAfterMs);
    }
    assert.deepEqual(waits, [10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  });

  it("wants two successes again after a failure, and 5 s again after it was closed", () => {
    const breaker = halfOpened();
    breaker.calls(success, failure);
    assert.equal(breaker.view.retryAfterMs, 10_000);
    breaker.wait(10_000);
    breaker.calls(success);
    assert.equal(breaker.phase, "half-open");
    breaker.calls(success);
    breaker.calls(...times(5, failure));
    assert.deepEqual(breaker.admit(), refused(5000));
  });

  it("gets the probe back that ended in nothing, and counts it neither way", () => {
    const breaker = halfOpened();
    breaker.calls(success, none, none, success);
    assert.equal(breaker.phase, "closed");
  });

  it("lends the probe again when its owner has not been heard of for the time of a lease", () => {
    const breaker = halfOpened();
    const lost = breaker.admit();
    breaker.wait(breakerDefaults.leaseMs - 1);
    assert.deepEqual(breaker.admit(), refused(1));
    breaker.wait(1);
    const next = breaker.admit();
    assert.deepEqual(next, { admitted: true, probe: "probe 8" });
    // It lives after all: too late.
    const before = breaker.state;
    breaker.record(lost, failure);
    assert.deepEqual(breaker.state, before);
    breaker.record(next, success);
    assert.equal(breaker.state.successes, 1);
  });

  it("does not hear of calls that began while it was closed", () => {
    const breaker = new Driven();
    const early = breaker.admit();
    breaker.calls(...times(5, failure));
    breaker.wait(5000);
    const probe = breaker.admit();
    for (const outcome of [success, failure, limited(60_000), none]) breaker.record(early, outcome);
    assert.deepEqual(breaker.admit(), refused(5000));
    breaker.record(probe, success);
    assert.equal(breaker.state.successes, 1);
  });
});

describe("a limit", () => {
  it("keeps calls away until its time, and is then as if it had not been", () => {
    const breaker = new Driven();
    breaker.calls(...times(4, failure));
    const before = breaker.view;
    breaker.calls(limited(1500));
    assert.deepEqual(breaker.view, { ...before, limited: true, retryAfterMs: 1500 });
    assert.deepEqual(breaker.admit(), refused(1500, true));
    breaker.wait(1499);
    assert.deepEqual(breaker.admit(), refused(1, true));
    breaker.wait(1);
    assert.deepEqual(breaker.admit(), letThrough);
    breaker.calls(failure);
    assert.equal(breaker.phase, "open");
  });

  it("holds for 5 s where the provider names no time", () => {
    const breaker = new Driven();
    breaker.calls(limited());
    assert.deepEqual(breaker.admit(), refused(5000, true));
  });

  it("is not made shorter by another one", () => {
    const breaker = new Driven();
    const [one, other] = [breaker.admit(), breaker.admit()];
    breaker.record(one, limited(30_000));
    breaker.record(other, limited(1000));
    assert.deepEqual(breaker.admit(), refused(30_000, true));
  });

  it("gives a probe back, and leaves the breaker half-open", () => {
    const breaker = halfOpened();
    breaker.calls(success, limited(7000));
    assert.deepEqual([breaker.phase, breaker.admit()], ["half-open", refused(7000, true)]);
    breaker.wait(7000);
    breaker.calls(success);
    assert.equal(breaker.phase, "closed");
  });

  it("of an open breaker counts where it is the longer", () => {
    const breaker = new Driven();
    const early = Array.from({ length: 5 }, () => breaker.admit());
    breaker.calls(limited(8000));
    for (const admission of early) breaker.record(admission, failure);
    assert.deepEqual(breaker.view, { ...breaker.view, phase: "open", limited: true, retryAfterMs: 8000 });
    breaker.wait(6000);
    assert.deepEqual([breaker.phase, breaker.admit()], ["half-open", refused(2000, true)]);
    breaker.wait(2000);
    assert.equal(breaker.admit().admitted, true);
  });
});

describe("any sequence of calls", () => {
  interface Call {
    readonly admission: Admission & { readonly admitted: true };
    readonly at: number;
  }

  interface Watch {
    admitted?(admission: Admission, breaker: Driven, out: readonly Call[]): void;
    recorded?(before: BreakerState, call: Call, outcome: BreakerOutcome["outcome"], breaker: Driven): void;
    stepped?(breaker: Driven): void;
    ended?(breaker: Driven): void;
  }

  function run(steps: readonly Step[], given: BreakerSettings, watch: Watch): void {
    const breaker = new Driven(1_763_769_600_000, given);
    const out: Call[] = [];
    for (const one of steps) {
      if (one.does === "wait") breaker.wait(one.ms);
      if (one.does === "admit") {
        const admission = breaker.admit();
        watch.admitted?.(admission, breaker, out);
        if (admission.admitted) out.push({ admission, at: breaker.now });
      }
      if (one.does === "record") {
        const [call] = out.splice(one.which % Math.max(1, out.length), 1);
        if (call === undefined) continue;
        const before = breaker.state;
        breaker.record(call.admission, one.outcome);
        watch.recorded?.(before, call, one.outcome.outcome, breaker);
      }
      watch.stepped?.(breaker);
    }
    watch.ended?.(breaker);
  }

  const always = (watch: (given: BreakerSettings) => Watch) =>
    fc.assert(
      fc.property(sequence, settings, (steps, given) => run(steps, given, watch(given))),
      { numRuns: 3000, seed: 20_261_122 },
    );

  it("never has two probes out whose leases live", () => {
    let probes = 0;
    always(({ leaseMs }) => ({
      admitted(admission, { now }, out) {
        if (!admission.admitted || admission.probe === undefined) return;
        probes += 1;
        assert.deepEqual(
          out.filter((call) => call.admission.probe !== undefined && now < call.at + leaseMs),
          [],
        );
      },
    }));
    // Enough of them, or this would prove nothing.
    assert.ok(probes > 10_000, `${probes} probes`);
  });

  it("opens it for the time that is set at most, and keeps no call away for longer than it must", () => {
    always(({ openMs, maxOpenMs }) => ({
      stepped({ now, state: { openUntil, limitedUntil }, view: { phase, retryAfterMs } }) {
        assert.equal(phase === "open", openUntil > now);
        assert.ok(openUntil - now <= maxOpenMs);
        assert.ok(retryAfterMs <= Math.max(openUntil - now, limitedUntil - now, openMs));
      },
    }));
  });

  it("leaves a breaker that good calls close", () => {
    always(({ maxOpenMs, leaseMs, windowMs, successes }) => ({
      ended(breaker) {
        breaker.wait(Math.max(100_000, maxOpenMs, leaseMs, windowMs));
        breaker.calls(...times(successes, success));
        assert.equal(breaker.phase, "closed");
      },
    }));
  });

  it("is refused by a closed breaker only where it is limited, and told the truth about when to come back", () => {
    let refusals = 0;
    always(() => ({
      admitted(admission, breaker) {
        const { phase, limited: isLimited, retryAfterMs } = breaker.view;
        if (admission.admitted) {
          assert.equal(isLimited, false);
          assert.equal(admission.probe !== undefined, phase === "half-open");
          return;
        }
        refusals += 1;
        assert.ok(phase !== "closed" || admission.limited);
        assert.deepEqual(admission, refused(retryAfterMs, isLimited));
        assert.ok(retryAfterMs > 0);
        // How long a probe takes nobody knows.
        if (phase === "half-open" && !isLimited) return;
        const { state, now } = breaker;
        breaker.wait(retryAfterMs);
        assert.equal(breaker.admit().admitted, true);
        Object.assign(breaker, { state, now });
      },
    }));
    assert.ok(refusals > 10_000, `${refusals} refusals`);
  });

  it("moves the breaker by the rules, and counts what is in the window", () => {
    const moves = new Map<string, number>();
    always((given) => {
      /** All that the breaker heard since it was closed. */
      let heard: { readonly at: number; readonly failed: boolean }[] = [];
      const slotOf = (at: number) => Math.floor((at * 30) / given.windowMs);
      return {
        recorded(before, { admission }, said, { now, phase, state, view }) {
          const was = viewOf(before, now, given).phase;
          moves.set(`${was} -> ${phase}`, (moves.get(`${was} -> ${phase}`) ?? 0) + 1);
          if (was === "closed") {
            const counts = said === "success" || said === "failure";
            if (counts) heard.push({ at: now, failed: said === "failure" });
            const recent = heard.filter(({ at }) => slotOf(at) > slotOf(now) - 30);
            const failures = recent.filter(({ failed }) => failed).length;
            const inARow = heard.length - 1 - heard.findLastIndex(({ failed }) => !failed);
            assert.deepEqual([view.calls, view.failures, view.inARow], [recent.length, failures, inARow]);
            const broken =
              inARow >= given.inARow || (recent.length >= given.minCalls && failures >= given.ratio * recent.length);
            assert.equal(phase, counts && broken ? "open" : "closed");
            if (phase === "open") assert.equal(state.openUntil, now + given.openMs);
          } else if (before.probe?.token === admission.probe && admission.probe !== undefined) {
            const closes = said === "success" && before.successes + 1 === given.successes;
            assert.equal(phase, said === "failure" ? "open" : closes ? "closed" : "half-open");
            if (said === "failure") assert.equal(state.openUntil, now + Math.min(before.openMs * 2, given.maxOpenMs));
            if (closes) heard = [];
          } else assert.deepEqual(state, before);
        },
      };
    });
    assert.deepEqual([...moves.keys()].sort(), [
      "closed -> closed",
      "closed -> open",
      "half-open -> closed",
      "half-open -> half-open",
      "half-open -> open",
      "open -> open",
    ]);
    for (const [move, count] of moves) assert.ok(count > 500, `${move}: ${count}`);
  });
});
