import fc from "fast-check";

/** Bytes in pieces that may be cut anywhere, in the middle of a character too. */
export const cutUp = (bytes: Uint8Array): fc.Arbitrary<readonly Uint8Array[]> =>
  fc.array(fc.nat(bytes.length), { maxLength: 12 }).map((cuts) => {
    const ends = [...new Set([0, ...cuts, bytes.length])].sort((one, other) => one - other);
    return ends.slice(1).map((end, at) => bytes.subarray(ends[at], end));
  });

export const oneByOne = (bytes: Uint8Array): readonly Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte));
