import { isWholeAnswer, isWholeStream } from "./answers.js";
import { type Figures, makeCalls } from "./calls.js";
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

export interface Load extends Figures {
  /** Shares of one core: who takes all of it is what is measured. */
  readonly cores: { readonly program: number; readonly upstream: number; readonly load: number };
}

export async function load(
  gateway: Gateway,
  upstream: Gateways["upstream"],
  { streamed, ...options }: LoadOptions,
): Promise<Load> {
  const sinceThen = [cpuOf(gateway), cpuOf(upstream), cpuOf(own)] as const;
  const figures = await makeCalls({
    url: gateway.url,
    headers: gateway.headers,
    body: gateway.body("instant", streamed),
    ...options,
    isWhole: (answer) => (streamed ? isWholeStream(answer, "instant") : isWholeAnswer(answer)),
  });
  const [program = 0, source = 0, here = 0] = sinceThen.map((cores) => cores());
  return { ...figures, cores: { program, upstream: source, load: here } };
}

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
