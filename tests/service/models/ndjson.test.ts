import assert from "node:assert/strict";
import fc from "fast-check";
import { ProviderFailure } from "../../../service/src/models/failure.js";
import { NdjsonLines } from "../../../service/src/models/ndjson.js";
import { cutUp, oneByOne } from "./pieces.js";

function linesOf(pieces: readonly Uint8Array[]) {
  const reader = new NdjsonLines();
  const lines: string[] = [];
  try {
    for (const piece of pieces) for (const line of reader.read(piece)) lines.push(line);
  } catch (error) {
    assert.ok(error instanceof ProviderFailure);
    return { lines, failed: `${error.kind}: ${error.message}` };
  }
  return { lines, rest: reader.rest };
}

describe("newline-delimited JSON", () => {
  it("is a line for each newline", () =>
    assert.deepEqual(linesOf([Buffer.from('{"a":1}\n{"b":2}\n')]), { lines: ['{"a":1}', '{"b":2}'], rest: "" }));

  it("has no blank lines", () =>
    assert.deepEqual(linesOf([Buffer.from('\n{"a":1}\n\r\n  \n')]), { lines: ['{"a":1}'], rest: "" }));

  it("keeps a line that has no end yet", () =>
    assert.deepEqual(linesOf([Buffer.from('{"a":1}\n{"b"')]), { lines: ['{"a":1}'], rest: '{"b"' }));

  it("comes out the same byte by byte", () =>
    assert.deepEqual(linesOf(oneByOne(Buffer.from('\uFEFF{"ä":"🦜"}\n{"b":2}'))), {
      lines: ['{"ä":"🦜"}'],
      rest: '{"b":2}',
    }));

  it("comes out the same however it is cut", () => {
    const parts = fc.array(
      fc.constantFrom('{"a":1}', "ä🦜", "\n", "\r\n", " ", "\uFEFF").map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(
        parts.map((all) => Buffer.concat(all)).chain((bytes) => fc.tuple(fc.constant(bytes), cutUp(bytes))),
        ([bytes, pieces]) => assert.deepEqual(linesOf(pieces), linesOf([bytes])),
      ),
    );
  });

  it("is malformed where it is not UTF-8, after what was whole", () =>
    assert.deepEqual(linesOf([Buffer.concat([Buffer.from('{"a":1}\n{"b'), Uint8Array.of(0xff, 0x0a)])]), {
      lines: ['{"a":1}'],
      failed: "malformed: the stream is not UTF-8",
    }));

  it("is malformed when a line does not end within 16 MiB", () => {
    const mebibyte = Buffer.from("x".repeat(1024 * 1024));
    assert.deepEqual(linesOf([Buffer.from("{}\n"), ...Array.from({ length: 17 }, () => mebibyte)]), {
      lines: ["{}"],
      failed: "malformed: the stream has a line of more than 16777216 characters",
    });
  });
});
