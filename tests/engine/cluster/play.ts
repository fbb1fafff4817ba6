import { setMaxListeners } from "node:events";
import { type Access, Api, type Manifest } from "./api.js";
import { type Fault, Faults } from "./faults.js";
import { nodeRole } from "./nodes.js";
import { operators } from "./operators.js";
import { podRole } from "./pods.js";
import { serviceRole } from "./services.js";
import { play, type Role, type World } from "./stage.js";
import { claimRole, volumeRole } from "./volumes.js";

export interface PlayArgs {
  /** How long a minute is. @default 30 */
  readonly minuteMs?: number;
  /** Who is played. @default everybody whom a cluster without nodes and operators lacks */
  readonly roles?: readonly Role<Manifest>[];
}

export interface Played {
  /** Lets something go wrong from now on. Returns what lifts it. */
  fail(fault: Fault): () => void;
  /** Lifts every fault. */
  heal(): void;
  /** Why what is not ready is not, for the message of a scenario that waited in vain. */
  held(): readonly string[];
  stop(): void;
}

const everybody: readonly Role<Manifest>[] = [
  nodeRole,
  podRole,
  claimRole,
  volumeRole,
  serviceRole,
  ...Object.values(operators),
];

/**
 * Nodes, cloud and operators of a cluster that has none. Everything that a real controller does is left to it, and
 * everything here takes its time, so that whoever does not wait sees things unready. It goes on whenever the API
 * server comes back, emptied or not.
 */
export function startPlayed(access: Access, { minuteMs = 30, roles = everybody }: PlayArgs = {}): Played {
  const world: World = { api: new Api(access), faults: new Faults(), held: new Map() };
  const ending = new AbortController();
  setMaxListeners(roles.length, ending.signal);
  for (const role of roles) play(role, world, minuteMs, ending.signal);
  return {
    fail: (fault) => world.faults.add(fault),
    heal: () => world.faults.clear(),
    held: () => [...world.held.values()],
    stop: () => {
      ending.abort();
      world.api.close();
    },
  };
}
