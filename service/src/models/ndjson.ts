import { ProviderFailure } from "./failure.js";
import { PiecedText } from "./pieced-text.js";

const MAX_LINE = 16 * 1024 * 1024;

/** The lines of newline-delimited JSON, of bytes that come in pieces; blank ones are left out. */
export class NdjsonLines {
  readonly #text = new PiecedText();
  /** Of which the end is still to come. */
  #line = "";

  /** The lines that the piece completes. What was whole before a fault is given before it is thrown. */
  *read(piece: Uint8Array): Generator<string, void> {
    const text = this.#text.read(piece);
    let from = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
      const line = this.#line + text.slice(from, end);
      from = end + 1;
      this.#line = "";
      demandBounded(line);
      if (line.trim() !== "") yield line;
    }
    this.#line += text.slice(from);
    demandBounded(this.#line);
    if (this.#text.broken) throw new ProviderFailure("malformed", "the stream is not UTF-8");
  }

  /** What the body ended with: the last line may lack its newline, or its half. */
  get rest(): string {
    return this.#line.trim();
  }
}

function demandBounded({ length }: string): void {
  if (length > MAX_LINE)
    throw new ProviderFailure("malformed", `the stream has a line of more than ${MAX_LINE} characters`);
}
