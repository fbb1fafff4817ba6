import assert from "node:assert/strict";
import { missedByComparisons, missedByStreams } from "./aims.js";
import { isWholeAnswer, isWholeStream } from "./answers.js";
import type { Load } from "./load.js";
import { asMarkdown, asText, comparisonTable } from "./report.js";
import { sparkline } from "./soak.js";
import { Comparison } from "./throughput.js";

const figures = (perSecond: number, p50: number, failed = 0): Load => ({
  perSecond,
  p50,
  p99: 2 * p50,
  answers: 1000,
  failed,
  cores: { program: 1, upstream: 0.2, load: 0.2 },
});

function comparisonOf(service: Load): Comparison {
  const comparison = new Comparison({ streamed: true, connections: 10 });
  for (const load of [service, service, figures(1, 1000)]) {
    comparison.add("service", load);
    comparison.add("portkey", figures(load.perSecond === 1 ? 1 : 100, 30));
    comparison.add("bare", figures(500, 2));
  }
  return comparison;
}

const streams = (mostOpen: number, p50: number, p99: number, failed = 0) => ({ mostOpen, failed, p50, p99 });

describe("the benchmark of gateways", () => {
  it("takes an answer for whole only with every token and its end", () => {
    const answer = `{"content":"${" token".repeat(20)}"}`;
    assert.equal(isWholeAnswer(answer), true);
    assert.equal(isWholeAnswer(answer.slice(0, -1)), false);
    assert.equal(isWholeAnswer(answer.replace(" token", "")), false);
    const stream = `${'data: {"content":" token"}\n\n'.repeat(20)}data: {"finish_reason":"stop"}\n\ndata: [DONE]\n\n`;
    assert.equal(isWholeStream(stream, "instant"), true);
    assert.equal(isWholeStream(stream, "paced"), false);
    assert.equal(isWholeStream(stream.replace('"stop"', "null"), "instant"), false);
    assert.equal(isWholeStream(stream.replace("data: [DONE]\n\n", ""), "instant"), false);
  });

  it("says nothing where every aim is reached, in more rounds than not", () => {
    assert.deepEqual(missedByComparisons("aim", ["portkey", "bare"], [comparisonOf(figures(300, 10))]), []);
    assert.deepEqual(missedByStreams("aim", streams(50, 300, 310), streams(500, 310, 465)), []);
  });

  it("says each aim that is missed, by how much", () => {
    assert.deepEqual(missedByComparisons("aim", ["portkey", "bare"], [comparisonOf(figures(290, 11, 2))]), [
      "streamed, 10 at once: 4 answers of the service failed",
      "streamed, 10 at once: answers/s 2.90 times Portkey's, wanted at least 3",
      "streamed, 10 at once: p50 ms 0.37 times Portkey's, wanted at most 0.34",
      "streamed, 10 at once: answers/s 0.58 times bare proxy's, wanted at least 0.6",
    ]);
    assert.deepEqual(missedByStreams("aim", streams(50, 300, 310), streams(500, 310, 466, 1)), [
      "1 of the streams failed",
      "500 streams: the first token's p99 is 1.50 times that of 50, wanted at most 1.5",
    ]);
  });

  it("has a floor below each aim, which a busy machine does not fall through", () => {
    assert.deepEqual(missedByComparisons("floor", ["portkey", "bare"], [comparisonOf(figures(110, 29))]), []);
    assert.deepEqual(missedByComparisons("floor", ["portkey", "bare"], [comparisonOf(figures(99, 31))]), [
      "streamed, 10 at once: answers/s 0.99 times Portkey's, wanted at least 1",
      "streamed, 10 at once: p50 ms 1.03 times Portkey's, wanted at most 1",
      "streamed, 10 at once: answers/s 0.20 times bare proxy's, wanted at least 0.2",
    ]);
  });

  it("misses an aim that could not be measured", () => {
    const nothing = new Comparison({ streamed: false, connections: 100 });
    assert.equal(missedByComparisons("aim", ["portkey", "bare"], [nothing]).length, 3);
    assert.equal(missedByStreams("aim", streams(50, Number.NaN, Number.NaN, 50), streams(500, 300, 300)).length, 3);
  });

  it("shows the service's figures and how many times a peer's they are", () => {
    const peaks = new Map([["service", 300] as const, ["bare", 150] as const]);
    const table = comparisonTable(["bare"], [comparisonOf(figures(300, 10))], peaks);
    assert.equal(
      asText(table),
      [
        "                                 service  bare proxy  ratio",
        "streamed, 10 at once  answers/s      300         500   0.60",
        "                      p50 ms        10.0         2.0   5.00",
        "                      p99 ms        20.0         4.0   5.00",
        "all of it             peak MB        300         150   2.00",
      ].join("\n"),
    );
    assert.equal(
      asMarkdown(table.slice(0, 2)).split("\n")[2],
      "| streamed, 10 at once | answers/s | 300 | 500 | 0.60 |",
    );
  });

  it("draws memory from its lowest to its highest", () => {
    assert.equal(sparkline([100, 110, 120, 170]), "▁▂▃█");
    assert.equal(sparkline([5, 5, 5]), "▁▁▁");
    assert.equal(sparkline(Array.from({ length: 600 }, (_, second) => second)).length, 60);
  });
});
