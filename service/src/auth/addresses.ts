import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** `10.0.0.7`, `10.0.0.0/8`, `2001:db8::/32`. */
export function isAddressOrRange(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** Whether an address is on a list of addresses and ranges; an empty list is everybody. */
export function addressList(ranges: readonly string[]): (address: string) => boolean {
  if (ranges.length === 0) return () => true;
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const family = isIP(address) === 4 ? "ipv4" : "ipv6";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const plain = plainAddress(address);
    return isIP(plain) !== 0 && list.check(plain, isIP(plain) === 4 ? "ipv4" : "ipv6");
  };
}

/** The caller's, as Express finds it with that many trusted proxies: what the outermost of them wrote down. */
export function callerAddress({ headers, socket }: IncomingMessage, proxies: number): string {
  const said = [headers["x-forwarded-for"] ?? []].flat().join(",").split(",");
  const known = said.map((address) => address.trim()).filter((address) => address !== "");
  return plainAddress([socket.remoteAddress ?? "", ...known.reverse()].slice(0, proxies + 1).at(-1) ?? "");
}

/** A socket that listens on both families shows 127.0.0.1 as ::ffff:127.0.0.1. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, "");
