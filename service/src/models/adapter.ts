import type { ChatEvent, ChatRequest, Completion, EmbeddingRequest, Embeddings } from "./chat.js";

/** How an adapter reaches its provider: a connection pool with the provider's base URL, and one attempt's time limits. */
export interface Upstream {
  /** Throws a `ProviderFailure` for whatever is not a 2xx, and for what breaks while it is read. */
  post(path: string, headers: Headers, body: unknown): Promise<UpstreamAnswer>;
  get(path: string, headers: Headers): Promise<UpstreamAnswer>;
}

export type Headers = Readonly<Record<string, string>>;

export interface UpstreamAnswer {
  readonly status: number;
  /** Lower case, without parameters: `text/event-stream`. Empty where there is none. */
  readonly contentType: string;
  /** Each piece as it came. Throws `cut` when the connection ends before the body does. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole body; `malformed` where it is no JSON object. */
  json(): Promise<Readonly<Record<string, unknown>>>;
}

/** The provider as the adapter sees it. */
export interface Access {
  readonly upstream: Upstream;
  /** `undefined` where the provider takes none. */
  readonly apiKey: string | undefined;
}

/**
 * One dialect of providers. It translates, and throws a `ProviderFailure` for what is not a whole and valid answer; it
 * never retries, waits or chooses, and never repairs what a provider sent.
 */
export interface Adapter {
  /** The whole answer, checked. */
  chat(request: ChatRequest, model: string, access: Access): Promise<Completion>;
  /**
   * The events of each piece that came, in a list that may be empty. It ends when the provider's stream ends; whether
   * that was the end of the answer is the caller's to see, by the `finish` events.
   */
  stream(request: ChatRequest, model: string, access: Access): AsyncIterable<readonly ChatEvent[]>;
  embed(request: EmbeddingRequest, model: string, access: Access): Promise<Embeddings>;
  /** Asks for something that costs nothing: the provider is there and takes the key. */
  probe(access: Access): Promise<void>;
}
