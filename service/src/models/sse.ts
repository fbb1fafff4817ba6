import { ProviderFailure } from "./failure.js";
import { PiecedText } from "./pieced-text.js";

export interface SseFrame {
  /** `message` where the frame names none. */
  readonly event: string;
  readonly data: string;
}

/** Of a frame that is not over: a provider that never ends one would fill the memory. */
const MAX_FRAME = 16 * 1024 * 1024;

/**
 * Server-sent events, as https://html.spec.whatwg.org/multipage/server-sent-events.html has them, of bytes that come in
 * pieces. A frame without its blank line is none: at the end of a body it is dropped.
 */
export class SseParser {
  readonly #text = new PiecedText();
  /** Of which the end is still to come. */
  #line = "";
  #afterReturn = false;
  #event = "";
  #data: string | undefined;

  /** The frames that the piece completes. What was whole before a fault is given before it is thrown. */
  *read(piece: Uint8Array): Generator<SseFrame, void> {
    const text = this.#withPlainEnds(this.#text.read(piece));
    let from = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
      const line = this.#line + text.slice(from, end);
      from = end + 1;
      this.#line = "";
      if (line !== "") this.#take(line);
      else {
        const data = this.#data;
        const event = this.#event;
        this.#data = undefined;
        this.#event = "";
        if (data !== undefined) yield { event: event === "" ? "message" : event, data };
      }
    }
    this.#line += text.slice(from);
    this.#demandBounded(this.#line.length);
    if (this.#text.broken) throw new ProviderFailure("malformed", "the stream is not UTF-8");
  }

  /** A line ends with LF, CR or both; a CR may be the last of its piece. */
  #withPlainEnds(text: string): string {
    const rest = this.#afterReturn && text.startsWith("\n") ? text.slice(1) : text;
    if (text !== "") this.#afterReturn = text.endsWith("\r");
    return rest.includes("\r") ? rest.replace(/\r\n?/g, "\n") : rest;
  }

  #take(line: string): void {
    this.#demandBounded(line.length);
    if (line.startsWith("data:")) this.#addData(valueFrom(5, line));
    else if (line.startsWith("event:")) this.#event = valueFrom(6, line);
    else if (line === "data") this.#addData("");
    else if (line === "event") this.#event = "";
  }

  #addData(value: string): void {
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
  }

  #demandBounded(line: number): void {
    if (line + (this.#data?.length ?? 0) > MAX_FRAME)
      throw new ProviderFailure("malformed", `the stream has a frame of more than ${MAX_FRAME} characters`);
  }
}

/** One space after the colon belongs to it. */
const valueFrom = (start: number, line: string): string => line.slice(line.startsWith(" ", start) ? start + 1 : start);
