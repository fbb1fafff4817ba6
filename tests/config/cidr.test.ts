import assert from "node:assert/strict";
import * as fc from "fast-check";
import { format, overlap, parseCidr, type Range, subnetPlan, subrange } from "../../config/cidr.js";

/** Any range, by its bits and where it begins. */
const ranges = (least = 0, most = 32): fc.Arbitrary<Range> =>
  fc
    .tuple(fc.integer({ min: least, max: most }), fc.nat({ max: 2 ** 31 - 1 }), fc.boolean())
    .map(([bits, place, upper]) => {
      const size = 2 ** (32 - bits);
      const address = place + (upper ? 2 ** 31 : 0);
      return { first: address - (address % size), bits };
    });
const last = ({ first, bits }: Range): number => first + 2 ** (32 - bits) - 1;
const inside = (inner: Range, outer: Range): boolean => inner.first >= outer.first && last(inner) <= last(outer);

describe("address ranges", () => {
  it("what is written is read back", () => {
    fc.assert(
      fc.property(ranges(), (range) => assert.deepEqual(parseCidr(format(range)), range)),
      { seed: 4 },
    );
  });

  it("two ranges overlap when they share an address, and so does the other way round", () => {
    fc.assert(
      fc.property(ranges(), ranges(), (a, b) => {
        const shared = Math.max(a.first, b.first) <= Math.min(last(a), last(b));
        assert.equal(overlap(a, b), shared);
        assert.equal(overlap(b, a), shared);
      }),
      { seed: 4 },
    );
  });

  it("parts of a range are in it, and apart", () => {
    const parts = fc.tuple(ranges(0, 28), fc.integer({ min: 0, max: 4 }), fc.nat({ max: 15 }), fc.nat({ max: 15 }));
    fc.assert(
      fc.property(parts, ([range, more, one, other]) => {
        const [a, b] = [one % 2 ** more, other % 2 ** more];
        const first = subrange(range, range.bits + more, a);
        const second = subrange(range, range.bits + more, b);
        assert.ok(inside(first, range));
        assert.equal(overlap(first, second), a === b);
      }),
      { seed: 4 },
    );
  });

  it("a range has no part beyond its end", () => {
    const range = parseCidr("10.0.0.0/16");
    assert.throws(() => subrange(range, 18, 4), { message: "10.0.0.0/16 has no /18 number 4" });
    assert.throws(() => subrange(range, 15, 0), { message: "10.0.0.0/16 has no /15 number 0" });
    assert.throws(() => subrange(range, 18, -1), { message: "10.0.0.0/16 has no /18 number -1" });
  });

  it("any text is a range or says why not", () => {
    const parts = fc.array(fc.oneof(fc.nat({ max: 300 }).map(String), fc.constantFrom(".", "/", "-", "010", "")), {
      maxLength: 10,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          parts.map((list) => list.join("")),
        ),
        (text) => {
          try {
            assert.equal(format(parseCidr(text)), text);
          } catch (error) {
            assert.match(
              (error as Error).message,
              /is not an IPv4 range$|does not begin at a \/\d+ boundary: \S+ does$/,
            );
          }
        },
      ),
      { seed: 4 },
    );
  });

  it("a leading zero is refused: to some it means octal", () => {
    assert.throws(() => parseCidr("010.0.0.0/8"), { message: "010.0.0.0/8 is not an IPv4 range" });
  });

  it("subnets of every network that is allowed are in it, apart, and leave room for pods", () => {
    fc.assert(
      fc.property(ranges(16, 22), fc.constantFrom(2, 3), (network, zones) => {
        const plan = subnetPlan(format(network), zones);
        const all = [...plan.private, ...plan.public, ...plan.data].map(parseCidr);
        assert.equal(all.length, 3 * zones);
        all.forEach((one, index) => {
          assert.ok(inside(one, network));
          assert.ok(all.every((other, at) => at === index || !overlap(one, other)));
          // The smallest subnet that AWS takes.
          assert.ok(one.bits <= 28);
        });
        for (const subnet of plan.private) assert.equal(parseCidr(subnet).bits, network.bits + 2);
      }),
      { seed: 4 },
    );
  });

  it("a zone keeps its subnets when another is added", () => {
    const [two, three] = [subnetPlan("10.0.0.0/16", 2), subnetPlan("10.0.0.0/16", 3)];
    assert.deepEqual(two.private, three.private.slice(0, 2));
    assert.deepEqual(two.public, three.public.slice(0, 2));
    assert.deepEqual(two.data, three.data.slice(0, 2));
  });

  it("the plan of the default network stays as it is", () => {
    assert.deepEqual(subnetPlan("10.0.0.0/16", 3), {
      private: ["10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18"],
      public: ["10.0.192.0/22", "10.0.196.0/22", "10.0.200.0/22"],
      data: ["10.0.224.0/22", "10.0.228.0/22", "10.0.232.0/22"],
    });
  });
});
