import { request } from "node:http";
import { connect as connectByHttp2 } from "node:http2";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { ports } from "./client.js";
import { HOST } from "./settings.js";
import type { ClusterStack } from "./stack.js";

export const protocols = ["http/1.1", "h2"] as const;
export type Protocol = (typeof protocols)[number];

export interface Asked {
  /** Whose host is named to the gateway, whatever name its certificate was shown for. */
  readonly host?: string;
  readonly path: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** Whether it came to its end, or was cut. */
  readonly whole: boolean;
}

export interface Line {
  ask(what: Asked): Promise<Answered>;
  close(): void;
}

type Outside = Pick<ClusterStack, "place" | "authority">;

/** A connection to the gateway, whose certificate is looked at; what is said of it wins. */
export const dial = ({ place, authority }: Outside, said: ConnectionOptions = {}): TLSSocket =>
  connect({ host: place.address, port: ports.https, servername: HOST, ca: authority, ...said });

const lines: { readonly [P in Protocol]: (outside: Outside) => Line } = {
  /** A connection for each call. */
  "http/1.1": (outside) => ({
    ask: ({ host = HOST, path, method = "GET", headers = {}, body = "" }) =>
      new Promise((resolve, reject) => {
        const socket = dial(outside, { ALPNProtocols: ["http/1.1"] });
        const length = body === "" ? {} : { "content-length": Buffer.byteLength(body) };
        const options = { method, path, createConnection: () => socket };
        const call = request(
          { ...options, headers: { host, connection: "close", ...length, ...headers } },
          (response) => {
            let text = "";
            response.setEncoding("utf8").on("data", (part: string) => {
              text += part;
            });
            // A body that is cut is one of the answers.
            response.on("error", () => {});
            response.on("close", () => {
              const { statusCode: status = 0, headers, complete: whole } = response;
              resolve({ status, headers: headers as Answered["headers"], body: text, whole });
            });
          },
        );
        call.on("error", reject);
        call.end(body);
      }),
    close: () => {},
  }),
  /** One connection for them all. */
  h2: (outside) => {
    const session = connectByHttp2(`https://${HOST}`, {
      createConnection: () => dial(outside, { ALPNProtocols: ["h2"] }),
    });
    // Whoever waits for an answer hears of it.
    session.on("error", () => {});
    return {
      ask: ({ host = HOST, path, method = "GET", headers = {}, body = "" }) =>
        new Promise((resolve, reject) => {
          const said = { ":method": method, ":path": path, ":authority": host, ...headers };
          const call = session.request(said, { endStream: body === "" });
          let found: { readonly status: number; readonly headers: Answered["headers"] } | undefined;
          let text = "";
          call.on("response", ({ ":status": status = 0, ...headers }) => {
            found = { status, headers: headers as Answered["headers"] };
          });
          call.setEncoding("utf8").on("data", (part: string) => {
            text += part;
          });
          call.on("error", (error) => {
            if (found === undefined) reject(error);
          });
          call.on("close", () => {
            if (found === undefined) reject(new Error(`the stream was closed by ${call.rstCode}, and not answered`));
            else resolve({ ...found, body: text, whole: call.rstCode === 0 });
          });
          if (body !== "") call.end(body);
        }),
      close: () => session.close(),
    };
  },
};

export const lineOf = (protocol: Protocol, outside: Outside): Line => lines[protocol](outside);
