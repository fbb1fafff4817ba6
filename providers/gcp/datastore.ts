import { isCareful } from "../../config/names.js";
import type { Settings } from "../../config/settings.js";

/**
 * Whether copies of the data stay when the stack goes: last backups, automated ones, and the key that they are encrypted
 * with. By what the stack is and not by its locks: these have to come off before it can go.
 */
export const keepsCopies = ({ environment }: Settings): boolean => isCareful(environment);

const days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"] as const;

export interface WeeklyHour {
  /** `SUNDAY`, as Memorystore has it. */
  readonly day: string;
  /** 1 is Monday, as Cloud SQL has it. */
  readonly dayNumber: number;
  readonly hour: number;
}

/** `Sun:04:30-05:30` begins in this hour: Google's windows are whole hours, and one hour long. */
export function weeklyHour(window: string): WeeklyHour {
  const index = days.findIndex((day) => day.startsWith(window.slice(0, 3).toUpperCase()));
  return { day: days[index] ?? "", dayNumber: index + 1, hour: dailyHour(window.slice(4)) };
}

/** The hour in which `03:30-04:30` begins. */
export const dailyHour = (window: string): number => Number(window.slice(0, 2));
