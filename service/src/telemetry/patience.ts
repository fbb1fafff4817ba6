/** Waits for work that must not hold anybody up: until it is done, or failed, or `ms` have passed. */
export async function within(ms: number, work: PromiseLike<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([work, enough]);
  } catch {
    // Whoever started the work hears of it; waiting is over either way.
  } finally {
    clearTimeout(timer);
  }
}
