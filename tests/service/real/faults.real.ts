import assert from "node:assert/strict";
import type OpenAI from "openai";
import { type Dialect, dialects, type FaultName, faults } from "../support/fake-provider.js";
import { ADMIN_KEY } from "../support/service.js";
import { until } from "../support/until.js";
import { bytesOf, type Written, writtenOf } from "./faults/bytes.js";
import { bodyOf, clientOf, heardBy } from "./faults/client.js";
import { isOfCalls, type Lane, modelOf, type Noted, openLane, providersOf, timeouts } from "./faults/lane.js";
import { cellsOf, type Mode, modes, type Situation, situations } from "./faults/table.js";

interface Place {
  readonly dialect: Dialect;
  readonly situation: Situation;
}
interface Asked extends Place {
  readonly fault: FaultName;
  readonly mode: Mode;
}

/** What is seen of a cell, from outside and in the books. */
interface Seen extends Written, Pick<Noted, "arrived" | "open" | "breaker" | "usage"> {
  /** The headers of these names. */
  readonly "x-provider": string | null;
  readonly "x-failover-from": string | null;
  readonly "x-attempts": string | null;
  /** That have an outcome. */
  readonly attempts: number;
  /** What the openai package makes of the same call. */
  readonly client: string;
}

const places: readonly Place[] = dialects.flatMap((dialect) => situations.map((situation) => ({ dialect, situation })));
const askedAt = (place: Place, all: readonly FaultName[]): readonly Asked[] =>
  all.flatMap((fault) => modes.map((mode) => ({ ...place, fault, mode })));
const nameOf = ({ dialect, situation, fault, mode }: Asked): string => [dialect, situation, fault, mode].join();

const behind: Readonly<Record<Situation, string>> = {
  alone: "nobody",
  second: "a healthy one",
  broken: "one that is as broken",
};

const post = (lane: Lane, fault: FaultName, mode: Mode, signal?: AbortSignal): Promise<Response> =>
  fetch(`${lane.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" },
    body: JSON.stringify(bodyOf(modelOf(fault), mode)),
    signal: signal ?? null,
  });

/** These take as long as the time limits are; first come those that a busy start can not make fail otherwise. */
const slow: readonly FaultName[] = [
  "silence_before_headers",
  "silence_before_token",
  "pings_only",
  "silence_mid_stream",
  "never_ending",
  "rate_limit_header_short",
];
const quick = faults.filter((fault) => !slow.includes(fault));

describe("the fault matrix", () => {
  const lanes: { readonly lane: Lane; readonly place: Place }[] = [];
  const seen = new Map<string, Promise<Seen>>();

  /** One after the other; ends when all are over, however they end. */
  const lookInTurn = async (lane: Lane, all: readonly Asked[], after: Promise<unknown>): Promise<void> => {
    const client = clientOf(lane.url, ADMIN_KEY);
    let turn = after;
    for (const asked of all) {
      const look = turn.then(() => lookAt(lane, client, asked));
      seen.set(nameOf(asked), look);
      turn = look.catch(() => {});
    }
    await turn;
  };

  before(async () => {
    // One after the other, and none later: a process that starts one is busy for longer than a provider may be silent.
    for (const place of places) {
      const lane = await openLane(place.dialect, place.situation);
      lanes.push({ lane, place });
      // So is one that makes its first call.
      await lookAt(lane, clientOf(lane.url, ADMIN_KEY), { ...place, fault: "none", mode: "stream" });
    }
    // For the same reason only what waits does so together, in all lanes; what works goes lane by lane.
    const start = Promise.resolve();
    let turn: Promise<unknown> = Promise.all(
      lanes.map(({ lane, place }) => lookInTurn(lane, askedAt(place, slow), start)),
    );
    for (const { lane, place } of lanes) turn = lookInTurn(lane, askedAt(place, quick), turn);
  });
  after(async () => {
    for (const { lane } of lanes) await lane.close();
  });

  for (const place of places)
    describe(`of a provider of the kind ${place.dialect} with ${behind[place.situation]} behind it`, () => {
      for (const asked of askedAt(place, faults))
        it(`is as the table says: ${asked.fault}, ${asked.mode}`, async () => {
          assert.deepEqual(await seen.get(nameOf(asked)), expectedOf(asked));
        });
    });
});

async function lookAt(lane: Lane, client: OpenAI, { fault, mode }: Asked): Promise<Seen> {
  const { answer, noted } = await lane.watch(fault, async () => {
    const { status, headers, text } = await readAll(await post(lane, fault, mode));
    return { ...writtenOf(status, headers, text), headers };
  });
  const { headers, ...written } = answer;
  const { outcomes, ...books } = noted;
  await lane.play(fault);
  return {
    ...written,
    ...books,
    "x-provider": headers.get("x-provider"),
    "x-failover-from": headers.get("x-failover-from"),
    "x-attempts": headers.get("x-attempts"),
    attempts: Object.values(outcomes).reduce((sum, count) => sum + count, 0),
    client: await heardBy(client, modelOf(fault), mode),
  };
}

const readAll = async (response: Response) => ({
  status: response.status,
  headers: response.headers,
  text: await response.text(),
});

function expectedOf({ dialect, situation, fault, mode }: Asked): Seen {
  const [answer, attempts, breaker, usage] = cellsOf(fault, dialect)[mode][situation];
  const providers = providersOf(fault, situation);
  const [first = ""] = providers;
  const by = answer.kind === "whole" && answer.by === "p2" ? "p2" : first;
  const answered = answer.kind !== "problem";
  return {
    ...bytesOf(answer, { fault, dialect, mode, providers, deadlineMs: timeouts.deadlineMs }),
    "x-provider": answered ? by : null,
    "x-failover-from": answered && by !== first ? first : null,
    "x-attempts": String(attempts),
    attempts,
    // To an address that does not work none comes.
    arrived: isOfCalls(fault) ? attempts : by === "p2" ? 1 : 0,
    open: 0,
    breaker,
    usage: usage === "none" ? {} : { [by]: usage },
    client: answer.kind === "whole" ? heard[answer.says] : "throws",
  };
}

const heard = {
  all: "Alpha beta gamma delta. (stop)",
  "all but usage": "Alpha beta gamma delta. (stop)",
  nothing: " (stop)",
} as const;

describe("a client that hangs up", () => {
  /** What it hangs up on has no end. */
  const hangUp = async (lane: Lane, mode: Mode, when: (heard: string) => boolean): Promise<Noted> => {
    const { noted } = await lane.watch("never_ending", async () => {
      const controller = new AbortController();
      let heard = "";
      const reading = (async () => {
        const { body } = await post(lane, "never_ending", mode, controller.signal);
        for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) heard += piece;
      })();
      await Promise.all([
        assert.rejects(reading, { name: "AbortError" }),
        until(() => when(heard)).then(() => controller.abort()),
      ]);
    });
    return noted;
  };

  for (const dialect of dialects)
    describe(`over a provider of the kind ${dialect}`, () => {
      let lane: Lane;
      before(async () => {
        lane = await openLane(dialect, "second");
      });
      after(() => lane.close());

      it("in the middle of a stream ends the provider's call, which is not tried again, and what was used is counted", async () => {
        const noted = await hangUp(lane, "stream", (heard) => heard.split(" and").length > 10);
        assert.deepEqual(noted, {
          outcomes: { cancelled: 1 },
          arrived: 1,
          open: 0,
          breaker: "0 of 0",
          usage: { p1: "about 11 + more" },
        });
      });

      it("before the answer ends the provider's call, which is not tried again, and the question is counted", async () => {
        const noted = await hangUp(lane, "whole", () => lane.p1.open === 1);
        assert.deepEqual(noted, {
          outcomes: { cancelled: 1 },
          arrived: 1,
          open: 0,
          breaker: "0 of 0",
          usage: { p1: "about 11 + 0" },
        });
      });
    });
});
