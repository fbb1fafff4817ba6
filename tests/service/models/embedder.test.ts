import assert from "node:assert/strict";
import fc from "fast-check";
import { embed, MAX_DIMENSIONS } from "../../../service/src/models/embedder.js";

const cosine = (one: readonly number[], other: readonly number[]): number =>
  one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0);

describe("the offline embedder", () => {
  it("gives 256 numbers, or as many as are asked for", () => {
    assert.equal(embed("a cat").length, 256);
    assert.equal(embed("a cat", 8).length, 8);
    assert.equal(embed("a cat", MAX_DIMENSIONS).length, 1024);
  });

  it("gives every text a vector of length 1", () =>
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: MAX_DIMENSIONS }), (text, dimensions) => {
        const vector = embed(text, dimensions);
        assert.ok(Math.abs(cosine(vector, vector) - 1) < 1e-9);
      }),
    ));

  it("gives the same text the same vector, in every release", () => {
    const rounded = (text: string) => embed(text, 8).map((value) => Number(value.toFixed(6)));
    assert.deepEqual(
      rounded("The cat sat on the mat"),
      [-0.198856, 0.517024, -0.228977, -0.288048, 0, -0.566445, -0.397711, -0.280546],
    );
    assert.deepEqual(
      rounded("Straße 世界 🦜"),
      [0.164399, -0.328798, 0.164399, 0.547997, 0.602796, 0.383598, 0, -0.164399],
    );
    assert.deepEqual(rounded(""), [1, 0, 0, 0, 0, 0, 0, 0]);
  });

  it("takes no notice of case, punctuation and the form of characters", () => {
    assert.deepEqual(embed("The Cat, sat!"), embed("the cat sat"));
    assert.deepEqual(embed("Cafe\u0301"), embed("caf\u00e9"));
  });

  const alike: readonly (readonly [text: string, near: string, far: string])[] = [
    ["how do I reset my password", "resetting a forgotten password", "the train to Vienna leaves at noon"],
    ["deploy the service to Kubernetes", "deployment of a service on kubernetes", "a recipe for apple cake"],
    ["invoice is overdue", "the invoices are overdue by a week", "our cat likes to sleep"],
    ["die Rechnung ist überfällig", "überfällige Rechnungen", "ein Rezept für Kuchen"],
    ["数据库连接失败", "数据库无法连接", "今天天气很好"],
  ];
  for (const [text, near, far] of alike)
    it(`puts '${text}' nearer to '${near}' than to '${far}'`, () => {
      const vector = embed(text);
      const [nearness, farness] = [cosine(vector, embed(near)), cosine(vector, embed(far))];
      assert.ok(nearness > farness + 0.1, `${nearness} and ${farness}`);
    });

  it("tells texts of punctuation apart", () => assert.notDeepEqual(embed("???"), embed("!!!")));
});
