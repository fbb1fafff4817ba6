import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { bodyOf, headersOf, type Problem, problems } from "./problem.js";

/** To read the answer; destroyed at once, unread input would reset the connection and take the answer with it. */
const LINGER_MS = 2000;

/** The answer to what never gets to Express: the same body, written to the connection itself, which then ends. */
export function answerRaw(socket: Duplex, problem: Problem, requestId: string): void {
  const { status } = problems[problem.code];
  const body = JSON.stringify(bodyOf(problem, requestId));
  const headers = {
    "Content-Type": "application/problem+json",
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    "X-Request-Id": requestId,
    ...headersOf(problem),
    Connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
  // Nobody reads here any more: what still comes is let go, and who does not hang up is cut off.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once("close", () => clearTimeout(timer));
}
