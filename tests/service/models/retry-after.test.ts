import assert from "node:assert/strict";
import * as fc from "fast-check";
import { retryAfterMs } from "../../../service/src/models/retry-after.js";

const DAY = 86_400_000;
const now = Date.parse("2026-11-22T12:00:00Z");

type Given = Parameters<typeof retryAfterMs>[0];

describe("how long to wait", () => {
  const headers: readonly (readonly [headers: Given, ms: number | undefined])[] = [
    [{ "retry-after-ms": "1500" }, 1500],
    [{ "retry-after-ms": "20.5" }, 21],
    [{ "retry-after-ms": "100", "retry-after": "30" }, 100],
    [{ "retry-after-ms": "soon", "retry-after": "30" }, 30_000],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": "7" }, 7000],
    [{ "retry-after": " 1.1 " }, 1100],
    [{ "retry-after": ["2", "9"] }, 2000],
    [{ "retry-after": "Sun, 22 Nov 2026 12:00:30 GMT" }, 30_000],
    [{ "retry-after": "Sunday, 22-Nov-26 12:00:30 GMT" }, 30_000],
    [{ "retry-after": "Sun Nov 22 12:00:30 2026" }, 30_000],
    [{ "retry-after": "Sun, 22 Nov 2026 11:59:00 GMT" }, 0],
    [{ "retry-after": "Tue, 24 Nov 2026 12:00:00 GMT" }, DAY],
    [{ "retry-after": "86400" }, DAY],
    [{ "retry-after": "86401" }, DAY],
    [{ "retry-after": "9".repeat(400) }, DAY],
    ...["", "-5", "+5", "1e3", "0x10", "NaN", "Infinity", "5 s", "1,5", ".5", "soon", "Monday 5"].map(
      (text) => [{ "retry-after": text }, undefined] as const,
    ),
    [{ "retry-after": "Sun, 99 Nov 2026 12:00:30 GMT" }, undefined],
    [{ "retry-after": [] }, undefined],
    [{ "retry-after": undefined }, undefined],
    [{}, undefined],
  ];
  for (const [given, ms] of headers)
    it(`is ${ms} by the headers ${JSON.stringify(given).slice(0, 100)}`, () => {
      assert.equal(retryAfterMs(given, undefined, now), ms);
    });

  const retryInfo = (retryDelay: unknown) => ({
    error: {
      code: 429,
      status: "RESOURCE_EXHAUSTED",
      details: [
        { "@type": "type.googleapis.com/google.rpc.Help" },
        { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay },
      ],
    },
  });
  const message = (sentence: string) => ({ error: { message: sentence, type: "tokens" } });
  const bodies: readonly (readonly [body: unknown, ms: number | undefined])[] = [
    [{ error: { retry_after: 3 } }, 3000],
    [{ error: { retry_after: "2.5" } }, 2500],
    [{ retry_after: 0.25 }, 250],
    [{ retry_after: 0 }, 0],
    [{ retry_after_ms: 40 }, 40],
    [{ error: { retry_after_ms: 40, retry_after: 9 }, retry_after: 8 }, 40],
    [{ error: { message: "slow down" }, retry_after: 8 }, 8000],
    [retryInfo("3.5s"), 3500],
    [retryInfo("45.837906927s"), 45_838],
    [[retryInfo("58s")], 58_000],
    [retryInfo("-3s"), undefined],
    [retryInfo("3"), undefined],
    [retryInfo(3), undefined],
    [{ error: { details: "3s" } }, undefined],
    [message("Rate limit reached for m1. Limit: 3 / min. Please try again in 20s. Contact us."), 20_000],
    [message("Limit 100000, Used 96749. Please try again in 1m30.5s. Visit https://a.example"), 90_500],
    [message("Please try again in 20ms."), 20],
    [message("Please try again in 6.033s."), 6033],
    [message("please try again in 1h2m3s4ms"), 3_723_004],
    [message("Please try again in 114h18m0s."), DAY],
    [message("Please try again in 2d"), DAY],
    [message("Please try again in a while."), undefined],
    [message("Please try again in 20."), undefined],
    [message("Please try again in -20s."), undefined],
    [message("Please try again later."), undefined],
    [{ error: { message: ["Please try again in 20s"] } }, undefined],
    [{ error: { retry_after: -1 } }, undefined],
    [{ error: { retry_after: Number.NaN } }, undefined],
    [{ error: { retry_after: Number.POSITIVE_INFINITY } }, DAY],
    [{ error: { retry_after: null } }, undefined],
    [{ error: "Please wait" }, undefined],
    ["try again in 5s", undefined],
    [null, undefined],
    [[], undefined],
  ];
  for (const [body, ms] of bodies)
    it(`is ${ms} by the body ${JSON.stringify(body)}`, () => {
      assert.equal(retryAfterMs({}, body, now), ms);
    });

  it("is what the headers say where the body says something else", () => {
    assert.equal(retryAfterMs({ "retry-after": "1" }, { retry_after: 2 }, now), 1000);
    assert.equal(retryAfterMs({ "retry-after": "-1" }, { retry_after: 2 }, now), 2000);
  });

  it("is a whole number from 0 to a day or nothing, whatever is said", () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom("1", "-1", "2.5s", "try again in 5s", "Sun, 22 Nov 2026 12:00:30 GMT"),
    );
    const value = fc.oneof(word, fc.double(), fc.constant(null), fc.array(word));
    const body = fc.record(
      {
        retry_after: value,
        retry_after_ms: value,
        message: value,
        details: fc.array(fc.record({ retryDelay: value })),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.record({ "retry-after": word, "retry-after-ms": word }, { requiredKeys: [] }),
        fc.oneof(body, fc.record({ error: body }), fc.anything()),
        (said, sent) => {
          const ms = retryAfterMs(said, sent, now);
          assert.ok(ms === undefined || (Number.isInteger(ms) && ms >= 0 && ms <= DAY), String(ms));
        },
      ),
      { numRuns: 5000, seed: 20_261_122 },
    );
  });
});
