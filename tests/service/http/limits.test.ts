import assert from "node:assert/strict";
import { headersOfLimit, limitKeyOf } from "../../../service/src/http/limits.js";

describe("whom a limit is counted for", () => {
  it("is an IPv4 address", () => {
    assert.equal(limitKeyOf("203.0.113.9"), "203.0.113.9");
  });

  it("is a /64 of IPv6, however it is written", () => {
    for (const address of ["2001:db8::1", "2001:0db8:0:0:ffff::", "2001:db8:0:0:1:2:3:4", "2001:DB8::1%eth0"])
      assert.equal(limitKeyOf(address), "2001:db8:0:0::/64", address);
    assert.equal(limitKeyOf("2001:0:0:1:2:3:4:5"), "2001:0:0:1::/64");
    assert.equal(limitKeyOf("::1"), "0:0:0:0::/64");
  });
});

describe("the headers of a limit", () => {
  it("are the standard's and those that clients read", () => {
    const taken = { allowed: true, tier: "api", limit: 100, remaining: 99, seconds: 900, window: 900 } as const;
    assert.deepEqual(headersOfLimit(taken), {
      "RateLimit-Policy": '"api";q=100;w=900',
      RateLimit: '"api";r=99;t=900',
      "RateLimit-Limit": "100",
      "RateLimit-Remaining": "99",
      "RateLimit-Reset": "900",
    });
  });
});
