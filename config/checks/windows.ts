import type { Path } from "../walk.js";
import { type Check, set } from "./finding.js";

const minutes = (hour: string): number => Number(hour.slice(0, 2)) * 60 + Number(hour.slice(3, 5));

const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const DAY = 24 * 60;

const dailySpan = (window: string): [begin: number, length: number] => {
  const begin = minutes(window.slice(0, 5));
  return [begin, (minutes(window.slice(6)) - begin + DAY) % DAY];
};

const weeklySpan = (window: string): [begin: number, length: number] => {
  const [begin, length] = dailySpan(window.slice(4));
  return [days.indexOf(window.slice(0, 3)) * DAY + begin, length];
};

/** A weekly window and a daily one share a minute. Both may run over midnight. */
function windowsOverlap(weekly: string, daily: string): boolean {
  const [start, weeklyLength] = weeklySpan(weekly);
  const [dailyBegin, dailyLength] = dailySpan(daily);
  return Array.from({ length: 9 }, (_, day) => (day - 1) * DAY + dailyBegin).some(
    (begin) => begin < start + weeklyLength && start < begin + dailyLength,
  );
}

/** RDS takes no window below half an hour, ElastiCache none below an hour. */
const shortest = { databases: 30, caches: 60 } as const;

const weeklyExamples = ["Sun:04:30-05:30", "Sun:07:30-08:30", "Sun:12:00-13:00"] as const;

const dailyExamples = { backup: "03:00-04:00", snapshots: "02:00-03:00" } as const;

export const windows: Check = (settings, context, found) => {
  const hold = (
    part: keyof typeof shortest,
    key: string,
    daily: keyof typeof dailyExamples,
    often: string,
    rarely: string,
  ): void => {
    const oftenPath = [part, key, daily, "window"];
    const rarelyPath = [part, key, "maintenanceWindow"];
    const least = shortest[part];
    const tooShort = (path: Path, window: string, example: string): void =>
      found.problem(path, `${window} is shorter than ${least} minutes`, "a longer window", set(context, path, example));
    if (dailySpan(often)[1] < least) {
      tooShort(oftenPath, often, dailyExamples[daily]);
    } else if (weeklySpan(rarely)[1] < least) {
      tooShort(
        rarelyPath,
        rarely,
        weeklyExamples.find((example) => !windowsOverlap(example, often)) ?? weeklyExamples[0],
      );
    } else if (windowsOverlap(rarely, often)) {
      const free = weeklyExamples.find((example) => !windowsOverlap(example, often));
      found.problem(
        rarelyPath,
        `${rarely} overlaps the ${daily === "backup" ? "backup" : "snapshot"} window ${often}`,
        "windows that do not overlap",
        free === undefined ? set(context, oftenPath, dailyExamples[daily]) : set(context, rarelyPath, free),
      );
    }
  };
  for (const [key, database] of Object.entries(settings.databases)) {
    if ("backup" in database) hold("databases", key, "backup", database.backup.window, database.maintenanceWindow);
  }
  for (const [key, cache] of Object.entries(settings.caches)) {
    if ("snapshots" in cache) hold("caches", key, "snapshots", cache.snapshots.window, cache.maintenanceWindow);
  }
};
