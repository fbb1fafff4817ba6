import { type Readable, Transform, type TransformCallback } from "node:stream";
import { ObjectAway, type Upload } from "./store.js";

/**
 * Runs an upload so that it ends when its source does. SDKs pipe a stream away and do not hear of its failure: an
 * upload whose caller hung up would wait for the rest for ever, and hold a connection. So `send` gets a copy of the
 * stream, and a signal that fires when the source failed, was closed early, or is not as long as it was said to be.
 */
export async function sending(
  source: Readable,
  { size, inspect, signal: callers }: Upload,
  send: (body: Readable, signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const ending = new AbortController();
  const signal = callers === undefined ? ending.signal : AbortSignal.any([callers, ending.signal]);
  const end = (reason: Error) => ending.abort(reason);
  const body = new Exactly(size, end, inspect);
  const closed = () => {
    if (!source.readableEnded) end(source.errored ?? new Error(`the upload ended after ${body.seen} of ${size} bytes`));
  };
  source.once("error", end).once("close", closed);
  signal.addEventListener("abort", () => body.destroy(), { once: true });
  try {
    if (source.destroyed) closed();
    signal.throwIfAborted();
    source.pipe(body);
    await send(body, signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : new ObjectAway(error);
  } finally {
    source.off("error", end).off("close", closed).unpipe(body);
    body.destroy();
  }
}

/** As many bytes as were announced; a store that waits for more would wait until it gives up. */
class Exactly extends Transform {
  seen = 0;

  constructor(
    private readonly size: number,
    private readonly refuse: (reason: Error) => void,
    private readonly inspect: Upload["inspect"],
  ) {
    super();
    // An SDK destroys the body of what failed, and says why by rejecting.
    this.on("error", () => {});
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.seen += chunk.length;
    this.inspect?.(chunk);
    if (this.seen > this.size) this.refuse(new Error(`the upload is longer than the ${this.size} bytes announced`));
    else done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    if (this.seen < this.size) this.refuse(new Error(`the upload ended after ${this.seen} of ${this.size} bytes`));
    else done();
  }
}
