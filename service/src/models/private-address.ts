import { BlockList, isIP } from "node:net";

/** Where a provider on the internet never is: this machine, the network around it, and the cloud's metadata. */
const ranges: readonly (readonly [network: string, prefix: number, type: "ipv4" | "ipv6"])[] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["198.18.0.0", 15, "ipv4"],
  ["224.0.0.0", 3, "ipv4"],
  ["::", 127, "ipv6"],
  ["64:ff9b:1::", 48, "ipv6"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
  ["ff00::", 8, "ipv6"],
];

const listed = new BlockList();
for (const [network, prefix, type] of ranges) listed.addSubnet(network, prefix, type);

/** IPv4 within IPv6 (`::ffff:10.0.0.1`) counts as what it is. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && listed.check(address, family === 6 ? "ipv6" : "ipv4");
}

/** A host as a URL has it: an address, or a name that can only mean this machine or its network. */
export function isPrivateHost(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (isIP(plain) !== 0) return isPrivateAddress(plain);
  return (
    !plain.includes(".") || /\.(localhost|local|internal|svc|lan|home\.arpa)$/i.test(plain) || /\.svc\./i.test(plain)
  );
}
