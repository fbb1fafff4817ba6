import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type ClientOptions, type RawData, WebSocket } from "ws";
import { createApp } from "../../../service/src/app.js";
import { KeyHashes, newApiKey } from "../../../service/src/auth/api-key.js";
import { Authenticator } from "../../../service/src/auth/authenticate.js";
import type { CallerRole } from "../../../service/src/auth/principal.js";
import { loadEnv } from "../../../service/src/env.js";
import { routesOf } from "../../../service/src/faces/index.js";
import { Limits } from "../../../service/src/http/limits.js";
import { Lifecycle } from "../../../service/src/lifecycle.js";
import { openModels } from "../../../service/src/models/open.js";
import { Modes } from "../../../service/src/modes.js";
import type { ObjectStore } from "../../../service/src/objects/store.js";
import { Readiness } from "../../../service/src/readiness.js";
import type { Services } from "../../../service/src/services.js";
import type { SocketSettings } from "../../../service/src/sockets/settings.js";
import { openSockets, type Sockets } from "../../../service/src/sockets/sockets.js";
import type { Database } from "../../../service/src/storage/database.js";
import { createTelemetry } from "../../../service/src/telemetry/telemetry.js";

export interface SocketsOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: Partial<SocketSettings>;
  /** Parts put in instead of the real ones. */
  readonly parts?: Partial<Services>;
  /** Before it serves. */
  readonly starting?: true;
}

export interface TestSockets {
  readonly url: string;
  readonly port: number;
  readonly services: Services;
  readonly sockets: Sockets;
  readonly server: Server;
  /** Every line that was logged. */
  readonly lines: readonly Line[];
  /** The first line, there already or still to come, that says this. */
  said(message: string, about?: Readonly<Record<string, unknown>>): Promise<Line>;
  metric(name: string): Promise<string | undefined>;
  stop(): Promise<void>;
}

type Line = Readonly<Record<string, unknown>>;

/** Objects are not what is tested here. */
const noObjects: ObjectStore = {
  put: async () => {},
  get: () => Promise.reject(new Error("there are no objects")),
  delete: async () => {},
  check: async () => {},
  close: async () => {},
};

/** Sockets and the whole API beside them, over a database that several of these may share. */
export async function startSockets(database: Database, options: SocketsOptions = {}): Promise<TestSockets> {
  const env = loadEnv({
    NODE_ENV: "test",
    LIMIT_API: "0",
    RATE_LIMIT_MAX: "1000000",
    LOG_LEVEL: "debug",
    ...options.env,
  });
  const lines: Line[] = [];
  const waiting = new Set<(line: Line) => void>();
  const write = (text: string) => {
    const line: Line = JSON.parse(text);
    lines.push(line);
    for (const look of waiting) look(line);
  };
  const telemetry = await createTelemetry(env, { destination: { write } });
  const lifecycle = new Lifecycle();
  if (options.starting === undefined) lifecycle.serve();
  const keys = new KeyHashes(undefined);
  const services: Services = {
    env,
    version: "0.0.0",
    openApi: {},
    telemetry,
    lifecycle,
    readiness: new Readiness([], lifecycle),
    database,
    objects: noObjects,
    modes: new Modes(env, database),
    models: openModels(env, telemetry, undefined),
    limits: new Limits(env, undefined),
    keys,
    authenticator: new Authenticator(database, keys, undefined, undefined),
    ...options.parts,
  };
  const server = createServer(createApp(services, routesOf(env.ROLE)));
  const sockets = openSockets(services, server, options.settings);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    services,
    sockets,
    server,
    lines,
    said(message, about = {}) {
      const isIt = (line: Line) =>
        line["msg"] === message && Object.entries(about).every(([name, value]) => line[name] === value);
      const there = lines.find(isIt);
      if (there !== undefined) return Promise.resolve(there);
      return new Promise((resolve) => {
        const look = (line: Line) => {
          if (!isIt(line)) return;
          waiting.delete(look);
          resolve(line);
        };
        waiting.add(look);
      });
    },
    async metric(name) {
      const { body } = await telemetry.metrics.text();
      return body
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length + 1);
    },
    async stop() {
      const stopped = once(server, "close");
      server.close();
      await sockets.close();
      server.closeAllConnections();
      await stopped;
    },
  };
}

export interface KeyWanted {
  readonly role?: CallerRole;
  readonly tenant?: string;
  readonly scopes?: readonly string[];
  readonly expiresAt?: Date;
}

/** A key's row, as the API makes it. */
export async function keyFor(database: Database, wanted: KeyWanted = {}): Promise<{ whole: string; id: string }> {
  const { role = "viewer", tenant = "default", scopes = ["*"], expiresAt = null } = wanted;
  const key = newApiKey("test");
  const hashes = new KeyHashes(undefined);
  await database.query(
    `insert into api_keys (id, tenant_id, name, role, scopes, hash, pepper, created_by, expires_at)
     values ($1, $2, 'of a test', $3, $4, $5, $6, 'test', $7)`,
    [key.id, tenant, role, scopes, hashes.hash(key), hashes.current, expiresAt],
  );
  return { whole: key.whole, id: key.id };
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A client of one socket: frames are read in the order in which they came. */
export class Peer {
  /** The close code, whether it was ever open or not; 1006 where there was none. */
  readonly closed: Promise<Closed>;
  readonly #frames: unknown[] = [];
  readonly #readers: ((frame: unknown) => void)[] = [];

  constructor(readonly socket: WebSocket) {
    socket.on("error", () => {});
    socket.on("message", (data: RawData) => {
      const frame: unknown = JSON.parse(String(data));
      const reader = this.#readers.shift();
      if (reader === undefined) this.#frames.push(frame);
      else reader(frame);
    });
    this.closed = new Promise((resolve) => {
      socket.once("close", (code, reason) => resolve({ code, reason: String(reason) }));
    });
  }

  /** The next frame; fails when the socket closes before it. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into frames of every shape and assert what they find.
  next(): Promise<any> {
    if (this.#frames.length > 0) return Promise.resolve(this.#frames.shift());
    const frame = new Promise((resolve) => this.#readers.push(resolve));
    const closed = this.closed.then(({ code, reason }) => {
      throw new Error(`closed with ${code} (${reason}) and not answered`);
    });
    return Promise.race([frame, closed]);
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above.
  ask(frame: unknown): Promise<any> {
    this.send(frame);
    return this.next();
  }

  /** Text and bytes as they are, else JSON. */
  send(frame: unknown): void {
    this.socket.send(typeof frame === "string" || frame instanceof Uint8Array ? frame : JSON.stringify(frame));
  }
}

export interface Opening extends ClientOptions {
  /** In `Authorization`. */
  readonly key?: string;
  /** In the URL. */
  readonly ticket?: string;
  readonly path?: string;
  readonly protocols?: readonly string[];
}

/** A client that begins to connect. */
export function peerOf({ port }: Pick<TestSockets, "port">, opening: Opening = {}): Peer {
  const { key, ticket, protocols = ["agents.v1"], path = "/ws", headers, ...options } = opening;
  const query = ticket === undefined ? "" : `?token=${encodeURIComponent(ticket)}`;
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}${query}`, [...protocols], {
    ...options,
    headers: { ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }), ...headers },
  });
  return new Peer(socket);
}

/** A client that is let in; fails with the close code where it is not. */
export async function open(service: Pick<TestSockets, "port">, opening: Opening = {}): Promise<Peer> {
  const peer = peerOf(service, opening);
  const { result } = await Promise.race([
    once(peer.socket, "open").then(() => peer.ask({ id: "hello", method: "ping" })),
    peer.closed.then(({ code, reason }) => {
      throw new Error(`closed with ${code} (${reason})`);
    }),
  ]);
  if (result?.pong !== true) throw new Error("no pong");
  return peer;
}
