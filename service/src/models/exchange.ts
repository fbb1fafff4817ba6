import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";

/** What a connection holds back for a reader who is slower than it; above this it waits. */
const MAX_HELD = 256 * 1024;
/** After an answer's last word there is its end to come: whoever waits for it keeps the connection. */
const TAIL_MS = 1000;

/** The connection ended it, and not whoever asked. */
export class ConnectionBroken extends Error {}

/** How an attempt is ended before its time. */
export class AttemptEnding {
  aborted = false;
  reason: unknown;
  #exchange: Exchange | undefined;

  /** This one ends with the attempt. */
  ends(exchange: Exchange): void {
    this.#exchange = exchange;
    if (this.aborted) exchange.abort(this.reason);
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#exchange?.abort(reason);
  }
}

type Waiting = {
  readonly resolve: (next: IteratorResult<Uint8Array>) => void;
  readonly reject: (reason: unknown) => void;
};

const OVER: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * One request on the wire, from undici's own events: what its `request` makes of them beside, a stream and a signal, costs
 * as much as all the rest of a small call.
 */
export class Exchange implements Dispatcher.DispatchHandler, AsyncIterableIterator<Uint8Array> {
  /** Settled with the headers. */
  readonly started: Promise<void>;
  status = 0;
  headers: IncomingHttpHeaders = {};
  #begin!: () => void;
  #refuse!: (reason: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  readonly #pieces: Uint8Array[] = [];
  #held = 0;
  #waiting: Waiting | undefined;
  #end: "open" | "whole" | { readonly reason: unknown } = "open";
  #left = false;

  /** `progress` is called with the headers and each piece. */
  constructor(private readonly progress: () => void = () => {}) {
    this.started = new Promise((resolve, reject) => {
      this.#begin = resolve;
      this.#refuse = reject;
    });
  }

  /** Nothing more comes of it; whoever waits is told the reason. */
  abort(reason: unknown): void {
    if (this.#end !== "open") return;
    this.#fail(reason);
    // What is not sent yet is ended as soon as it would be.
    this.#controller?.abort(ABORTED);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#end !== "open") controller.abort(ABORTED);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.status = status;
    this.headers = headers;
    this.progress();
    this.#begin();
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Uint8Array): void {
    if (this.#left || this.#end !== "open") return;
    this.progress();
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting.resolve({ done: false, value: piece });
      return;
    }
    this.#pieces.push(piece);
    this.#held += piece.length;
    if (this.#held > MAX_HELD) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#end !== "open") return;
    this.#end = "whole";
    this.#waiting?.resolve(OVER);
    this.#waiting = undefined;
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#end === "open") this.#fail(new ConnectionBroken(error.message, { cause: error }));
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const value = this.#pieces.shift();
    if (value !== undefined) {
      this.#held -= value.length;
      if (this.#held <= MAX_HELD && this.#controller?.paused) this.#controller.resume();
      return Promise.resolve({ done: false, value });
    }
    if (this.#end === "whole" || this.#left) return Promise.resolve(OVER);
    if (this.#end !== "open") return Promise.reject(this.#end.reason);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  /** The reader has what it wants. */
  return(): Promise<IteratorResult<Uint8Array>> {
    this.#left = true;
    this.#pieces.length = 0;
    if (this.#end === "open") {
      if (this.#controller?.paused) this.#controller.resume();
      setTimeout(() => this.abort(ABORTED), TAIL_MS).unref();
    }
    return Promise.resolve(OVER);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #fail(reason: unknown): void {
    this.#end = { reason };
    this.#pieces.length = 0;
    this.#waiting?.reject(reason);
    this.#waiting = undefined;
    this.#refuse(reason);
    // Nobody may be waiting for the headers any more.
    this.started.catch(() => {});
  }
}

const ABORTED = new Error("the exchange was ended");
