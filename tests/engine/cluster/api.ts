import { Agent, request } from "node:https";

/** An object as the API server gives it. */
export interface Manifest {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
  };
}

export interface Access {
  /** `https://127.0.0.1:PORT` */
  readonly endpoint: string;
  /** PEM */
  readonly ca: string;
  /** Who asks: by a token, or by a certificate and its key, as PEM. */
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** The API server said no. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const CONFLICT = 409;
const isMissing = (error: unknown): boolean => error instanceof Refused && error.status === 404;

/** How long to wait before an API server that is away is asked again, and one for a kind that does not exist yet. */
const AGAIN_MS = 200;
const NO_SUCH_KIND_MS = 1000;

/** The API server answers errors with an object that says why; what is between may answer with anything. */
function messageOf(answer: string): string {
  try {
    return (JSON.parse(answer) as { message?: string }).message ?? answer;
  } catch {
    return answer;
  }
}

export interface Follower<T> {
  /** Each object there is, and later each that changes. */
  seen(object: T): void;
  /** At first and whenever the API server has been away, before all objects are seen. Where it fails, it is called again. */
  listed?(): Promise<void>;
  gone?(object: T): void;
}

/** The few calls that a played node and operator need, over one API server that may be away at any time. */
export class Api {
  readonly #agent: Agent;

  constructor(readonly access: Access) {
    const { ca, cert, key } = access;
    this.#agent = new Agent({ keepAlive: true, ca, ...(cert === undefined ? {} : { cert, key }) });
  }

  /** Undefined where it does not exist. */
  async get<T = Manifest>(path: string): Promise<T | undefined> {
    const text = await this.text(path);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  async text(path: string): Promise<string | undefined> {
    try {
      return await this.#call("GET", path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Leaves alone what is there. */
  async create(path: string, object: object): Promise<void> {
    try {
      await this.#call("POST", path, object);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== CONFLICT) throw error;
    }
  }

  async merge(path: string, change: object): Promise<void> {
    await this.#call("PATCH", path, change, "application/merge-patch+json");
  }

  /** Without a grace period: whoever calls it has played it. */
  async remove(path: string): Promise<void> {
    try {
      await this.#call("DELETE", path, { gracePeriodSeconds: 0 });
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  /** Lists, watches, and begins again whenever that ends, until the signal. */
  async follow<T extends Manifest>(path: string, follower: Follower<T>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let pause = AGAIN_MS;
      try {
        const list = JSON.parse(await this.#call("GET", path)) as { items: T[]; metadata: { resourceVersion: string } };
        await follower.listed?.();
        for (const item of list.items) follower.seen(item);
        await this.#watch(`${path}?watch=1&resourceVersion=${list.metadata.resourceVersion}`, follower, signal);
      } catch (error) {
        // Away, or no such kind yet: both pass.
        if (isMissing(error)) pause = NO_SUCH_KIND_MS;
      }
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, pause).unref());
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #options(method: string, path: string, headers: Record<string, string | number> = {}) {
    const { endpoint, token } = this.access;
    const known = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return [`${endpoint}${path}`, { method, agent: this.#agent, headers: { ...known, ...headers } }] as const;
  }

  #call(method: string, path: string, body?: object, type = "application/json"): Promise<string> {
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers = text === "" ? {} : { "content-type": type, "content-length": Buffer.byteLength(text) };
    return new Promise((resolve, reject) => {
      const call = request(...this.#options(method, path, headers), (response) => {
        let answer = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          answer += part;
        });
        response.on("error", reject);
        response.on("end", () => {
          const { statusCode = 0 } = response;
          if (statusCode < 300) return resolve(answer);
          reject(new Refused(statusCode, `${method} ${path}: ${statusCode}: ${messageOf(answer)}`));
        });
      });
      call.on("error", reject);
      call.end(text);
    });
  }

  #watch<T extends Manifest>(path: string, follower: Follower<T>, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = request(...this.#options("GET", path), (response) => {
        const { statusCode = 0 } = response;
        if (statusCode !== 200) {
          call.destroy();
          return reject(new Refused(statusCode, `GET ${path}: ${statusCode}`));
        }
        let rest = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          const lines = (rest + part).split("\n");
          rest = lines.pop() ?? "";
          for (const line of lines) {
            const { type, object } = JSON.parse(line) as { type: string; object: T };
            // Too old to go on from: list again.
            if (type === "ERROR") return call.destroy();
            if (type === "DELETED") follower.gone?.(object);
            else follower.seen(object);
          }
        });
        response.on("close", resolve);
      });
      const stop = () => call.destroy();
      signal.addEventListener("abort", stop, { once: true });
      call.on("error", () => resolve());
      call.on("close", () => {
        signal.removeEventListener("abort", stop);
        resolve();
      });
      call.end();
    });
  }
}
