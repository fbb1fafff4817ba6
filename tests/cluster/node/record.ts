import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { mark } from "./addresses.js";
import { type Life, lives, pause } from "./life.js";
import type { Sysctls } from "./sysctls.js";

/**
 * What there is of a node on this machine, written down before it is made: whoever finds the record of one that was
 * interrupted can put everything back.
 */
export interface NodeRecord {
  readonly directory: string;
  /** With whom the node ends; nobody's stays until it is told to go. */
  readonly owner: Life | "nobody";
  readonly since: string;
  /** As the machine had them. */
  readonly sysctls: Sysctls;
  /** Holds the namespaces; is in the one outside the node. */
  readonly holder?: Life;
  /** The first process in the node. */
  readonly first?: Life;
  readonly parts: Readonly<Record<string, Life>>;
  /** Loopback ports of the machine; the first one leads to the API server. */
  readonly doors: readonly number[];
}

export const recordFile = `/run/${mark}.json`;

export function readRecord(): NodeRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile, "utf8")) as NodeRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whole or not at all, and only where there is none. */
export function beginRecord(record: NodeRecord): void {
  const unfinished = write(record);
  try {
    linkSync(unfinished, recordFile);
  } finally {
    rmSync(unfinished);
  }
}

export function addToRecord(news: Partial<NodeRecord>): void {
  const record = readRecord();
  if (record === undefined) throw new Error("the node was ended meanwhile");
  renameSync(write({ ...record, ...news }), recordFile);
}

export const removeRecord = (): void => rmSync(recordFile, { force: true });

function write(record: NodeRecord): string {
  const unfinished = `${recordFile}.${process.pid}`;
  writeFileSync(unfinished, JSON.stringify(record, undefined, 2), { mode: 0o600 });
  return unfinished;
}

/** Whether the node of a record is somebody's, or was left behind. */
export const isHeld = ({ owner, holder }: NodeRecord): boolean =>
  owner === "nobody" ? holder !== undefined && lives(holder) : lives(owner);

/**
 * One at a time, among all processes of the machine. A name that is no file is nobody's any more when its process
 * ends, however it ends.
 */
export async function alone<T>(work: () => Promise<T>): Promise<T> {
  const lock = createServer();
  const taken = () =>
    new Promise<boolean>((resolve, reject) => {
      lock.once("error", (error: NodeJS.ErrnoException) =>
        error.code === "EADDRINUSE" ? resolve(false) : reject(error),
      );
      lock.listen(`\0${mark}`, () => resolve(true));
    });
  while (!(await taken())) await pause(50);
  try {
    return await work();
  } finally {
    await new Promise((resolve) => lock.close(resolve));
  }
}
