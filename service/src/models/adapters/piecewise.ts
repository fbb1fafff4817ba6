import type { ChatEvent } from "../chat.js";

interface Reader {
  /** Adds what the piece brings; `true` when that was the last. */
  read(piece: Uint8Array, events: ChatEvent[]): boolean;
  /** Adds what the body ended with. */
  end?(events: ChatEvent[]): void;
}

/**
 * The events of a body. What came before a fault is given before it is thrown: what a caller sees must not depend on
 * how the network cut the stream.
 */
export async function* eventsOf(
  open: () => Promise<AsyncIterable<Uint8Array>>,
  reader: Reader,
): AsyncGenerator<readonly ChatEvent[], void> {
  for await (const piece of await open()) {
    const events: ChatEvent[] = [];
    let last: boolean;
    try {
      last = reader.read(piece, events);
    } catch (error) {
      if (events.length > 0) yield events;
      throw error;
    }
    yield events;
    if (last) return;
  }
  const events: ChatEvent[] = [];
  reader.end?.(events);
  if (events.length > 0) yield events;
}
