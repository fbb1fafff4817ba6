import type { Gateway, Gateways } from "./gateways.js";
import { load } from "./load.js";

const STEADY = { streamed: true, connections: 50, perSecond: 300 } as const;
const SAMPLE_MS = 1000;
/** Of the last third's memory beside the middle one's. What the first third takes is the heap's way to its size. */
const GROWTH = 1.1;

export interface Soak {
  readonly answers: number;
  readonly failed: number;
  /** Megabytes, second by second. */
  readonly memory: readonly number[];
  readonly growth: number;
  readonly flat: boolean;
}

/** A steady load of streams, with the program's memory watched. */
export async function soak(gateway: Gateway, upstream: Gateways["upstream"], minutes: number): Promise<Soak> {
  const memory: number[] = [];
  const timer = setInterval(() => memory.push(gateway.memory()), SAMPLE_MS);
  const { answers, failed } = await load(gateway, upstream, { ...STEADY, seconds: minutes * 60 });
  clearInterval(timer);
  const third = Math.floor(memory.length / 3);
  const growth = mean(memory.slice(-third)) / mean(memory.slice(third, -third));
  return { answers, failed, memory, growth, flat: growth <= GROWTH };
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

const BARS = "▁▂▃▄▅▆▇█";

/** Values as a line of bars, from the lowest to the highest. */
export function sparkline(values: readonly number[], width = 60): string {
  const size = Math.max(1, values.length / width);
  const columns = Array.from({ length: Math.min(width, values.length) }, (_, column) =>
    mean(values.slice(Math.floor(column * size), Math.floor((column + 1) * size))),
  );
  const [low, high] = [Math.min(...columns), Math.max(...columns)];
  const step = (high - low) / (BARS.length - 1);
  return columns.map((value) => BARS[step === 0 ? 0 : Math.round((value - low) / step)]).join("");
}
