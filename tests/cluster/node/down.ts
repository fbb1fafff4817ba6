import { rmSync } from "node:fs";
import { removeCgroups } from "./cgroups.js";
import { end, gone, type Life } from "./life.js";
import { alone, type NodeRecord, readRecord, removeRecord } from "./record.js";
import { putBack } from "./sysctls.js";

/**
 * Ends the node that is recorded, whoever began it and however far that got, and says whether there was one. Of an
 * owner: only that one's, which may have gone meanwhile.
 */
export const down = (owner?: Life): Promise<boolean> =>
  alone(async () => {
    const record = readRecord();
    if (record === undefined || (owner !== undefined && !isOf(record, owner))) return false;
    await putEverythingBack(record);
    return true;
  });

const isOf = ({ owner }: NodeRecord, { pid, born }: Life): boolean =>
  owner !== "nobody" && owner.pid === pid && owner.born === born;

/** The record goes last: what was interrupted here can be done again. */
export async function putEverythingBack({ holder, first, directory, sysctls }: NodeRecord): Promise<void> {
  if (holder !== undefined) await end(holder);
  // When it is gone, so is every process, mount, interface and rule of the node.
  if (first !== undefined) await gone(first);
  await removeCgroups();
  putBack(sysctls);
  rmSync(directory, { recursive: true, force: true });
  removeRecord();
}
