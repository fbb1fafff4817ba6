import assert from "node:assert/strict";
import { parseArmId } from "../../../providers/azure/arm-id.js";

const SUBNET = "Microsoft.Network/virtualNetworks/subnets";
const subnet = "/subscriptions/s1/resourceGroups/g1/providers/Microsoft.Network/virtualNetworks/v1/subnets/n1";

describe("providers/azure/arm-id", () => {
  it("reads subscription, group and names", () => {
    assert.deepEqual(parseArmId(subnet, SUBNET), { subscription: "s1", resourceGroup: "g1", names: ["v1", "n1"] });
  });

  it("takes the case that Azure happens to write", () => {
    const shouted = subnet.replace("resourceGroups", "resourcegroups").replace("virtualNetworks", "VIRTUALNETWORKS");
    assert.deepEqual(parseArmId(shouted, SUBNET).names, ["v1", "n1"]);
  });

  it("refuses another type, a part of an id and a plain name", () => {
    for (const [id, type] of [
      [subnet, "Microsoft.Network/virtualNetworks"],
      [subnet.replace("/subnets/n1", ""), SUBNET],
      [subnet.replace("/n1", ""), SUBNET],
      [subnet.replace("/n1", "/"), SUBNET],
      ["n1", SUBNET],
    ] as const)
      assert.throws(() => parseArmId(id, type), new Error(`azure: ${id} is no ARM id of ${type}`));
  });
});
