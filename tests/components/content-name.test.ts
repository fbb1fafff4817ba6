import assert from "node:assert/strict";
import { contentName } from "../../components/content-name.js";

describe("a name that ends in a hash of its content", () => {
  it("is the same for the same content, and another for another", () => {
    assert.equal(contentName("api", ["a"]), "api-0eb5b8d6f8");
    assert.equal(contentName("api", ["a"]), contentName("api", ["a"]));
    assert.notEqual(contentName("api", ["a"]), contentName("api", ["b"]));
  });

  it("is cut so that it fits a label, and ends its stem in no hyphen", () => {
    assert.match(contentName(`${"x".repeat(51)}-${"y".repeat(20)}`, []), /^x{51}-[0-9a-f]{10}$/);
  });
});
