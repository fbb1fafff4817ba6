import type { RawData, WebSocket } from "ws";
import { codeOf } from "../error-code.js";
import { problemOf } from "../http/problem-of.js";
import type { Services } from "../services.js";
import { type CloseCode, closing, fitReason } from "./codes.js";
import { errorBodyOf, readFrame } from "./frames.js";
import { runFrame } from "./methods.js";
import type { SocketSettings } from "./settings.js";
import { TokenBucket } from "./token-bucket.js";
import type { Caller } from "./upgrade.js";

/** setTimeout takes no more, and fires at once when it gets it. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What ws closes with by itself: https://github.com/websockets/ws/blob/master/doc/ws.md#error-codes */
const faults: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
};

/** One open socket, from its first frame to its close code. */
export class Connection {
  /** When it is closed, however that came. */
  readonly gone: Promise<void>;
  readonly #bucket: TokenBucket;
  readonly #opened = performance.now();
  #unanswered = 0;
  #unreadable = 0;
  /** What this side ended it with. */
  #ended: number | undefined;
  #expiry: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: WebSocket,
    readonly caller: Caller,
    private readonly requestId: string,
    private readonly services: Services,
    private readonly settings: SocketSettings,
  ) {
    this.#bucket = new TokenBucket(settings.frameBurst, settings.framesPerSecond);
    const { metrics, log } = services.telemetry;
    metrics.websocket_connections.inc();
    this.#within(() => log.info({ address: caller.address }, "socket opened"));
    this.#endWithCredential();
    socket.on("message", (data, isBinary) => this.#within(() => this.#take(data, isBinary)));
    // Each costs a pong, so they count as frames do.
    socket.on("ping", (data) => {
      if (this.#admit() && this.#mayWrite()) socket.pong(data);
    });
    socket.on("pong", () => {
      this.#unanswered = 0;
    });
    socket.on("error", (error) => this.#broken(error));
    this.gone = new Promise((resolve) => {
      socket.once("close", (code) => {
        this.#within(() => this.#closed(code));
        resolve();
      });
    });
  }

  /** Closes what has gone silent, and asks the others for a sign of life. */
  beat(): void {
    if (this.#unanswered >= this.settings.unansweredPings)
      this.close(closing.timeout, `no frame and no pong after ${this.#unanswered} pings`);
    if (this.#ended !== undefined) return;
    this.#unanswered += 1;
    this.socket.ping();
  }

  close(code: CloseCode, reason: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = code;
    closeSocket(this.socket, code, reason, this.settings.closeMs);
  }

  send(frame: object): void {
    if (!this.#mayWrite()) return;
    this.services.telemetry.metrics.websocket_frames_total.inc({ direction: "out" });
    this.socket.send(JSON.stringify(frame));
  }

  /** A closing socket gets no more answers, and nothing waits for a slow reader without end. */
  #mayWrite(): boolean {
    if (this.socket.bufferedAmount > this.settings.bufferedBytes)
      this.close(closing.later, "frames are not read as fast as they are sent");
    return this.#ended === undefined;
  }

  /** Whether one more frame is taken; of a closing socket none is. */
  #admit(): boolean {
    if (this.#ended !== undefined) return false;
    this.#unanswered = 0;
    if (this.#bucket.take()) return true;
    this.close(closing.tooMany, `more than ${this.settings.framesPerSecond} frames a second`);
    return false;
  }

  #take(data: RawData, isBinary: boolean): void {
    this.services.telemetry.metrics.websocket_frames_total.inc({ direction: "in" });
    if (!this.#admit()) return;
    if (isBinary) this.close(closing.notText, "frames are JSON as text");
    else void this.#answer(bytesOf(data));
  }

  /** Never rejects: what goes wrong is the answer. */
  async #answer(bytes: Uint8Array): Promise<void> {
    let id: string | number | null = null;
    try {
      const frame = readFrame(bytes);
      id = frame.id;
      this.#unreadable = 0;
      this.send({ id, result: await runFrame(frame, { services: this.services, ...this.caller }) });
    } catch (error) {
      const problem = problemOf(error, this.services.telemetry);
      this.send({ id, error: errorBodyOf(problem, this.requestId) });
      if (id !== null) return;
      this.#unreadable += 1;
      if (this.#unreadable >= this.settings.unreadableFrames)
        this.close(closing.misbehaved, `${this.#unreadable} frames in a row could not be read`);
    }
  }

  #endWithCredential(): void {
    const { expiresAt } = this.caller.principal;
    if (expiresAt === undefined) return;
    const left = expiresAt.getTime() - Date.now();
    if (left <= 0) this.close(closing.unauthenticated, "the credential has expired");
    else this.#expiry = setTimeout(() => this.#endWithCredential(), Math.min(left, LONGEST_TIMER)).unref();
  }

  /** ws has sent its close frame; a connection that was lost has no code of ws, and ends by itself. */
  #broken(error: Error): void {
    const code = codeOf(error) ?? "";
    if (code.startsWith("WS_ERR_")) this.#ended ??= faults[code] ?? 1002;
    this.#within(() => this.services.telemetry.log.debug({ err: error }, "socket failed"));
    cutOff(this.socket, this.settings.closeMs);
  }

  #closed(heard: number): void {
    clearTimeout(this.#expiry);
    const { metrics, log } = this.services.telemetry;
    // What we closed with counts, even where the peer was gone before it could say so.
    const code = this.#ended ?? heard;
    metrics.websocket_connections.dec();
    metrics.websocket_closes_total.inc({ code: String(code) });
    log.info({ code, seconds: Math.round((performance.now() - this.#opened) / 1000) }, "socket closed");
  }

  /** Every line says whose socket it is. */
  #within<T>(work: () => T): T {
    const { requestId, caller } = this;
    return this.services.telemetry.within({ requestId, principal: caller.principal }, work);
  }
}

export function closeSocket(socket: WebSocket, code: CloseCode, reason: string, patience: number): void {
  // What still comes may be broken; it is not read any more, and an error without a listener would end the process.
  socket.on("error", () => {});
  socket.close(code, fitReason(reason));
  cutOff(socket, patience);
}

/** ws waits 30 s for the peer's own close frame; who does not care to send it is cut off sooner. */
function cutOff(socket: WebSocket, patience: number): void {
  const timer = setTimeout(() => socket.terminate(), patience).unref();
  socket.once("close", () => clearTimeout(timer));
}

/** With the default `binaryType` a message is one Buffer; the type allows what other settings give. */
const bytesOf = (data: RawData): Uint8Array => {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
};
