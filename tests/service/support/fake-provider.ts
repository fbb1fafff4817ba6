import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { selfSigned } from "../../engine/cluster/certificate.js";
import { anthropic } from "./fake-provider/anthropic.js";
import { Call, type Pace } from "./fake-provider/call.js";
import type { Speech } from "./fake-provider/dialect.js";
import { type CallFault, callFaults, perform, saidWith } from "./fake-provider/faults.js";
import { ollama } from "./fake-provider/ollama.js";
import { openai } from "./fake-provider/openai.js";

const speeches = { openai, anthropic, ollama } as const satisfies Readonly<Record<string, Speech>>;
export type Dialect = keyof typeof speeches;
export const dialects = ["openai", "anthropic", "ollama"] as const satisfies readonly Dialect[];

/** Faults of the address: no call arrives. */
const addressFaults = ["refused", "tls_untrusted", "tls_to_plain"] as const;
type AddressFault = (typeof addressFaults)[number];

export type { CallFault };
export type FaultName = CallFault | AddressFault;
export const faults: readonly FaultName[] = [...callFaults, ...addressFaults];

const isOfCalls = (fault: FaultName): fault is CallFault => !addressFaults.some((other) => other === fault);

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed; `undefined` where there was none. */
  readonly body: unknown;
  /** Of this process's monotonic clock, in milliseconds. */
  readonly at: number;
}

export interface FakeProvider {
  /** The base URL as the gateway wants it. */
  readonly url: string;
  /** All that came and was no probe, in order. */
  readonly calls: readonly Received[];
  readonly probes: readonly Received[];
  /** What probes are answered with, 200 unless it is set. */
  probeStatus: number;
  /** The next calls meet these in order, and all after them the last. */
  play(...script: readonly CallFault[]): void;
  /** Calls that are under way: neither answered to the end, nor left by the caller. */
  readonly open: number;
  /** Closes what is open, in the middle of an answer too. */
  stop(): Promise<void>;
}

export interface FakeProviderOptions extends Partial<Pace> {
  /** What every call meets, until `play` says otherwise. One of the address lasts: it is in the URL. */
  readonly fault?: FaultName;
}

/** An HTTP server on a free port of this machine that speaks a provider's dialect, and fails in the ways that are played. */
export async function startFakeProvider(
  dialect: Dialect,
  { fault = "none", ...pace }: FakeProviderOptions = {},
): Promise<FakeProvider> {
  const speech: Speech = speeches[dialect];
  const calls: Received[] = [];
  const probes: Received[] = [];
  let script: readonly CallFault[] = isOfCalls(fault) ? [fault] : ["none"];
  const underWay = new Set<ServerResponse>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // Every answer is the same to the byte.
    response.sendDate = false;
    const path = request.url ?? "";
    if (request.method === "GET" && path === speech.probe.path) {
      probes.push(await receive(request, path));
      const { probeStatus } = provider;
      return sayJson(response, probeStatus, probeStatus === 200 ? speech.probe.body : speech.error("internal"));
    }
    underWay.add(response);
    response.once("close", () => underWay.delete(response));
    const received = await receive(request, path);
    calls.push(received);
    // Left already: there is nobody to play to.
    if (response.closed) return;
    const ask = request.method === "POST" ? speech.calls[path] : undefined;
    if (ask === undefined) return sayJson(response, 404, speech.error("notFound"));
    const [next = "none", ...rest] = script;
    if (rest.length > 0) script = rest;
    const asked = { speech, answer: ask(received.body, saidWith(next)) };
    await perform(next, new Call(response, asked, { tokenDelayMs: 0, graceMs: 20, retryAfterMs: 50, ...pace }));
  };

  const server = fault === "tls_untrusted" ? createTlsServer(untrusted()) : createServer();
  // The provider never is the first to leave an idle connection: a call on its way would be lost.
  Object.assign(server, { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch((error: unknown) => {
      // What the caller broke off is over; anything else is a mistake in the test or in here, and fails the run.
      if (!request.complete) return;
      response.destroy();
      throw error;
    });
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const holder = fault === "refused" ? await holdPort(port) : undefined;

  const provider: FakeProvider = {
    url: `${fault.startsWith("tls_") ? "https" : "http"}://127.0.0.1:${holder?.localPort ?? port}${speech.basePath}`,
    calls,
    probes,
    probeStatus: 200,
    play(...next) {
      script = next;
    },
    get open() {
      return underWay.size;
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      holder?.destroy();
      for (const socket of sockets) socket.destroy();
      await Promise.all([closed, ...[...underWay].map((response) => once(response, "close"))]);
    },
  };
  return provider;
}

async function receive(request: IncomingMessage, path: string): Promise<Received> {
  const body = await text(request);
  const parsed: unknown = body === "" ? undefined : JSON.parse(body);
  return { path, headers: request.headers, body: parsed, at: performance.now() };
}

function sayJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function untrusted() {
  const { certificate, key } = selfSigned("fake provider", [127, 0, 0, 1]);
  return { cert: certificate, key };
}

/**
 * The near end of a connection has a port where nobody listens. A port that was merely closed could be given to the next
 * one who asks for a free one.
 */
async function holdPort(to: number): Promise<Socket> {
  const socket = connect(to, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}
