import { request } from "node:http";
import OpenAI from "openai";
import { Agent, fetch } from "undici";
import { HOST } from "./settings.js";
import type { ClusterStack } from "./stack.js";

/** The gateway's ports on the node. */
export const ports = { http: 30_080, https: 30_443 } as const;

/** A caller from outside, who trusts the authority of the gateway's certificate and finds its name at the node's address. */
export class Caller {
  readonly url = `https://${HOST}:${ports.https}`;
  readonly #agent: Agent;
  readonly #address: string;

  constructor({ place, authority }: Pick<ClusterStack, "place" | "authority">) {
    this.#address = place.address;
    this.#agent = new Agent({
      connect: {
        ca: authority,
        lookup: (_name, { all }, found) =>
          all === true ? found(null, [{ address: place.address, family: 4 }]) : found(null, place.address, 4),
      },
    });
  }

  readonly fetch = (path: string, options: Parameters<typeof fetch>[1] = {}) =>
    fetch(new URL(path, this.url), { ...options, dispatcher: this.#agent });

  /** The client that everybody has. */
  openai(apiKey: string): OpenAI {
    const dispatched = (url: string | URL | Request, options?: RequestInit) =>
      fetch(url as string, { ...(options as Parameters<typeof fetch>[1]), dispatcher: this.#agent });
    return new OpenAI({
      baseURL: `${this.url}/v1`,
      apiKey,
      maxRetries: 0,
      // undici's, with its own types of what both have.
      fetch: dispatched as unknown as typeof globalThis.fetch,
    });
  }

  /** Without TLS, and without following where it leads: the status and the header `location`. */
  plainly(path: string): Promise<{ readonly status: number; readonly location: string | undefined }> {
    return new Promise((resolve, reject) => {
      const options = { host: this.#address, port: ports.http, path, headers: { host: HOST } };
      const call = request(options, (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, location: response.headers.location });
      });
      call.on("error", reject);
      call.end();
    });
  }

  close(): Promise<void> {
    return this.#agent.close();
  }
}
