import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { isWholeStream, TOKEN } from "./answers.js";
import { percentile } from "./calls.js";
import type { Target } from "./gateways.js";

/** What came of so many streams that were begun 50 a second and then were all open. */
export interface Streams {
  readonly mostOpen: number;
  readonly failed: number;
  /** Milliseconds to the first token. */
  readonly p50: number;
  readonly p99: number;
}

const ARRIVALS_A_SECOND = 50;

export async function openStreams(target: Target, count: number): Promise<Streams> {
  const agent = new Agent({ keepAlive: true });
  const began = performance.now();
  let open = 0;
  let mostOpen = 0;
  const one = async (): Promise<number> => {
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    try {
      return await firstTokenOf(target, agent);
    } finally {
      open -= 1;
    }
  };
  const streams: Promise<number>[] = [];
  for (let index = 0; index < count; index += 1) {
    await sleep(Math.max(0, began + (index * 1000) / ARRIVALS_A_SECOND - performance.now()));
    streams.push(one());
  }
  const ended = await Promise.allSettled(streams);
  agent.destroy();
  const times = ended.flatMap((stream) => (stream.status === "fulfilled" ? [stream.value] : []));
  times.sort((a, b) => a - b);
  return { mostOpen, failed: count - times.length, p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

/** Reads a stream to its end; rejects unless it is whole. */
async function firstTokenOf({ url, headers, body }: Target, agent: Agent): Promise<number> {
  const began = performance.now();
  const calling = request(url, { method: "POST", headers, agent }).end(body("paced", true));
  const [response] = (await once(calling, "response")) as [IncomingMessage];
  let text = "";
  let first: number | undefined;
  for await (const piece of response.setEncoding("utf8")) {
    text += piece;
    if (first === undefined && text.includes(TOKEN)) first = performance.now() - began;
  }
  if (first === undefined || !isWholeStream(text, "paced")) throw new Error(`a stream broke off: ${text.slice(-300)}`);
  return first;
}
