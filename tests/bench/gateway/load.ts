import autocannon from "autocannon";
import { isWholeAnswer, isWholeStream } from "./answers.js";
import type { Gateway, Gateways } from "./gateways.js";
import type { Measured } from "./process.js";

/** Calls one after the other by each of so many connections, for so long. */
export interface LoadOptions {
  readonly streamed: boolean;
  readonly connections: number;
  readonly seconds: number;
  /** Of all connections together; as many as they get answered otherwise. */
  readonly perSecond?: number;
}

export interface Load {
  /** Whole answers: one that is not what the upstream sent counts for nothing. */
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly answers: number;
  readonly failed: number;
  /** Shares of one core: who takes all of it is what is measured. */
  readonly cores: { readonly program: number; readonly upstream: number; readonly load: number };
}

export async function load(
  gateway: Gateway,
  upstream: Gateways["upstream"],
  { streamed, connections, seconds, perSecond }: LoadOptions,
): Promise<Load> {
  const times: number[] = [];
  const sinceThen = [cpuOf(gateway), cpuOf(upstream), cpuOf(own)] as const;
  const result = await autocannon({
    url: gateway.url,
    method: "POST",
    headers: gateway.headers,
    body: gateway.body("instant", streamed),
    connections,
    duration: seconds,
    ...(perSecond === undefined ? {} : { overallRate: perSecond }),
    verifyBody: (body) => (streamed ? isWholeStream(String(body), "instant") : isWholeAnswer(String(body))),
    // autocannon's own table knows whole milliseconds only.
    setupClient: (client) => void client.on("response", (_status, _bytes, ms) => times.push(ms)),
  });
  const [program, source, here] = sinceThen.map((cores) => cores());
  const answers = result.requests.total;
  // One that was refused is not whole either.
  const broken = Math.max(result.non2xx, result.mismatches);
  times.sort((a, b) => a - b);
  return {
    perSecond: (answers - broken) / result.duration,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    answers,
    failed: broken + result.errors,
    cores: { program: program ?? 0, upstream: source ?? 0, load: here ?? 0 },
  };
}

export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;

const own: Pick<Measured, "cpu"> = {
  cpu() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
};

/** Counts from now on, until it is asked. */
function cpuOf(process: Pick<Measured, "cpu">): () => number {
  const [cpu, began] = [process.cpu(), performance.now()];
  return () => (process.cpu() - cpu) / ((performance.now() - began) / 1000);
}
