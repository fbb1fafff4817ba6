import assert from "node:assert/strict";
import type { RecordedResource } from "../../plan/record.js";
import { all, only, valueOf } from "../support/deploy.js";
import { eachCase, isOnlyRead } from "./parts.js";

const EVERYONE = ["0.0.0.0/0", "::/0"];

eachCase("network", "any", ({ one, ran }) => {
  it("says its id and its subnets by tier", async () => {
    const { network } = (await ran()).result.outputs;
    const { public: open, private: inner, data } = await valueOf(network.subnets);
    assert.equal(typeof (await valueOf(network.id)), "string");
    for (const tier of [open, inner, data]) assert.ok(Array.isArray(tier));
    // Where there is one, nodes and data have a place in it, in two zones or more.
    assert.equal(inner.length >= 2 && data.length >= 2, one.cloud === "aws");
  });

  it("lets nobody on the internet in", async () => {
    const { resources } = await ran();
    const rules = all(resources, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    const open = rules.filter(({ inputs }) => EVERYONE.includes(String(inputs["cidrIpv4"] ?? inputs["cidrIpv6"])));
    assert.deepEqual(open, []);
    // Rules inside a group would be seen by none of these tests.
    const inline = all(resources, "aws:ec2/securityGroup:SecurityGroup").filter(
      ({ inputs }) => "ingress" in inputs || "egress" in inputs,
    );
    assert.deepEqual(inline, []);
  });
});

eachCase("network", ["managed"], ({ ran, resources }) => {
  it("gives no machine a public address", async () => {
    const subnets = all(await resources(), "aws:ec2/subnet:Subnet");
    assert.ok(subnets.length >= 6);
    for (const { inputs, name } of subnets) assert.equal(inputs["mapPublicIpOnLaunch"], false, name);
  });

  it("has no way out of the data subnets", async () => {
    const network = await resources();
    const isData = ({ name }: RecordedResource) => name.includes("-data");
    const tables = all(network, "aws:ec2/routeTable:RouteTable").filter(isData);
    assert.ok(tables.length > 0);
    const ids = new Set(tables.map(({ name }) => `${name}-id`));
    const routes = all(network, "aws:ec2/route:Route");
    assert.ok(routes.length > 0);
    assert.deepEqual(
      routes.filter(({ inputs }) => ids.has(String(inputs["routeTableId"]))),
      [],
    );
    const subnets = all(network, "aws:ec2/subnet:Subnet").filter(isData);
    const associated = all(network, "aws:ec2/routeTableAssociation:RouteTableAssociation")
      .filter(({ inputs }) => ids.has(String(inputs["routeTableId"])))
      .map(({ inputs }) => inputs["subnetId"]);
    assert.deepEqual(associated.sort(), subnets.map(({ name }) => `${name}-id`).sort());
  });

  it("lets in only who is named, on one port", async () => {
    const { resources: everything } = await ran();
    const rules = all(everything, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    const open = all(everything, "aws:ec2/securityGroup:SecurityGroup").map(({ name }) => `${name}-id`);
    assert.deepEqual([...new Set(rules.map(({ inputs }) => inputs["securityGroupId"]))].sort(), open.sort());
    for (const { inputs, name } of rules) {
      assert.match(String(inputs["cidrIpv4"]), /^10\./, name);
      assert.equal(inputs["fromPort"], inputs["toPort"], name);
    }
  });

  it("lets nothing in or out by the default security group", async () => {
    const { inputs } = only(await resources(), "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup");
    assert.deepEqual([inputs["ingress"], inputs["egress"]], [[], []]);
  });
});

eachCase("network", ["existing"], ({ resources }) => {
  it("is only read", async () => {
    const network = await resources();
    assert.ok(network.length > 0);
    assert.ok(network.every(isOnlyRead));
  });
});

eachCase("network", ["none"], ({ resources }) => {
  it("makes nothing", async () => assert.deepEqual(await resources(), []));
});
