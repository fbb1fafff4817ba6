import autocannon from "autocannon";

/** The same call one after the other by each of so many connections, for so long. */
export interface Calls {
  readonly url: string;
  /** What a certificate is asked for, where the address in `url` is not the name. */
  readonly servername?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connections: number;
  readonly seconds: number;
  /** Of all connections together; as many as they get answered otherwise. */
  readonly perSecond?: number;
  isWhole(answer: string): boolean;
}

export interface Figures {
  /** Whole answers: one that is not what was sent counts for nothing. */
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly answers: number;
  readonly failed: number;
}

export async function makeCalls(calls: Calls): Promise<Figures> {
  const { url, servername, headers, body, connections, seconds, perSecond, isWhole } = calls;
  const times: number[] = [];
  const result = await autocannon({
    url,
    method: "POST",
    headers,
    body,
    connections,
    duration: seconds,
    ...(servername === undefined ? {} : { servername }),
    ...(perSecond === undefined ? {} : { overallRate: perSecond }),
    verifyBody: (answer) => isWhole(String(answer)),
    // autocannon's own table knows whole milliseconds only.
    setupClient: (client) => void client.on("response", (_status, _bytes, ms) => times.push(ms)),
  });
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
  };
}

export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
