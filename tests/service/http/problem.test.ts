import assert from "node:assert/strict";
import { bodyOf, headersOf, Problem, type ProblemCode, problems } from "../../../service/src/http/problem.js";

describe("a problem", () => {
  it("is problem+json and OpenAI's error in one body", () => {
    const errors = [{ pointer: "/body/name", message: "is empty" }];
    assert.deepEqual(bodyOf(new Problem("invalid", "/body/name: is empty", { errors }), "req_1"), {
      type: "/errors/invalid",
      title: "The values are not valid",
      status: 422,
      detail: "/body/name: is empty",
      code: "invalid",
      requestId: "req_1",
      errors,
      error: {
        message: "/body/name: is empty",
        type: "invalid_request_error",
        param: "/body/name",
        code: "invalid",
      },
    });
  });

  it("says when to come back, or not to", () => {
    assert.deepEqual(headersOf(new Problem("rate_limited", "x", { retryAfter: 7 })), { "Retry-After": "7" });
    assert.deepEqual(headersOf(new Problem("not_found", "x")), { "x-should-retry": "false" });
  });

  for (const [code, { status }] of Object.entries(problems))
    if (status === 429 || status === 503)
      it(`always has Retry-After: ${code}`, () => {
        assert.deepEqual(headersOf(new Problem(code as ProblemCode, "x")), { "Retry-After": "1" });
      });
});
