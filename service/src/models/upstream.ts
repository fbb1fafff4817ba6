import "./own-fetch.js";
import { lookup as lookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { type Dispatcher, Pool } from "undici";
import { codeOf } from "../error-code.js";
import type { Headers, Upstream, UpstreamAnswer } from "./adapter.js";
import { failureOfAnswer } from "./classify.js";
import { ProviderFailure } from "./failure.js";
import { isPrivateAddress } from "./private-address.js";

/** More than any whole answer has: one that never ends must not fill the memory. */
const MAX_BODY = 64 * 1024 * 1024;
/** Of an error's body, which is only read for its words. */
const MAX_ERROR = 64 * 1024;
const CONNECT_MS = 5000;
const TAIL_MS = 1000;

/** What one attempt allows its connection. */
export interface AttemptLimits {
  /** Aborted with the reason that the attempt ends for. */
  readonly signal: AbortSignal;
  /** Called with the headers and each piece of the body. */
  readonly progress?: () => void;
}

/** A provider's connections. */
export interface Connections {
  attempt(limits: AttemptLimits): Upstream;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly baseUrl: string;
  /** A name that leads to a private address is refused. */
  readonly publicOnly: boolean;
}

export function connectTo({ baseUrl, publicOnly }: ConnectionOptions): Connections {
  const { origin, pathname } = new URL(baseUrl);
  const base = pathname.replace(/\/+$/, "");
  const pool = new Pool(origin, {
    // Each attempt has time limits of its own; as many calls as come may be under way.
    connections: null,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: CONNECT_MS, ...(publicOnly ? { lookup: publicLookup } : {}) },
  });
  const send = async (
    request: Pick<Dispatcher.RequestOptions, "method" | "path" | "headers" | "body">,
    { signal, progress }: AttemptLimits,
  ): Promise<UpstreamAnswer> => {
    const answer = await pool.request({ ...request, signal }).catch((error: unknown) => {
      throw broken(error, signal, "before");
    });
    progress?.();
    if (answer.statusCode < 200 || answer.statusCode > 299) throw await failed(answer, signal);
    return new Answer(answer, signal, progress);
  };
  return {
    attempt: (limits) => ({
      post: (path, headers, body) =>
        send(
          {
            method: "POST",
            path: base + path,
            headers: { ...headers, "content-type": "application/json" },
            body: JSON.stringify(body),
          },
          limits,
        ),
      get: (path, headers: Headers) => send({ method: "GET", path: base + path, headers }, limits),
    }),
    close: () => pool.destroy(),
  };
}

class Answer implements UpstreamAnswer {
  readonly status: number;
  readonly contentType: string;

  constructor(
    private readonly answer: Dispatcher.ResponseData,
    private readonly signal: AbortSignal,
    private readonly progress: (() => void) | undefined,
  ) {
    this.status = answer.statusCode;
    const type = String(answer.headers["content-type"] ?? "");
    this.contentType = type.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#pieces();
  }

  async *#pieces(): AsyncGenerator<Uint8Array> {
    const { body } = this.answer;
    try {
      for await (const piece of body.iterator({ destroyOnReturn: false })) {
        this.progress?.();
        yield piece as Uint8Array;
      }
    } catch (error) {
      throw broken(error, this.signal, "after");
    } finally {
      // After a stream's last word there is its end to come; whoever reads it keeps the connection.
      if (!body.readableEnded && !this.signal.aborted)
        body.dump({ limit: MAX_ERROR, signal: AbortSignal.timeout(TAIL_MS) }).catch(() => {});
    }
  }

  async json(): Promise<Readonly<Record<string, unknown>>> {
    const bytes = await collect(this.body, MAX_BODY);
    if (bytes === undefined) throw new ProviderFailure("malformed", `the answer is larger than ${MAX_BODY} bytes`);
    const value = jsonOf(bytes);
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new ProviderFailure("malformed", "the answer is not a JSON object");
    return value as Readonly<Record<string, unknown>>;
  }
}

/** `undefined`: there is more. */
async function collect(pieces: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array | undefined> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > most) return undefined;
    kept.push(piece);
  }
  return kept.length === 1 ? kept[0] : Buffer.concat(kept);
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** What is not a 2xx, by its status and what its body says. A body that does not come leaves the status. */
async function failed(answer: Dispatcher.ResponseData, signal: AbortSignal): Promise<unknown> {
  const bytes = await collect(answer.body as AsyncIterable<Uint8Array>, MAX_ERROR).catch(() => undefined);
  if (signal.aborted && !(signal.reason instanceof ProviderFailure)) return signal.reason;
  return failureOfAnswer(answer.statusCode, answer.headers, bytes === undefined ? undefined : jsonOf(bytes));
}

/** What broke: the attempt's own end, or the connection before or after the headers. */
function broken(error: unknown, signal: AbortSignal, when: "before" | "after"): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof ProviderFailure) return error;
  const code = codeOf(error) ?? (error instanceof Error ? error.name : "unknown");
  if (code.startsWith("HPE_")) return new ProviderFailure("malformed", "the answer is not HTTP", { cause: error });
  return when === "before"
    ? new ProviderFailure("connect_error", `no connection (${code})`, { cause: error })
    : new ProviderFailure("cut", `the connection ended in the middle of the answer (${code})`, { cause: error });
}

/** Names are checked when they are looked up: what one leads to may change after the settings were read. */
const publicLookup: LookupFunction = (name, options, callback) => {
  lookupAddress(name, options, (error, found, family) => {
    const addresses = typeof found === "string" ? [found] : (found ?? []).map(({ address }) => address);
    const refused = addresses.find(isPrivateAddress);
    if (error === null && refused !== undefined)
      callback(Object.assign(new Error(`${name} leads to a private address`), { code: "EPRIVATE" }), "", 0);
    else callback(error, found, family);
  });
};
