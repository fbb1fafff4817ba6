import type { Provider } from "./catalog.js";
import { type FailureKind, failureKinds } from "./failure.js";

/** What is known of each provider: from the calls that went there, and from looks while none did. */
export interface ProviderHealth {
  readonly status: "up" | "down" | "unknown";
  readonly since: string;
  readonly reason: string | null;
  /** Where the last news came from. */
  readonly seenBy: "calls" | "probe" | null;
}

interface Known {
  health: ProviderHealth;
  seenAt: number;
  credentialRefused: boolean;
}

/** Those that say nothing of the provider itself. */
const quiet: ReadonlySet<FailureKind> = new Set([
  "rate_limited",
  "context_length",
  "unsupported",
  "refused",
  "content_filter",
]);

export class Health {
  readonly #known: ReadonlyMap<string, Known>;

  constructor(
    providers: readonly Provider[],
    private readonly changed: (provider: string, health: ProviderHealth) => void,
  ) {
    const since = new Date().toISOString();
    this.#known = new Map(
      providers.map(({ name }) => [
        name,
        {
          health: { status: "unknown", since, reason: null, seenBy: null },
          seenAt: performance.now(),
          credentialRefused: false,
        },
      ]),
    );
  }

  of(provider: string): ProviderHealth {
    return this.#of(provider).health;
  }

  /** Rejects with what is wrong. */
  async demandUp(provider: string): Promise<void> {
    const { status, reason, seenBy } = this.of(provider);
    if (status === "down") throw new Error(`${reason} (by ${seenBy})`);
  }

  /** A bad key is bad for its provider only, until a look or an admin finds that it is taken again. */
  credentialRefused(provider: string): boolean {
    return this.#of(provider).credentialRefused;
  }

  forget(provider: string): void {
    this.#of(provider).credentialRefused = false;
  }

  idleFor(provider: string): number {
    return performance.now() - this.#of(provider).seenAt;
  }

  seen(provider: string, failure: FailureKind | undefined, seenBy: "calls" | "probe"): void {
    const known = this.#of(provider);
    known.seenAt = performance.now();
    if (failure === undefined || failure === "credential") known.credentialRefused = failure === "credential";
    const down = failure !== undefined && !quiet.has(failure);
    const status = down ? "down" : "up";
    const reason = down ? failureKinds[failure].says : null;
    const before = known.health;
    if (before.status === status && before.reason === reason && before.seenBy === seenBy) return;
    const since = before.status === status ? before.since : new Date().toISOString();
    known.health = { status, since, reason, seenBy };
    if (before.status !== status || before.reason !== reason) this.changed(provider, known.health);
  }

  #of(provider: string): Known {
    const known = this.#known.get(provider);
    if (known === undefined) throw new Error(`there is no provider '${provider}'`);
    return known;
  }
}
