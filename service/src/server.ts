import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Express } from "express";
import type { Env } from "./env.js";
import { expressObjects } from "./express-objects.js";
import { Problem, type ProblemCode } from "./http/problem.js";
import { answerRaw } from "./http/raw-answer.js";
import { newId } from "./http/text.js";
import type { Lifecycle } from "./lifecycle.js";

const SWEEP_MS = 100;

export interface Listening {
  readonly url: string;
  readonly port: number;
  /** For what upgrades connections. */
  readonly server: Server;
  /** Not ready, still serving for `leave` milliseconds; then no new connections, and no sockets; ends when every call is answered. */
  drain(leave: number, closeSockets: () => Promise<void>): Promise<void>;
}

export async function listen(app: Express, env: Env, lifecycle: Lifecycle): Promise<Listening> {
  const server = createServer(
    {
      ...expressObjects(app),
      maxHeaderSize: 16 * 1024,
      // Slow senders: headers within 15 s, the whole request within the deadline.
      headersTimeout: Math.min(15_000, env.REQUEST_TIMEOUT),
      requestTimeout: env.REQUEST_TIMEOUT,
      connectionsCheckingInterval: 2000,
      // Longer than any load balancer keeps an idle connection (Google's 600 s), so that it is never we who close
      // one that it is about to use.
      keepAliveTimeout: 620_000,
    },
    app,
  );
  server.on("clientError", refuseConnection);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(new Error(`PORT: ${env.PORT} on ${env.HOST} can't be listened on (${error.code}); expected a free port`)),
    );
    server.listen(env.PORT, env.HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = env.HOST.includes(":") ? `[${env.HOST}]` : env.HOST;
  return {
    url: `http://${host}:${port}`,
    port,
    server,
    async drain(leave, closeSockets) {
      lifecycle.drain();
      await sleep(leave);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // A call that began before the end is answered on a connection that both sides would keep.
      const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
      await Promise.all([closed, closeSockets()]);
      clearInterval(sweep);
    },
  };
}

const refusals: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ["header_too_large", "the headers are larger than 16 KiB"],
  ERR_HTTP_REQUEST_TIMEOUT: ["malformed", "the request did not arrive in time"],
};

/** What is no HTTP never reaches Express; it gets the same body all the same. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable || (socket as Socket).bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const [code, detail] = refusals[error.code ?? ""] ?? ["malformed", "the request is not HTTP"];
  answerRaw(socket, new Problem(code, detail), newId("req"));
}
