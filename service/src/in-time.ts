/** What `work` gives, or what `late` says when that takes longer than `ms`; the work itself goes on. */
export async function inTime<T>(ms: number, work: PromiseLike<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for work that must not hold anybody up. Whoever started it hears how it ended. */
export const atMost = (ms: number, work: PromiseLike<unknown>): Promise<void> =>
  inTime(ms, work, () => new Error(`not done within ${ms} ms`)).then(
    () => {},
    () => {},
  );
