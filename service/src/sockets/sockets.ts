import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { callerAddress } from "../auth/addresses.js";
import type { Principal } from "../auth/principal.js";
import { Problem } from "../http/problem.js";
import { problemOf } from "../http/problem-of.js";
import { answerRaw } from "../http/raw-answer.js";
import { inTime } from "../in-time.js";
import { facesOf } from "../roles.js";
import type { Services } from "../services.js";
import { requestIdOf } from "../telemetry/correlation.js";
import { closeCodeOf, closing } from "./codes.js";
import { Connection, closeSocket } from "./connection.js";
import { type SocketSettings, socketSettings } from "./settings.js";
import { admitUpgrade, type Caller, declineUpgrade, demandProtocol, PROTOCOL, wantsSocket } from "./upgrade.js";

export interface Sockets {
  /** Closes them all and takes no more; ends when the last one is gone. */
  close(): Promise<void>;
}

/** Sockets at /ws, beside what the server serves already. */
export function openSockets(services: Services, server: Server, changed: Partial<SocketSettings> = {}): Sockets {
  if (!facesOf(services.env.ROLE).includes("sockets")) return { close: async () => {} };
  const sockets = new OpenSockets(services, { ...socketSettings, ...changed });
  server.on("upgrade", (request, socket, head) => {
    if (wantsSocket(request)) sockets.take(request, socket, head);
    else declineUpgrade(server, request, socket, head);
  });
  return sockets;
}

class OpenSockets implements Sockets {
  readonly #open = new Set<Connection>();
  readonly #upgrades: WebSocketServer;
  readonly #timers: readonly NodeJS.Timeout[];
  #closed = false;

  constructor(
    private readonly services: Services,
    private readonly settings: SocketSettings,
  ) {
    this.#upgrades = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: settings.frameBytes,
      // Frames are small, and its buffers would cost each socket some 300 KB.
      perMessageDeflate: false,
      // Pings are answered by `Connection`, which counts them; ws drops a socket that sends many, without a code.
      autoPong: false,
      handleProtocols: () => PROTOCOL,
    });
    this.#timers = [
      setInterval(() => this.#beat(), settings.beatMs).unref(),
      setInterval(() => this.#recheck(), settings.recheckMs).unref(),
    ];
  }

  take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // The client may hang up while its caller is looked up; ws has a listener of its own after that.
    socket.on("error", ignore);
    const requestId = requestIdOf(request.headers);
    void this.services.telemetry.within({ requestId }, async () => {
      const { telemetry } = this.services;
      try {
        this.#demandServing();
        demandProtocol(request);
      } catch (error) {
        return answerRaw(socket, problemOf(error, telemetry), requestId);
      }
      let caller: Caller | Problem;
      try {
        const { handshakeMs } = this.settings;
        const late = () => new Problem("deadline", `the caller was not known within ${handshakeMs / 1000} s`);
        caller = await inTime(handshakeMs, admitUpgrade(request, this.services), late);
        this.#demandServing();
        this.#demandRoom(caller);
      } catch (error) {
        caller = problemOf(error, telemetry);
      }
      // Nothing is awaited since there was room, so nobody else has taken it.
      this.#upgrades.handleUpgrade(request, socket, head, (accepted) => {
        if (caller instanceof Problem) this.#refuse(accepted, caller, request);
        else this.#hold(accepted, caller, requestId);
      });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    const last = [...this.#open];
    for (const connection of last) connection.close(closing.restart, "service restart");
    await Promise.all(last.map(({ gone }) => gone));
  }

  /** As HTTP at first: a proxy in front can try another replica then, and the ticket is not used up. */
  #demandServing(): void {
    if (this.#closed) throw new Problem("unavailable", "the service is shutting down", { retryAfter: 1 });
  }

  #demandRoom({ principal }: Caller): void {
    const { perPrincipal } = this.settings;
    const own = [...this.#open].filter(({ caller }) => isSame(caller.principal, principal));
    if (own.length >= perPrincipal)
      throw new Problem("rate_limited", `more than ${perPrincipal} sockets of one caller`);
  }

  #hold(socket: WebSocket, caller: Caller, requestId: string): void {
    const connection = new Connection(socket, caller, requestId, this.services, this.settings);
    this.#open.add(connection);
    void connection.gone.then(() => this.#open.delete(connection));
  }

  /** Accepted and closed: the status of an upgrade that is refused is hidden from a page's script, a close code is not. */
  #refuse(socket: WebSocket, { code: problem, detail }: Problem, request: IncomingMessage): void {
    const { log, metrics } = this.services.telemetry;
    const code = closeCodeOf(problem);
    metrics.websocket_closes_total.inc({ code: String(code) });
    log.info({ code, address: callerAddress(request, this.services.env.TRUST_PROXY) }, `socket refused: ${detail}`);
    closeSocket(socket, code, detail, this.settings.closeMs);
  }

  #beat(): void {
    for (const connection of this.#open) connection.beat();
  }

  /** One after the other: the rows of keys are remembered for some seconds, so each is read once. */
  async #recheck(): Promise<void> {
    const { authenticator, telemetry } = this.services;
    try {
      for (const connection of this.#open)
        if (!(await authenticator.holds(connection.caller.principal)))
          connection.close(closing.unauthenticated, "the credential was revoked or has expired");
    } catch (error) {
      // With the database away nobody is cut off for what can't be told.
      telemetry.log.debug({ err: error }, "the callers of sockets could not be checked");
    }
  }
}

const ignore = () => {};

const isSame = (one: Principal, other: Principal): boolean => one.tenant === other.tenant && one.id === other.id;
