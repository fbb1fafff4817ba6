import { inTime } from "./in-time.js";
import type { Lifecycle } from "./lifecycle.js";

/** Something the service needs: without a `required` one it is not ready, without a `helpful` one it is degraded. */
export interface Dependency {
  readonly name: string;
  readonly policy: "required" | "helpful";
  /** Rejects while it is away. */
  readonly check: () => Promise<void>;
  /** How long one look holds, where a look costs money. */
  readonly freshMs?: number;
}

export interface DependencyState {
  readonly name: string;
  readonly policy: Dependency["policy"];
  readonly status: "up" | "down";
  /** Since when it is as it is. */
  readonly since: string;
  readonly reason: string | null;
}

export interface ReadinessState {
  readonly status: "ready" | "degraded" | "not_ready";
  readonly reason: string | null;
  readonly dependencies: readonly DependencyState[];
}

const CHECK_MS = 1500;
/** Probes of several pods and people share one look for this long. */
const FRESH_MS = 500;

export interface ReadinessOptions {
  readonly freshMs?: number;
  /** Told of each look; with the whole error, of which the state shows only the message. */
  readonly seen?: (dependency: string, error: Error | undefined, changed: boolean) => void;
}

export class Readiness {
  readonly #states = new Map<string, { readonly at: number; readonly state: DependencyState }>();
  #looked = { at: Number.NEGATIVE_INFINITY, result: Promise.resolve<readonly DependencyState[]>([]) };

  constructor(
    private readonly dependencies: readonly Dependency[],
    private readonly lifecycle: Lifecycle,
    private readonly options: ReadinessOptions = {},
  ) {}

  async state(): Promise<ReadinessState> {
    if (this.lifecycle.phase === "starting")
      return { status: "not_ready", reason: `starting: waits for ${this.lifecycle.waitsFor}`, dependencies: [] };
    const dependencies = await this.#look();
    const down = dependencies.filter(({ status }) => status === "down");
    const missing = down.find(({ policy }) => policy === "required");
    if (this.lifecycle.phase === "draining") return { status: "not_ready", reason: "shutting down", dependencies };
    if (missing !== undefined) return { status: "not_ready", reason: `${missing.name} is away`, dependencies };
    if (down.length === 0) return { status: "ready", reason: null, dependencies };
    return { status: "degraded", reason: `${down.map(({ name }) => name).join(", ")} away`, dependencies };
  }

  #look(): Promise<readonly DependencyState[]> {
    const now = performance.now();
    if (now - this.#looked.at >= (this.options.freshMs ?? FRESH_MS))
      this.#looked = { at: now, result: Promise.all(this.dependencies.map((one) => this.#stateOf(one))) };
    return this.#looked.result;
  }

  async #stateOf({ name, policy, check, freshMs = 0 }: Dependency): Promise<DependencyState> {
    const before = this.#states.get(name);
    if (before !== undefined && performance.now() - before.at < freshMs) return before.state;
    const error = await inTime(CHECK_MS, check(), () => new Error(`no answer within ${CHECK_MS} ms`)).then(
      () => undefined,
      (error: Error) => error,
    );
    const status = error === undefined ? "up" : "down";
    const since = before?.state.status === status ? before.state.since : new Date().toISOString();
    const state: DependencyState = { name, policy, status, since, reason: error?.message ?? null };
    this.#states.set(name, { at: performance.now(), state });
    this.options.seen?.(name, error, since !== before?.state.since);
    return state;
  }
}
