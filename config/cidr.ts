/** IPv4 ranges as numbers: pure arithmetic, so that address plans are decided before anything is made. */
export interface Range {
  readonly first: number;
  readonly bits: number;
}

const TWO_32 = 2 ** 32;
const sizeOf = (bits: number) => 2 ** (32 - bits);

/** Throws where the text is no range, or where its address is not the first one of it. */
export function parseCidr(text: string): Range {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text);
  const octets = match?.slice(1, 5).map(Number) ?? [];
  const bits = Number(match?.[5]);
  // A leading zero means octal to some and decimal to others.
  const ambiguous = match?.slice(1).some((part) => part.length > 1 && part.startsWith("0")) ?? false;
  if (match === null || ambiguous || octets.some((octet) => octet > 255) || bits > 32) {
    throw new Error(`${text} is not an IPv4 range`);
  }
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  if (address % sizeOf(bits) !== 0) {
    throw new Error(
      `${text} does not begin at a /${bits} boundary: ${format({ first: address - (address % sizeOf(bits)), bits })} does`,
    );
  }
  return { first: address, bits };
}

export function format({ first, bits }: Range): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${octets.join(".")}/${bits}`;
}

export function overlap(a: Range, b: Range): boolean {
  return a.first < b.first + sizeOf(b.bits) && b.first < a.first + sizeOf(a.bits);
}

/** The `index`-th range of `bits` inside `range`. */
export function subrange(range: Range, bits: number, index: number): Range {
  const first = range.first + index * sizeOf(bits);
  if (bits < range.bits || bits > 32 || index < 0 || index >= 2 ** (bits - range.bits) || first >= TWO_32) {
    throw new Error(`${format(range)} has no /${bits} number ${index}`);
  }
  return { first, bits };
}

export type Tier = "private" | "public" | "data";

/**
 * Subnets of a network, by tier and zone. Pods take their addresses from the private ones, so each of these is a
 * quarter of the network; the last quarter holds the public and the data ones, a sixteenth of that each.
 */
export function subnetPlan(network: string, zones: number): Readonly<Record<Tier, readonly string[]>> {
  const range = parseCidr(network);
  const rest = subrange(range, range.bits + 2, 3);
  const small = (index: number) => format(subrange(rest, range.bits + 6, index));
  const each = <T>(make: (zone: number) => T) => Array.from({ length: zones }, (_, zone) => make(zone));
  return {
    private: each((zone) => format(subrange(range, range.bits + 2, zone))),
    public: each((zone) => small(zone)),
    data: each((zone) => small(8 + zone)),
  };
}
