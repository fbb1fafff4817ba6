import http, { type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import https from "node:https";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { GoogleAuth } from "google-auth-library";
import { endingWith } from "./ending.js";
import { sending } from "./sending.js";
import { NoSuchObject, ObjectAway, type ObjectStore, type Upload } from "./store.js";
import { partsOf, prefixOf } from "./urls.js";

const SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";
const IDLE_MS = 30_000;
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 100;

/** Credentials are the library's to find: a pod's identity, or a file that gcloud made. */
export async function openGs(address: string): Promise<ObjectStore> {
  const { host, steps, endpoint = "https://storage.googleapis.com" } = partsOf(address);
  const auth = new GoogleAuth({ scopes: [SCOPE] });
  // Without TLS it is a stand-in on this machine; a token is not for that.
  const token = endpoint.startsWith("https:") ? () => auth.getAccessToken().catch(withoutCredentials) : noToken;
  return new GsStore(endpoint, host, prefixOf(steps), token);
}

const noToken = async (): Promise<undefined> => {};
const withoutCredentials = (cause: unknown): never => {
  throw Object.assign(new Error("there is no access token", { cause }), { code: "NoCredentials" });
};

/**
 * Cloud Storage's JSON API (https://cloud.google.com/storage/docs/json_api/v1) without its SDK: that one keeps a
 * connection open for ever for each upload that ends before its time, as any caller who hangs up makes it do
 * (https://github.com/googleapis/nodejs-storage/issues/2367).
 */
class GsStore implements ObjectStore {
  constructor(
    private readonly endpoint: string,
    private readonly bucket: string,
    private readonly prefix: string,
    private readonly token: () => Promise<string | null | undefined>,
  ) {}

  async put(key: string, source: Readable, about: Upload): Promise<void> {
    const path = `/upload/storage/v1/b/${this.bucket}/o?uploadType=media&name=${this.#nameOf(key)}`;
    const headers = { "Content-Type": about.contentType, "Content-Length": about.size };
    await sending(source, about, async (body, signal) => {
      (await this.#send("POST", path, { headers, body, signal })).resume();
    });
  }

  async get(key: string, signal?: AbortSignal): Promise<Readable> {
    try {
      return endingWith(signal, await this.#ask("GET", `/o/${this.#nameOf(key)}?alt=media`, signal));
    } catch (error) {
      signal?.throwIfAborted();
      throw isAbsent(error) ? new NoSuchObject(key) : new ObjectAway(error);
    }
  }

  async delete(key: string): Promise<void> {
    try {
      (await this.#ask("DELETE", `/o/${this.#nameOf(key)}`)).resume();
    } catch (error) {
      if (!isAbsent(error)) throw new ObjectAway(error);
    }
  }

  async check(): Promise<void> {
    try {
      // To see the bucket itself needs a permission that those who may use its objects don't have.
      (await this.#ask("GET", `/o?maxResults=1&fields=kind&prefix=${this.#nameOf("")}`)).resume();
    } catch (error) {
      throw new ObjectAway(error);
    }
  }

  async close(): Promise<void> {}

  #nameOf(key: string): string {
    return encodeURIComponent(this.prefix + key);
  }

  /** What has no body is asked again when the failure may pass. */
  async #ask(method: "GET" | "DELETE", path: string, signal?: AbortSignal): Promise<IncomingMessage> {
    const about = signal === undefined ? {} : { signal };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#send(method, `/storage/v1/b/${this.bucket}${path}`, about);
      } catch (error) {
        const passes = !(error instanceof Refused) || error.status === 429 || error.status >= 500;
        if (!passes || attempt === ATTEMPTS || signal?.aborted) throw error;
        await sleep(FIRST_PAUSE_MS * 3 ** (attempt - 1), undefined, about);
      }
    }
  }

  async #send(method: string, path: string, { headers, ...about }: Sent): Promise<IncomingMessage> {
    const token = await this.token();
    const credential = token ? { Authorization: `Bearer ${token}` } : {};
    const url = new URL(this.endpoint + path);
    const response = await exchange(url, { ...about, method, headers: { ...headers, ...credential } });
    const { statusCode = 0 } = response;
    if (statusCode < 200 || statusCode > 299) throw new Refused(statusCode, await text(response));
    return response;
  }
}

interface Sent {
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Readable;
  readonly signal?: AbortSignal;
}

/** Not `fetch`, which keeps all of a stream that it sends, for the case that it is redirected. */
function exchange(url: URL, { body, ...about }: Sent & { readonly method: string }): Promise<IncomingMessage> {
  const { request } = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...about, timeout: IDLE_MS }, resolve);
    sent.once("timeout", () =>
      sent.destroy(Object.assign(new Error(`silent for ${IDLE_MS} ms`), { code: "ETIMEDOUT" })),
    );
    sent.on("error", reject);
    if (body === undefined) sent.end();
    else pipeline(body, sent).catch(reject);
  });
}

class Refused extends Error {
  readonly code: string;

  constructor(
    readonly status: number,
    answer: string,
  ) {
    super(answer.slice(0, 1000));
    this.code = `HTTP-${status}`;
  }
}

const isAbsent = (error: unknown): boolean => error instanceof Refused && error.status === 404;
