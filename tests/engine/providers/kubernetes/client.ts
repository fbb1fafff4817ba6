import { Agent, type RequestOptions, request } from "node:https";
import type { Access } from "./kubeconfig.js";
import type { Manifest } from "./objects.js";

/** The API server said no. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    /** `NotFound`, `Conflict`, `Invalid`, ... */
    readonly reason: string,
    message: string,
    readonly details: Details = {},
  ) {
    super(message);
  }
}
interface Details {
  readonly kind?: string;
  readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
}

/** Nobody answered at all. */
export class Unreachable extends Error {}

export interface Call {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly type?: string;
  readonly accept?: string;
  /** Told what the API server took, and would rather not have. */
  readonly warned?: (warning: string) => void;
}

/** A large definition takes the API server of a loaded machine ten seconds. */
const ANSWER_MS = 60_000;
const TOO_MANY = 429;
const PATIENCE = 10;

/** One API server over connections that stay open. */
export class Client {
  readonly #agent: Agent;

  constructor(readonly access: Access) {
    this.#agent = new Agent({ keepAlive: true, ...access.tls });
  }

  async call<T = Manifest>(method: string, path: string, call: Call = {}): Promise<T> {
    for (let turn = 0; ; turn += 1) {
      const { status, text, after, warnings } = await this.#once(method, path, call);
      for (const warning of warnings) call.warned?.(warning);
      if (status < 300) return JSON.parse(text) as T;
      if (status !== TOO_MANY || turn === PATIENCE) throw refusal(status, text);
      await new Promise((resolve) => setTimeout(resolve, Math.min(after, 1) * 1000));
    }
  }

  /** Undefined where it does not exist. */
  async get<T = Manifest>(path: string, query: Call["query"] = {}): Promise<T | undefined> {
    try {
      return await this.call<T>("GET", path, { query });
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async #once(method: string, path: string, { query = {}, body, type = "application/json", accept }: Call) {
    const url = `${this.access.server}${path}?${new URLSearchParams(query)}`;
    const text = body === undefined ? "" : JSON.stringify(body);
    const authorization = await this.access.authorization();
    const headers = {
      ...(accept === undefined ? {} : { accept }),
      ...(authorization === undefined ? {} : { authorization }),
      ...(text === "" ? {} : { "content-type": type, "content-length": Buffer.byteLength(text) }),
    };
    return this.#send(url, { method, headers, agent: this.#agent, timeout: ANSWER_MS }, text);
  }

  #send(url: string, options: RequestOptions, body: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(url, options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            text,
            after: Number(response.headers["retry-after"] ?? 1),
            warnings: warningsIn(response.headers["warning"]),
          }),
        );
      });
      sent.on("timeout", () => sent.destroy(new Error("i/o timeout")));
      sent.on("error", (error: NodeJS.ErrnoException) => {
        // A connection that was kept open may have been closed meanwhile; every call here may be sent twice.
        if (sent.reusedSocket && error.code === "ECONNRESET") this.#send(url, options, body).then(resolve, reject);
        else reject(new Unreachable(`${options.method} ${url}: ${error.message}`));
      });
      sent.end(body);
    });
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
  /** Seconds. */
  readonly after: number;
  readonly warnings: readonly string[];
}

/** `299 - "one", 299 - "another"`, with quotes escaped. */
const warningsIn = (header = ""): readonly string[] =>
  [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => text.replace(/\\(.)/g, "$1"));

export const isMissing = (error: unknown): error is Refused => error instanceof Refused && error.status === 404;

function refusal(status: number, text: string): Refused {
  try {
    const { reason = "", message = text, details } = JSON.parse(text) as Partial<Refused>;
    return new Refused(status, reason, message, details);
  } catch {
    return new Refused(status, "", text);
  }
}
