import assert from "node:assert/strict";
import { type ApiKey, KeyHashes, newApiKey, parseApiKey } from "../../../service/src/auth/api-key.js";
import { derive, type KeyRing, parseKeyRing } from "../../../service/src/auth/key-ring.js";

const b64 = (letter: string): string => Buffer.alloc(32, letter).toString("base64");
const ring = (text: string): KeyRing => {
  const parsed = parseKeyRing(text);
  if (typeof parsed === "string") throw new Error(parsed);
  return parsed;
};
const key = (text: string): ApiKey => {
  const parsed = parseApiKey(text);
  if (parsed === undefined) throw new Error(`${text} was not parsed`);
  return parsed;
};

describe("an API key", () => {
  it("has an environment, an id and a secret", () => {
    assert.deepEqual(parseApiKey("ak_test_abc_s3cret_with_more"), {
      whole: "ak_test_abc_s3cret_with_more",
      env: "test",
      id: "abc",
      secret: "s3cret_with_more",
    });
  });

  it("is nothing else", () => {
    for (const text of [
      "",
      "ak_",
      "ak_test_abc",
      "ak_test__x",
      "ak_te st_a_b",
      "sk_test_abc_x",
      " ak_a_b_c",
      "ak_a_b_c\n",
    ])
      assert.equal(parseApiKey(text), undefined, JSON.stringify(text));
    assert.equal(parseApiKey(`ak_a_b_${"x".repeat(257)}`), undefined);
  });

  it("is made anew each time, and can be parsed", () => {
    const made = newApiKey("live");
    assert.deepEqual(parseApiKey(made.whole), made);
    assert.notEqual(newApiKey("live").whole, made.whole);
    assert.match(made.whole, /^ak_live_[0-9A-Za-z]{16}_[0-9A-Za-z]{40}$/);
  });
});

describe("hashes of API keys", () => {
  const one = key("ak_test_one_aaaa");

  it("match their own key and no other", () => {
    const hashes = new KeyHashes(undefined);
    assert.equal(hashes.current, 0);
    assert.equal(hashes.matches(one, hashes.hash(one), 0), true);
    assert.equal(hashes.matches(key("ak_test_one_aaab"), hashes.hash(one), 0), false);
    assert.equal(hashes.matches(key("ak_live_one_aaaa"), hashes.hash(one), 0), false);
  });

  it("are made with the newest key of the ring, and still match under the ones before", () => {
    const before = new KeyHashes(ring(`1:${b64("a")}`));
    const after = new KeyHashes(ring(`2:${b64("b")},1:${b64("a")}`));
    assert.equal(after.current, 2);
    assert.equal(after.matches(one, before.hash(one), 1), true);
    assert.notDeepEqual(after.hash(one), before.hash(one));
  });

  it("never match when their pepper is gone", () => {
    const before = new KeyHashes(ring(`1:${b64("a")}`));
    const after = new KeyHashes(ring(`2:${b64("b")}`));
    assert.equal(after.has(1), false);
    assert.equal(after.matches(one, before.hash(one), 1), false);
  });

  it("do not show the ring's key", () => {
    assert.notDeepEqual(derive(Buffer.alloc(32, "a"), "api-keys"), Buffer.alloc(32, "a"));
    assert.notDeepEqual(derive(Buffer.alloc(32, "a"), "api-keys"), derive(Buffer.alloc(32, "a"), "vault"));
  });
});

describe("the key ring", () => {
  it("says what is wrong and never what it holds", () => {
    assert.equal(parseKeyRing("nonsense"), "expected <number>:<base64 of 32 bytes>, separated by commas");
    assert.equal(parseKeyRing("0:AAAA"), "expected <number>:<base64 of 32 bytes>, separated by commas");
    assert.equal(parseKeyRing("1:AAAA"), "key 1 has 3 bytes; expected 32: openssl rand -base64 32");
    assert.equal(parseKeyRing(`1:${b64("a")},1:${b64("b")}`), "key 1 is there twice");
  });
});
