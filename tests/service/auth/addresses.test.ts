import assert from "node:assert/strict";
import { addressList, isAddressOrRange, plainAddress } from "../../../service/src/auth/addresses.js";

describe("the list of admin addresses", () => {
  it("takes addresses and ranges of both families", () => {
    for (const text of ["10.0.0.7", "10.0.0.0/8", "0.0.0.0/0", "::1", "2001:db8::/32"])
      assert.equal(isAddressOrRange(text), true, text);
    for (const text of ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "::1/129", "host.example", "*"])
      assert.equal(isAddressOrRange(text), false, text);
  });

  it("is everybody when it is empty", () => {
    assert.equal(addressList([])("203.0.113.9"), true);
  });

  it("lets in who is on it and nobody else", () => {
    const listed = addressList(["10.1.0.0/16", "192.0.2.7", "2001:db8::/32"]);
    for (const address of ["10.1.255.255", "192.0.2.7", "2001:db8::1", "::ffff:10.1.2.3"])
      assert.equal(listed(address), true, address);
    for (const address of ["10.2.0.0", "192.0.2.8", "2001:db9::1", "::ffff:10.2.0.0", "", "not an address"])
      assert.equal(listed(address), false, address);
  });

  it("knows an IPv4 address that a socket of both families shows", () => {
    assert.equal(plainAddress("::ffff:127.0.0.1"), "127.0.0.1");
    assert.equal(plainAddress("2001:db8::1"), "2001:db8::1");
  });
});
