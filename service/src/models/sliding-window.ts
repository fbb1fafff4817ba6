/** Two counts a slot of time: of calls, and of those that are marked. The window slides by whole slots. */
export type Slot = readonly [at: number, calls: number, marked: number];
export type Slots = readonly Slot[];

/** Of a window of 30 s each is a second. */
export const SLOTS = 30;

export function add(slots: Slots, now: number, windowMs: number, calls: number, marked: number): Slots {
  const at = slotOf(now, windowMs);
  const kept = slots.filter((slot) => isRecent(slot, at));
  const last = kept.at(-1);
  return last?.[0] === at
    ? [...kept.slice(0, -1), [at, last[1] + calls, last[2] + marked]]
    : [...kept, [at, calls, marked]];
}

export function sum(slots: Slots, now: number, windowMs: number): { readonly calls: number; readonly marked: number } {
  const at = slotOf(now, windowMs);
  let calls = 0;
  let marked = 0;
  for (const slot of slots)
    if (isRecent(slot, at)) {
      calls += slot[1];
      marked += slot[2];
    }
  return { calls, marked };
}

const slotOf = (now: number, windowMs: number): number => Math.floor((now * SLOTS) / windowMs);

const isRecent = ([at]: Slot, now: number): boolean => at > now - SLOTS;
