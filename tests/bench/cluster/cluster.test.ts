import assert from "node:assert/strict";
import type { Figures } from "../gateway/calls.js";
import { asText } from "../gateway/report.js";
import { inTurns } from "../gateway/throughput.js";
import { callsTable, failedOf, isWholeAnswer, isWholeStream } from "./calls.js";
import { firstAnswerTable } from "./first-answer.js";

const figures = (p50: number, failed = 0): Figures => ({
  perSecond: 10_000 / p50,
  p50,
  p99: 2 * p50,
  answers: 9,
  failed,
});

describe("the benchmark of a real node", () => {
  it("takes an answer for whole only with every token and its end", () => {
    assert.equal(isWholeAnswer('{"content":"Alpha beta gamma delta."}'), true);
    assert.equal(isWholeAnswer('{"content":"Alpha beta gamma"}'), false);
    const frames = ["Alpha", " beta", " gamma", " delta."].map((token) => `data: {"content":"${token}"}\n\n`);
    const end = "data: [DONE]\n\n";
    assert.equal(isWholeStream([...frames, end].join("")), true);
    assert.equal(isWholeStream(frames.join("")), false);
    assert.equal(isWholeStream([...frames.slice(1), end].join("")), false);
  });

  it("calls both in turns, warm, and shows how many times longer the way takes", async () => {
    const called: string[] = [];
    const found = await inTurns(
      { streamed: true, connections: 10 },
      [{ name: "platform" }, { name: "provider" }] as const,
      async ({ name }, seconds) => {
        called.push(`${name} ${seconds}`);
        return name === "platform" ? figures(20, 1) : figures(4);
      },
      { rounds: 2, seconds: 3, warmUp: 5 },
    );
    const round = ["platform 3", "provider 3"];
    assert.deepEqual(called, ["platform 5", "provider 5", ...round, ...round]);
    assert.equal(failedOf([found]), 2);
    assert.equal(
      asText(callsTable([found])),
      [
        "                                 gateway and service  provider  ratio",
        "streamed, 10 at once  answers/s                  500      2500   0.20",
        "                      p50 ms                    20.0       4.0   5.00",
        "                      p99 ms                    40.0       8.0   5.00",
      ].join("\n"),
    );
  });

  it("adds up what somebody waits for who has nothing yet", () => {
    const [, ...rows] = firstAnswerTable({ up: 54, key: 0.42, answer: 0.11 });
    assert.deepEqual(
      rows.map(([, seconds]) => seconds),
      ["54.0", "0.4", "0.1", "54.5"],
    );
  });
});
