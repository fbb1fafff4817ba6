import assert from "node:assert/strict";
import { isAmong, mediaTypeOf } from "../../../service/src/objects/media-types.js";

describe("a media type", () => {
  const good: Readonly<Record<string, readonly [string, string]>> = {
    "text/plain": ["text/plain", "text/plain"],
    " Text/Plain ": ["text/plain", "text/plain"],
    "text/plain; charset=utf-8": ["text/plain", "text/plain; charset=utf-8"],
    'Text/CSV;header=present ; x="a b"': ["text/csv", 'text/csv;header=present ; x="a b"'],
    "application/vnd.oasis.opendocument.text": [
      "application/vnd.oasis.opendocument.text",
      "application/vnd.oasis.opendocument.text",
    ],
    "image/svg+xml": ["image/svg+xml", "image/svg+xml"],
  };
  for (const [header, [essence, whole]] of Object.entries(good))
    it(`is read: ${header}`, () => {
      assert.deepEqual(mediaTypeOf(header), { essence, whole });
    });

  const bad = [
    "",
    "text",
    "text/",
    "/plain",
    "text/plain, text/html",
    "text/plain;",
    "text/plain; charset",
    'text/plain; x="',
    "text/*",
    "*/*",
    "text/plain; x=é",
    "text/plain\r\nX: y",
    "text/plain; x=\0",
    `text/${"x".repeat(300)}`,
  ];
  for (const header of bad)
    it(`is none: ${JSON.stringify(header).slice(0, 40)}`, () => {
      assert.equal(mediaTypeOf(header), undefined);
    });

  it("takes no time to refuse, however it is made", () => {
    const began = performance.now();
    mediaTypeOf(`a/b${'; x="y"'.repeat(30)}!`);
    mediaTypeOf(`a/b${"\t".repeat(240)}`);
    assert.ok(performance.now() - began < 1000);
  });

  const lists: readonly (readonly [types: readonly string[], header: string, among: boolean])[] = [
    [["text/plain"], "text/plain; charset=utf-8", true],
    [["Text/Plain"], "TEXT/PLAIN", true],
    [["text/plain"], "text/html", false],
    [["image/*"], "image/png", true],
    [["image/*"], "imagex/png", false],
    [["*/*"], "application/x-anything", true],
    [[], "text/plain", false],
  ];
  for (const [types, header, among] of lists)
    it(`${header} is ${among ? "" : "not "}among ${types.join(", ") || "none"}`, () => {
      const type = mediaTypeOf(header);
      assert.ok(type);
      assert.equal(isAmong(types, type), among);
    });
});
