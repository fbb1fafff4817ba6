import { randomUUID } from "node:crypto";
import {
  type Admission,
  admissionOf,
  type BreakerOutcome,
  type BreakerSettings,
  type BreakerState,
  type BreakerView,
  lend,
  newBreaker,
  record,
  viewOf,
} from "./breaker.js";

export type { Admission, BreakerOutcome, BreakerView } from "./breaker.js";

/** A breaker for each key. Who is admitted records one outcome, whatever happens. */
export interface Breakers {
  admit(key: string): Promise<Admission>;
  record(key: string, admission: Admission, outcome: BreakerOutcome): Promise<void>;
  /** Lends nothing. */
  look(keys: readonly string[]): Promise<readonly BreakerView[]>;
  reset(key: string): Promise<void>;
}

/** Of this process alone. */
export class LocalBreakers implements Breakers {
  readonly #states = new Map<string, BreakerState>();

  constructor(
    private readonly settings: BreakerSettings,
    private readonly clock = () => performance.now(),
  ) {}

  async admit(key: string): Promise<Admission> {
    const [now, token] = [this.clock(), randomUUID()];
    const state = lend(this.#of(key), now, token, this.settings);
    this.keep(key, state);
    return admissionOf(state, now, token, this.settings);
  }

  async record(key: string, admission: Admission, outcome: BreakerOutcome): Promise<void> {
    if (admission.admitted)
      this.keep(key, record(this.#of(key), this.clock(), admission.probe, outcome, this.settings));
  }

  async look(keys: readonly string[]): Promise<readonly BreakerView[]> {
    return keys.map((key) => viewOf(this.#of(key), this.clock(), this.settings));
  }

  async reset(key: string): Promise<void> {
    this.#states.delete(key);
  }

  /** From here on it is what was seen elsewhere. */
  keep(key: string, state: BreakerState): void {
    this.#states.set(key, state);
  }

  #of = (key: string): BreakerState => this.#states.get(key) ?? newBreaker;
}
