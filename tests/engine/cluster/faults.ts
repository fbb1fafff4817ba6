/** What a scenario may let go wrong. */
export type FaultName =
  /** Pods of a workload find no image: `name` is the workload's, or a pod's that has none. */
  | "ImagePullBackOff"
  /** Pods of a Job end with an error. */
  | "jobFails"
  /** A Service of type LoadBalancer is given no address. */
  | "noAddress";

export interface Fault {
  readonly how: FaultName;
  readonly name: string | RegExp;
  /** @default every namespace */
  readonly namespace?: string;
  /** How often it strikes; every attempt counts, of whichever pod. @default always */
  readonly times?: number;
}

/** Those of one played cluster. */
export class Faults {
  readonly #left = new Map<Fault, number>();

  /** Returns what lifts it: the next attempt goes well. */
  add(fault: Fault): () => void {
    this.#left.set(fault, fault.times ?? Number.POSITIVE_INFINITY);
    return () => this.#left.delete(fault);
  }

  /** Whether it goes wrong this time. */
  strikes(how: FaultName, name: string, namespace = "default"): boolean {
    for (const [fault, left] of this.#left) {
      const named = typeof fault.name === "string" ? fault.name === name : fault.name.test(name);
      if (fault.how !== how || !named || (fault.namespace ?? namespace) !== namespace || left === 0) continue;
      this.#left.set(fault, left - 1);
      return true;
    }
    return false;
  }

  clear(): void {
    this.#left.clear();
  }
}
