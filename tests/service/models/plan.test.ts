import assert from "node:assert/strict";
import { loadEnv } from "../../../service/src/env.js";
import { keyOf } from "../../../service/src/models/catalog.js";
import type { Capability } from "../../../service/src/models/config.js";
import { needsOf, targetsFor } from "../../../service/src/models/plan.js";
import { question } from "../support/scripted-line.js";

const base = { kind: "ollama", baseUrl: "http://127.0.0.1:1" };
const catalogOf = (config: object) => loadEnv({ NODE_ENV: "test", AI_PROVIDERS_CONFIG: JSON.stringify(config) }).models;

const catalog = catalogOf({
  providers: [
    { ...base, name: "p1", models: ["small", "org/large", "embed"] },
    { ...base, name: "p2", models: [{ name: "plain", capabilities: ["chat"] }] },
  ],
  routes: {
    weighted: [
      { provider: "p1", model: "small", weight: 1 },
      { provider: "p2", model: "plain" },
      { provider: "p1", model: "org/large", weight: 3 },
    ],
  },
});

const plan = (model: string, needs: readonly Capability[] = ["chat"], random = () => 0): readonly string[] =>
  targetsFor(catalog, model, new Set(needs), random).map(keyOf);

describe("the plan of a call", () => {
  it("is every provider's first model, then every second one, for auto", () => {
    assert.deepEqual(plan("auto"), ["p1/small", "p2/plain", "p1/org/large"]);
  });

  it("is one model alone where it is named, slashes in its name included", () => {
    assert.deepEqual(plan("p1/org/large"), ["p1/org/large"]);
  });

  it("leaves out models that can't do what the call needs", () => {
    assert.deepEqual(plan("auto", ["chat", "tools"]), ["p1/small", "p1/org/large"]);
    assert.deepEqual(plan("auto", ["embeddings"]), ["p1/embed"]);
  });

  it("says what is lacking where nothing is left", () => {
    assert.throws(() => plan("p2/plain", ["chat", "tools", "images"]), {
      code: "model_unable",
      detail: "no model of 'p2/plain' can do this: p2/plain has no tools and no images",
    });
  });

  it("names the nearest of a model that is not there", () => {
    assert.throws(() => plan("smal"), {
      code: "model_not_found",
      detail: "there is no model 'smal'; the nearest are p1/small, auto, p1/embed",
    });
    assert.throws(() => plan("route:weigthed"), /the nearest are route:weighted, /);
  });

  it("draws targets by their weights, and puts those without one behind, in their order", () => {
    assert.deepEqual(
      plan("route:weighted", ["chat"], () => 0.24),
      ["p1/small", "p1/org/large", "p2/plain"],
    );
    assert.deepEqual(
      plan("route:weighted", ["chat"], () => 0.26),
      ["p1/org/large", "p1/small", "p2/plain"],
    );
  });

  it("draws each first as often as its part of the weights", () => {
    let draws = 0;
    let small = 0;
    for (; draws < 1000; draws += 1)
      if (plan("route:weighted", ["chat"], () => draws / 1000)[0] === "p1/small") small += 1;
    assert.equal(small, 250);
  });
});

describe("what a call needs", () => {
  it("is seen in its body", () => {
    assert.deepEqual([...needsOf(question())], ["chat"]);
    const body = question({
      tools: [{ type: "function", function: { name: "f" } }],
      response_format: { type: "json_object" },
      messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:," } }] }],
    });
    assert.deepEqual([...needsOf(body)], ["chat", "tools", "json", "images"]);
  });
});
