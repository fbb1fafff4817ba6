import { inTime } from "../../../../service/src/in-time.js";
import { callFaults } from "../../support/fake-provider/faults.js";
import {
  type CallFault,
  type Dialect,
  type FakeProvider,
  type FaultName,
  startFakeProvider,
} from "../../support/fake-provider.js";
import { ADMIN_KEY as key, startService } from "../../support/service.js";
import { until } from "../../support/until.js";
import { figuresOf, grownSince, outcomesOf, usageOf } from "./figures.js";
import type { Situation } from "./table.js";

/** A service and its providers, for all faults of one dialect in one situation, one after the other. */
export interface Lane {
  readonly url: string;
  /** The faulty one. */
  readonly p1: FakeProvider;
  /** From here on p1 has the fault, p2 what the situation says, and none of them a past. */
  play(fault: FaultName): Promise<void>;
  /** Plays the fault; what came of a call then, and what the service noted of it. */
  watch<T>(fault: FaultName, call: () => Promise<T>): Promise<Watched<T>>;
  close(): Promise<void>;
}

export interface Watched<T> {
  readonly answer: T;
  readonly noted: Noted;
}

export interface Noted {
  /** Of attempts. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Calls that came to a provider. */
  readonly arrived: number;
  /** Those that are still open after two seconds. */
  readonly open: number;
  /** Of the first provider. */
  readonly breaker: string;
  /** By provider. */
  readonly usage: Readonly<Record<string, string>>;
}

/** Four attempts that time out end well before the deadline, on a slow machine too. */
export const timeouts = { deadlineMs: 3500, firstTokenMs: 500, idleMs: 400, retryMs: 1, probeMs: 3_600_000 };
const CLOSED_WITHIN_MS = 2000;
/** What `rate_limit_header_short` asks for. */
const RETRY_AFTER_MS = 800;
const OVER_WITHIN_MS = 30_000;

export const isOfCalls = (fault: FaultName): fault is CallFault => callFaults.some((one) => one === fault);
const addressFaults = ["refused", "tls_untrusted", "tls_to_plain"] as const satisfies readonly FaultName[];

/** Whom a call may go to, in order. A fault of the address is in a URL: it has providers of its own. */
export function providersOf(fault: FaultName, situation: Situation): readonly string[] {
  const first = isOfCalls(fault) ? "p1" : fault;
  const second = situation === "second" || isOfCalls(fault) ? "p2" : `${fault}_too`;
  return situation === "alone" ? [first] : [first, second];
}

export const modelOf = (fault: FaultName): string => (isOfCalls(fault) ? "auto" : `route:${fault}`);

export async function openLane(dialect: Dialect, situation: Situation): Promise<Lane> {
  const calls = { retryAfterMs: RETRY_AFTER_MS };
  const [p1, p2] = await Promise.all([startFakeProvider(dialect, calls), startFakeProvider(dialect, calls)]);
  const providers = new Map([
    ["p1", p1],
    ["p2", p2],
  ]);
  for (const fault of addressFaults)
    for (const name of [fault, `${fault}_too`]) providers.set(name, await startFakeProvider(dialect, { fault }));

  const service = await startService({
    KEY: "key-of-the-providers",
    AI_PROVIDERS_CONFIG: JSON.stringify({
      providers: [...providers].map(([name, { url }]) => ({
        name,
        kind: dialect,
        baseUrl: url,
        apiKeyEnv: "KEY",
        models: ["m1"],
      })),
      routes: Object.fromEntries(
        (["none", ...addressFaults] as const).map((fault) => [
          isOfCalls(fault) ? "auto" : fault,
          providersOf(fault, situation).map((provider) => ({ provider, model: "m1" })),
        ]),
      ),
      timeouts,
      // The budget for retries has tests of its own.
      retries: { ratio: 1, atLeast: 100_000 },
    }),
  });

  const play = async (fault: FaultName): Promise<void> => {
    const played = isOfCalls(fault) ? fault : "none";
    p1.play(played);
    p2.play(situation === "broken" ? played : "none");
    for (const provider of providersOf(fault, situation)) {
      const { status, text } = await service.ask("POST", "/api/v1/admin/breakers/reset", { key, body: { provider } });
      if (status !== 200) throw new Error(`the breaker of ${provider} was not reset: ${text}`);
    }
  };

  const breakerOf = async (name: string | undefined): Promise<string> => {
    const { json } = await service.ask("GET", "/api/v1/admin/breakers", { key });
    const { phase, limited, calls, failures, inARow } = json.breakers.find(
      ({ provider }: { provider: string }) => provider === name,
    );
    const marks = [
      ...(phase === "closed" ? [] : [phase]),
      ...(limited ? ["limited"] : []),
      ...(limited && calls === 0 ? [] : [`${failures} of ${calls}`]),
      // Here all failures are in a row.
      ...(inARow === failures ? [] : [`${inARow} in a row`]),
    ];
    return marks.join(", ");
  };

  const figures = async () => figuresOf((await service.running.services.telemetry.metrics.text()).body);
  const arrivals = () => p1.calls.length + p2.calls.length;
  const open = () => p1.open + p2.open;

  const watch = async <T>(fault: FaultName, call: () => Promise<T>): Promise<Watched<T>> => {
    const names = providersOf(fault, situation);
    await play(fault);
    const [before, arrived] = [await figures(), arrivals()];
    const answer = await call();
    const patience = performance.now() + CLOSED_WITHIN_MS;
    await until(() => open() === 0 || performance.now() > patience);
    const breaker = await breakerOf(names[0]);
    const grown = grownSince(before, await figures());
    return {
      answer,
      noted: {
        outcomes: outcomesOf(grown),
        arrived: arrivals() - arrived,
        open: open(),
        breaker,
        usage: usageOf(grown, names),
      },
    };
  };

  return {
    url: service.url,
    p1,
    play,
    // One that hangs must not keep those after it waiting.
    watch: (fault, call) =>
      inTime(OVER_WITHIN_MS, watch(fault, call), () => new Error(`${fault} is not over after ${OVER_WITHIN_MS} ms`)),
    async close() {
      await service.stop();
      await Promise.all([...providers.values()].map((provider) => provider.stop()));
    },
  };
}
