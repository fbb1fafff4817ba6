import type { Kind } from "./kind.js";
import { type Stored, stateOf } from "./store.js";

export const missing = ({ codes, noun }: Kind, value: string): Error =>
  new Error(`${codes.missing}: The ${noun} '${value}' does not exist`);

export const unready = ({ codes, noun }: Kind, value: string): Error =>
  new Error(`${codes.inUse}: The ${noun} '${value}' is not ready: it is still being created`);

export const quotaReached = ({ codes, noun }: Kind): Error =>
  new Error(`${codes.quota}: The maximum number of ${noun}s has been reached.`);

export const inUse = ({ codes, noun }: Kind, id: string, users: readonly string[]): Error =>
  new Error(`${codes.inUse}: The ${noun} '${id}' has dependencies and cannot be deleted: ${users.join(", ")}`);

export function taken({ codes, noun }: Kind, key: string, standing: Stored | undefined): Error {
  const scheduled = standing !== undefined && stateOf(standing) === "left";
  return new Error(
    scheduled
      ? `InvalidRequestException: You can't create the ${noun} '${key}' because one of this name is already scheduled for deletion`
      : `${codes.taken}: The ${noun} '${key}' already exists`,
  );
}
