import assert from "node:assert/strict";
import { Problem, type ProblemCode } from "../../../service/src/http/problem.js";
import { type Play, playGateway, providersOf, question } from "../support/scripted-line.js";

const fail = (kind: Extract<Play, { does: "fail" }>["kind"], retryAfterMs?: number): Play => ({
  does: "fail",
  kind,
  after: 0,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

const problem = (code: ProblemCode, detail: string, retryAfter?: number) => (error: unknown) => {
  assert.ok(error instanceof Problem, String(error));
  assert.deepEqual([error.code, error.detail, error.details.retryAfter], [code, detail, retryAfter]);
  return true;
};

describe("a call of a model", () => {
  it("is tried once more where it failed, after a part of half a second, and then elsewhere", async () => {
    const played = await playGateway(providersOf(["p1", "p2"]), [fail("server_error"), fail("cut")]);
    const { headers } = await played.gateway.chat(question(), played.caller);
    assert.deepEqual(played.attempts, ["p1/m1", "p1/m1", "p2/m1"]);
    assert.deepEqual(played.waits, [250]);
    assert.deepEqual(headers, {
      "x-provider": "p2",
      "x-model": "m1",
      "x-attempts": "3",
      "x-failover-from": "p1",
    });
    assert.deepEqual(await played.outcomes(), { server_error: 1, cut: 1, success: 1 });
  });

  it("waits as a provider asks when that is below two seconds", async () => {
    const played = await playGateway(providersOf(["p1", "p2"]), [fail("server_error", 1999)]);
    const { headers } = await played.gateway.chat(question(), played.caller);
    assert.deepEqual(played.waits, [1999]);
    assert.equal(headers["x-failover-from"], undefined);
  });

  it("does not wait for a longer delay, nor for a limit that names none", async () => {
    for (const failure of [fail("rate_limited", 2000), fail("rate_limited")]) {
      const played = await playGateway(providersOf(["p1", "p2"]), [failure]);
      await played.gateway.chat(question(), played.caller);
      assert.deepEqual([played.attempts, played.waits], [["p1/m1", "p2/m1"], []]);
    }
  });

  it("does not wait past its deadline", async () => {
    const config = providersOf(["p1", "p2"], { timeouts: { deadlineMs: 1000 } });
    const played = await playGateway(config, [fail("server_error", 1500)]);
    await played.gateway.chat(question(), played.caller);
    assert.deepEqual([played.attempts, played.waits], [["p1/m1", "p2/m1"], []]);
  });

  it("goes no further when the request itself is refused, and quotes the provider without its key", async () => {
    const played = await playGateway(providersOf(["p1", "p2"]), [fail("refused")]);
    await assert.rejects(
      played.gateway.chat(question(), played.caller),
      problem("provider_refused", "p1/m1 refuses the request: plays refused"),
    );
    assert.deepEqual(played.attempts, ["p1/m1"]);
  });

  it("leaves a provider alone whose key is refused, for its other models and for later calls too", async () => {
    const models = ["m1", "m2"];
    const config = {
      providers: [
        { name: "p1", kind: "ollama", baseUrl: "http://127.0.0.1:1", models },
        { name: "p2", kind: "ollama", baseUrl: "http://127.0.0.1:1", models: ["m1"] },
      ],
      routes: {
        auto: [
          { provider: "p1", model: "m1" },
          { provider: "p1", model: "m2" },
          { provider: "p2", model: "m1" },
        ],
      },
    };
    const played = await playGateway(config, [fail("credential")]);
    await played.gateway.chat(question(), played.caller);
    await played.gateway.chat(question(), played.caller);
    assert.deepEqual(played.attempts, ["p1/m1", "p2/m1", "p2/m1"]);
    await assert.rejects(
      played.gateway.chat(question({ model: "p1/m2" }), played.caller),
      problem("providers_unavailable", "no provider answered: p1/m2 refuses the key", 60),
    );
  });

  it("goes to a larger window, and to none that is known to be as small", async () => {
    const provider = (name: string, contextWindow?: number) => ({
      name,
      kind: "ollama",
      baseUrl: "http://127.0.0.1:1",
      models: [{ name: "m1", ...(contextWindow === undefined ? {} : { contextWindow }) }],
    });
    const config = {
      providers: [provider("small", 1000), provider("same", 1000), provider("large", 2000), provider("any")],
    };
    const all = await playGateway(config, [fail("context_length"), fail("context_length"), fail("context_length")]);
    await assert.rejects(
      all.gateway.chat(question(), all.caller),
      problem(
        "context_length_exceeded",
        "no model has a window for this: small/m1: plays context_length; large/m1: plays context_length; any/m1: plays context_length",
      ),
    );
    assert.deepEqual(all.attempts, ["small/m1", "large/m1", "any/m1"]);
  });

  it("is 429 when all providers limit, and says when the first takes calls again", async () => {
    const played = await playGateway(providersOf(["p1", "p2"]), [
      fail("rate_limited", 9000),
      fail("rate_limited", 4100),
    ]);
    await assert.rejects(
      played.gateway.chat(question(), played.caller),
      problem("provider_limited", "no provider answered: p1/m1 limits its callers; p2/m1 limits its callers", 5),
    );
    await assert.rejects(
      played.gateway.chat(question(), played.caller),
      problem("provider_limited", "no provider answered: p1/m1 limits its callers; p2/m1 limits its callers", 5),
    );
    assert.equal(played.attempts.length, 2);
  });

  it("is 503 when one limits and the other fails", async () => {
    const played = await playGateway(providersOf(["p1", "p2"]), [
      fail("rate_limited", 9000),
      fail("connect_error"),
      fail("connect_error"),
    ]);
    await assert.rejects(
      played.gateway.chat(question(), played.caller),
      problem("providers_unavailable", "no provider answered: p1/m1 limits its callers; p2/m1 can't be reached", 1),
    );
  });

  it("is refused where no provider has words for it", async () => {
    const played = await playGateway(providersOf(["p1"]), [fail("unsupported")]);
    await assert.rejects(
      played.gateway.chat(question(), played.caller),
      problem("model_unable", "p1/m1: plays unsupported"),
    );
  });

  it("has no retries left after ten in a window of few calls, and still goes on to the next provider", async () => {
    const plays = Array.from({ length: 31 }, (_, at) =>
      at % 3 === 2 ? ({ does: "answer" } as const) : fail("malformed"),
    );
    const config = providersOf(["p1", "p2"], { breaker: { inARow: 1000, minCalls: 1000 } });
    const played = await playGateway(config, plays);
    for (let call = 0; call < 10; call += 1) await played.gateway.chat(question(), played.caller);
    assert.equal(played.waits.length, 10);
    await played.gateway.chat(question(), played.caller);
    assert.equal(played.waits.length, 10);
  });

  it("opens a breaker after five failures in a row, and asks that provider no more", async () => {
    const played = await playGateway(
      providersOf(["p1", "p2"]),
      Array.from({ length: 9 }, (_, at) => (at % 3 === 2 ? ({ does: "answer" } as const) : fail("timeout"))),
    );
    for (let call = 0; call < 4; call += 1) await played.gateway.chat(question(), played.caller);
    assert.equal(played.attempts.filter((one) => one === "p1/m1").length, 5);
    assert.equal(played.attempts.at(-1), "p2/m1");
  });

  it("counts what a stream gave when its reader stops", async () => {
    const played = await playGateway(providersOf(["p1"]), []);
    const { value } = await played.gateway.stream(question(), played.caller);
    for await (const _ of value) break;
    assert.deepEqual(await played.outcomes(), { cancelled: 1 });
    assert.deepEqual(played.spent, [2]);
  });
});

describe("a call for vectors", () => {
  const provider = (name: string, models: readonly string[]) => ({
    name,
    kind: "ollama",
    baseUrl: "http://127.0.0.1:1",
    models,
  });
  it("fails over to the same model elsewhere, never to another one: their vectors can't be compared", async () => {
    const config = {
      providers: [provider("p1", ["embed-a"]), provider("p2", ["embed-b"]), provider("p3", ["embed-a"])],
    };
    const played = await playGateway(config, [fail("connect_error"), fail("connect_error")]);
    const { headers } = await played.gateway.embed({ model: "auto", input: "x" }, played.caller);
    assert.deepEqual(played.attempts, ["p1/embed-a", "p1/embed-a", "p3/embed-a"]);
    assert.equal(headers["x-failover-from"], "p1");
  });
});
