import assert from "node:assert/strict";
import { type Link, newLinkKey, opens, signLink } from "../../../service/src/objects/links.js";

describe("a link to an object", () => {
  const key = newLinkKey();
  const link = signLink(key, "obj_1", 1000);

  it("opens until it expires", () => {
    assert.equal(opens(link, key, 999), true);
    assert.equal(opens(link, key, 1000), false);
  });

  it("is the same for the same key, and another for another", () => {
    assert.deepEqual(signLink(key, "obj_1", 1000), link);
    assert.notEqual(signLink(newLinkKey(), "obj_1", 1000).signature, link.signature);
  });

  it("opens nothing where the object is gone", () => {
    assert.equal(opens(link, undefined, 1), false);
  });

  it("opens nothing with another object's key", () => {
    assert.equal(opens(link, newLinkKey(), 1), false);
  });

  const last = link.signature.at(-1) ?? "";
  // The last of 43 letters has two bits that stand for nothing: base64 has four texts for the same bytes.
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const sameBytes = `${link.signature.slice(0, -1)}${alphabet[alphabet.indexOf(last) ^ 1]}`;
  const altered: Readonly<Record<string, Partial<Link>>> = {
    "a later end": { expires: "2000" },
    "another way to write its end": { expires: "01000" },
    "an end in words": { expires: "1e9" },
    "no end": { expires: "" },
    "another object": { id: "obj_2" },
    "no signature": { signature: "" },
    "a part of its signature": { signature: link.signature.slice(0, -1) },
    "more than its signature": { signature: `${link.signature}A` },
    padding: { signature: `${link.signature}=` },
    "other text for the same bytes": { signature: sameBytes },
    "a signature of other letters": { signature: "é".repeat(43) },
    "a long signature": { signature: "A".repeat(10_000) },
  };
  for (const [what, change] of Object.entries(altered))
    it(`does not open with ${what}`, () => {
      assert.equal(opens({ ...link, ...change }, key, 1), false);
    });
});
