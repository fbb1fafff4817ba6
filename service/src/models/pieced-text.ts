import { isUtf8 } from "node:buffer";

/**
 * Text of bytes that come in pieces, cut anywhere. A TextDecoder that is told `stream: true` reads them at a third of
 * the speed, and takes what was whole in a piece down with what was broken.
 */
export class PiecedText {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #begun = false;
  /** Of a character whose other bytes are still to come. */
  #rest: Uint8Array = new Uint8Array();
  #broken = false;

  /** What follows the text that was read last is no UTF-8. */
  get broken(): boolean {
    return this.#broken;
  }

  read(piece: Uint8Array): string {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const end = endOfWhole(bytes);
    this.#rest = bytes.subarray(end);
    const text = this.#decoded(bytes.subarray(0, end));
    if (this.#begun || text === "") return text;
    this.#begun = true;
    return text.startsWith("\uFEFF") ? text.slice(1) : text;
  }

  #decoded(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes);
    } catch {
      this.#broken = true;
      return this.#decoder.decode(soundPart(bytes));
    }
  }
}

/** Where a character starts whose end is missing; else the length. */
function endOfWhole(bytes: Uint8Array): number {
  const end = bytes.length;
  for (let back = 1; back <= Math.min(3, end); back += 1) {
    const byte = bytes[end - back] ?? 0;
    if (byte < 0x80) return end;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? end - back : end;
  }
  return end;
}

const wholeOf = (bytes: Uint8Array) => bytes.subarray(0, endOfWhole(bytes));

function soundPart(bytes: Uint8Array): Uint8Array {
  let sound = 0;
  let broken = bytes.length;
  while (broken - sound > 1) {
    const middle = (sound + broken) >> 1;
    if (isUtf8(wholeOf(bytes.subarray(0, middle)))) sound = middle;
    else broken = middle;
  }
  return wholeOf(bytes.subarray(0, sound));
}
