import assert from "node:assert/strict";
import { bound, type Node, schedule } from "./order.js";

const NAT = "aws:ec2/natGateway:NatGateway"; // 2 minutes
const CLUSTER = "aws:eks/cluster:Cluster"; // 11
const NODES = "aws:eks/nodeGroup:NodeGroup"; // 3
const CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"; // 12

const node = (urn: string, type: string, ...after: string[]): Node => ({ urn, type, inputs: {}, after });

describe("the time that the first up takes", () => {
  it("is that of the longest chain", () => {
    const { minutes, critical } = schedule([
      node("cache", CACHE),
      node("nodes", NODES, "cluster", "nat"),
      node("cluster", CLUSTER),
      node("nat", NAT),
    ]);
    assert.equal(minutes, 14);
    assert.deepEqual(critical, [
      { urn: "cluster", began: 0, ended: 11 },
      { urn: "nodes", began: 11, ended: 14 },
    ]);
  });

  it("grows with an edge that nobody needs", () => {
    const chained = schedule([node("cluster", CLUSTER), node("cache", CACHE, "cluster")]);
    assert.equal(chained.minutes, 23);
  });

  it("names the circle where there is one", () => {
    assert.throws(() => schedule([node("a", NAT, "b"), node("b", NAT, "a")]), /a circle: a -> b -> a/);
  });

  it("cannot be less than what the cloud demands", () => {
    const nodes = [
      node("cluster", CLUSTER),
      node("other", CLUSTER, "cluster"),
      node("cache", CACHE),
      node("nodes", NODES),
    ];
    assert.equal(bound(nodes, { [NODES]: () => [{ type: CLUSTER }] }), 14);
    assert.equal(bound(nodes, {}), 12);
  });

  it("waits for those of a kind that are meant", () => {
    const first = { ...node("first", CACHE), inputs: { first: true } };
    const second = { ...node("second", CACHE), inputs: {} };
    const needs = {
      [CACHE]: (inputs: Readonly<Record<string, unknown>>) =>
        inputs["first"] === true
          ? []
          : [{ type: CACHE, which: (one: Record<string, unknown>) => one["first"] === true }],
    };
    assert.equal(bound([second, first], needs), 24);
  });
});
