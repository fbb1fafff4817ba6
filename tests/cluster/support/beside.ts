import { execFile } from "node:child_process";
import { constants, setPriority } from "node:os";

export interface Said {
  readonly out: string;
  readonly problems: string;
  readonly failed: boolean;
}

/** Runs Node with these words, beside something that comes first: it gets what that leaves of the machine. */
export function beside(words: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, words, { maxBuffer: Number.POSITIVE_INFINITY }, (error, out, problems) =>
      resolve({ out, problems, failed: error !== null }),
    );
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  });
}
