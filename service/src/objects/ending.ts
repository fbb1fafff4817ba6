import { addAbortSignal, type Readable } from "node:stream";

/** A download that ends with its signal. Throws the signal's reason where that came first. */
export function endingWith<Stream extends Readable>(signal: AbortSignal | undefined, stream: Stream): Stream {
  if (signal === undefined) return stream;
  // Whoever asked for it may have left, and an error that nobody listens to ends the process.
  stream.on("error", () => {});
  if (signal.aborted) stream.destroy();
  signal.throwIfAborted();
  return addAbortSignal(signal, stream);
}
