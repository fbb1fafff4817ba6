import assert from "node:assert/strict";
import fc from "fast-check";
import { ProviderFailure } from "../../../service/src/models/failure.js";
import { type SseFrame, SseParser } from "../../../service/src/models/sse.js";
import { cutUp, oneByOne } from "./pieces.js";

/** The frames, and what ended the reading. */
function framesOf(pieces: readonly Uint8Array[]) {
  const parser = new SseParser();
  const frames: SseFrame[] = [];
  try {
    for (const piece of pieces) for (const frame of parser.read(piece)) frames.push(frame);
  } catch (error) {
    assert.ok(error instanceof ProviderFailure);
    return { frames, failed: `${error.kind}: ${error.message}` };
  }
  return { frames, failed: undefined };
}

const read = (text: string) => framesOf([Buffer.from(text)]).frames;
const message = (data: string): SseFrame => ({ event: "message", data });

describe("server-sent events", () => {
  const cases: readonly (readonly [what: string, text: string, frames: readonly SseFrame[]])[] = [
    ["end with a blank line", "data: a\n\ndata: b\n\n", [message("a"), message("b")]],
    ["have lines that end with CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", [message("a"), message("b")]],
    ["have lines that end with CR", "data: a\r\rdata: b\r\r", [message("a"), message("b")]],
    [
      "have lines that end in several ways",
      "data: a\r\ndata: b\ndata: c\r\n\ndata: d\n\r\n",
      [message("a\nb\nc"), message("d")],
    ],
    ["may begin with a byte order mark", "\uFEFFdata: a\n\n", [message("a")]],
    ["keep a mark that is not at the start", "data: \uFEFFa\n\n\uFEFFdata: b\n\n", [message("\uFEFFa")]],
    ["join several lines of data", "data: a\ndata:\ndata: b\n\n", [message("a\n\nb")]],
    ["keep their name", "event: error\ndata: a\n\ndata: b\n\n", [{ event: "error", data: "a" }, message("b")]],
    ["take the last name given", "event: a\nevent: b\ndata: c\n\n", [{ event: "b", data: "c" }]],
    ["forget the name of a frame without data", "event: a\n\ndata: b\n\n", [message("b")]],
    ["lose one space after the colon and no more", "data:  a \n\ndata:b\n\n", [message(" a "), message("b")]],
    ["have comments, which are no data", ": ping\n\ndata: a\n: x\n\n:\n\n", [message("a")]],
    ["have fields that nobody knows", "id: 1\nretry: 5\nfoo\ndatax: y\ndata: a\n\n", [message("a")]],
    ["have fields without a colon", "event\ndata\n\ndata\ndata\n\n", [message(""), message("\n")]],
    ["are no frame without their blank line", "data: a\n\ndata: b\n", [message("a")]],
    ["are none without any data", "\n\n\nevent: a\n\n", []],
  ];
  for (const [what, text, frames] of cases) {
    it(what, () => assert.deepEqual(read(text), frames));
    it(`${what}, byte by byte too`, () => assert.deepEqual(framesOf(oneByOne(Buffer.from(text))).frames, frames));
  }

  it("keep characters that a piece ends in the middle of", () => {
    const text = "data: Grüße, 世界, 🦜\n\n";
    assert.deepEqual(framesOf(oneByOne(Buffer.from(text))).frames, [message("Grüße, 世界, 🦜")]);
  });

  it("have no more blank lines for a piece without bytes", () => {
    const pieces = ["data: a\r", "", "\ndata: b\r\n\r\n"].map((text) => Buffer.from(text));
    assert.deepEqual(framesOf(pieces).frames, [message("a\nb")]);
  });

  const broken: readonly (readonly [what: string, bytes: readonly number[]])[] = [
    ["a byte that begins no character", [0xff]],
    ["a character that is not finished", [0xe4, 0xb8, 0x0a]],
    ["a character in more bytes than it takes", [0xc0, 0xaf, 0x61]],
    ["half a surrogate", [0xed, 0xa0, 0x80, 0x61]],
    ["bytes that follow nothing", [0x80, 0x80, 0x80, 0x80]],
  ];
  for (const [what, bytes] of broken)
    it(`are malformed with ${what}, after what was whole`, () => {
      const stream = Buffer.concat([Buffer.from("data: ä\n\ndata: b"), Buffer.from(bytes), Buffer.from("\n\n")]);
      const expected = { frames: [message("ä")], failed: "malformed: the stream is not UTF-8" };
      assert.deepEqual(framesOf([stream]), expected);
      assert.deepEqual(framesOf(oneByOne(stream)), expected);
    });

  it("come out the same however they are cut", () => {
    const line = fc.constantFrom(
      "data: ",
      "data",
      "event: x",
      ": c",
      "ä🦜",
      "\r",
      "\n",
      "\r\n",
      "\n\n",
      "\uFEFF",
      "\xff",
    );
    const stream = fc.array(fc.oneof(line.map((text) => Buffer.from(text, text === "\xff" ? "latin1" : "utf8"))));
    const streams = stream.map((parts) => Buffer.concat(parts));
    fc.assert(
      fc.property(
        streams.chain((bytes) => fc.tuple(fc.constant(bytes), cutUp(bytes))),
        ([bytes, pieces]) => assert.deepEqual(framesOf(pieces), framesOf([bytes])),
      ),
    );
  });

  const tooLong = {
    frames: [message("a")],
    failed: "malformed: the stream has a frame of more than 16777216 characters",
  };
  const mebibyte = Buffer.from("x".repeat(1024 * 1024));
  const begun = [Buffer.from("data: a\n\ndata: ")];

  it("are malformed when a line does not end within 16 MiB", () =>
    assert.deepEqual(framesOf([...begun, ...Array.from({ length: 17 }, () => mebibyte)]), tooLong));

  it("are malformed when a frame does not end within 16 MiB", () => {
    const lines = Array.from({ length: 17 }, () => [mebibyte, Buffer.from("\ndata: ")]).flat();
    assert.deepEqual(framesOf([...begun, ...lines]), tooLong);
  });

  it("may have 15 MiB in one frame", () => {
    const pieces = [...begun, ...Array.from({ length: 15 }, () => mebibyte), Buffer.from("\n\n")];
    assert.deepEqual(
      framesOf(pieces).frames.map(({ data }) => data.length),
      [1, 15 * 1024 * 1024],
    );
  });
});
