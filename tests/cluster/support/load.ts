/** What came of calls that were made beside something else. */
export interface Load {
  readonly count: number;
  /** Why those failed that did. */
  readonly failures: readonly string[];
}

export interface Under {
  /** Ends it: those under way are finished. */
  stop(): Promise<Load>;
}

/** So many at a time, one after the other, until it is stopped and at least so many were made. */
export function load(one: () => Promise<void>, { atATime, atLeast = 0 }: { atATime: number; atLeast?: number }): Under {
  const failures: string[] = [];
  let count = 0;
  let stopped = false;
  const lane = async (): Promise<void> => {
    while (!stopped || count < atLeast) {
      count += 1;
      try {
        await one();
      } catch (error) {
        failures.push(reasonOf(error));
      }
    }
  };
  const lanes = Promise.all(Array.from({ length: atATime }, lane));
  return {
    stop: async () => {
      stopped = true;
      await lanes;
      return { count, failures };
    },
  };
}

/** What fetch says is that it failed; why is behind it. */
const reasonOf = (error: unknown): string => {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
};
