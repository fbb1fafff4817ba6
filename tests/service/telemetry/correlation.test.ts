import assert from "node:assert/strict";
import { requestIdOf } from "../../../service/src/telemetry/correlation.js";
import { parseTraceparent } from "../../../service/src/telemetry/trace-context.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("a call's id", () => {
  it("is the caller's own", () => {
    assert.equal(requestIdOf({ "x-request-id": "Order_1.2-3" }), "Order_1.2-3");
    assert.equal(requestIdOf({ "x-correlation-id": "c-1" }), "c-1");
    assert.equal(requestIdOf({ "x-request-id": "r-1", "x-correlation-id": "c-1" }), "r-1");
    assert.equal(requestIdOf({ "x-request-id": "not one", "x-correlation-id": "c-1" }), "c-1");
  });

  const refused = ["", "a b", "a\nb", "a,b", "ä", '"', "a".repeat(65), "../etc", "{}", "r-1, r-2"];
  for (const id of refused)
    it(`is a new one instead of ${JSON.stringify(id).slice(0, 20)}`, () => {
      assert.match(requestIdOf({ "x-request-id": id }), UUID);
    });

  it("is a new one each time where none is given", () => {
    const [one, other] = [requestIdOf({}), requestIdOf({})];
    assert.match(one, UUID);
    assert.notEqual(one, other);
  });
});

describe("traceparent", () => {
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const span = "00f067aa0ba902b7";

  it("is read", () => {
    const sampled = { traceId: trace, spanId: span, sampled: true };
    assert.deepEqual(parseTraceparent(`00-${trace}-${span}-01`), sampled);
    assert.deepEqual(parseTraceparent(`00-${trace}-${span}-03`), sampled);
    assert.deepEqual(parseTraceparent(`00-${trace}-${span}-00`), { ...sampled, sampled: false });
    assert.deepEqual(parseTraceparent(`01-${trace}-${span}-01-later`), sampled);
  });

  const refused = [
    undefined,
    "",
    "00",
    `ff-${trace}-${span}-01`,
    `00-${"0".repeat(32)}-${span}-01`,
    `00-${trace}-${"0".repeat(16)}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${trace}-${span}-01-later`,
    `00-${trace}-${span}-1`,
    `00-${trace}-${span}`,
    `00-${trace}-${span}-01\n`,
    [`00-${trace}-${span}-01`],
  ];
  for (const header of refused)
    it(`is not ${JSON.stringify(header)?.slice(0, 60)}`, () => {
      assert.equal(parseTraceparent(header), undefined);
    });
});
