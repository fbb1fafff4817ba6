import type { ServerResponse } from "node:http";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { Answer, Speech } from "./dialect.js";

export interface Pace {
  /** Before each token. */
  readonly tokenDelayMs: number;
  /** Between a token and what goes wrong after it. */
  readonly graceMs: number;
  /** The short delay that a 429 asks for. */
  readonly retryAfterMs: number;
}

export interface Asked {
  readonly speech: Speech;
  readonly answer: Answer;
}

/** One call as a fault sees it. What waits here fails as soon as the caller is gone. */
export class Call {
  readonly #caller = new AbortController();

  constructor(
    private readonly response: ServerResponse,
    readonly asked: Asked,
    readonly pace: Pace,
  ) {
    response.once("close", () => this.#caller.abort());
  }

  get gone(): boolean {
    return this.#caller.signal.aborted;
  }

  begin(contentType: string): void {
    this.response.writeHead(200, { "content-type": contentType }).flushHeaders();
  }

  /** One write, which is over when the kernel has it. */
  async send(piece: string | Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) =>
      this.response.write(piece, (error) => {
        if (!error) return resolve();
        this.#caller.abort();
        reject(error);
      }),
    );
  }

  async wait(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal: this.#caller.signal });
  }

  /**
   * Lets the caller read what it was sent. A token and the fault after it could reach it in one piece otherwise, and a
   * reset takes along what the reader has not looked at: then the token never was. A caller in this process has read
   * once a turn of the event loop is over, however late the timer was.
   */
  async settle(): Promise<void> {
    await this.wait(this.pace.graceMs);
    await setImmediate(undefined, { signal: this.#caller.signal });
  }

  /** The proper end of a body, whole or not. */
  end(): void {
    this.response.end();
  }

  reset(): void {
    this.response.socket?.resetAndDestroy();
  }

  /** An answer that is not the model's, in one piece. */
  say(status: number, headers: Readonly<Record<string, string>>, body: string): void {
    this.response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
  }
}
