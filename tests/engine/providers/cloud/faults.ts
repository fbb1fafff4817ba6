import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type FaultName = "quota" | "throttle" | "afterCreate" | "crash" | "hang";

export interface Fault {
  readonly op: "create" | "update" | "delete" | "read";
  readonly type: string;
  /** The logical name; any where absent. */
  readonly name?: string;
  readonly fault: FaultName;
  /** How often; for ever where absent. */
  readonly times?: number;
}

const folder = (directory: string): string => join(directory, "faults");

let injected = 0;

/** A file a time: whoever can remove it has that turn, among all processes. */
export function inject(directory: string, fault: Fault): void {
  mkdirSync(folder(directory), { recursive: true });
  for (let turn = 0; turn < (fault.times ?? 1); turn++) {
    const order = String(injected++).padStart(6, "0");
    const file = join(folder(directory), `${order}-${randomBytes(4).toString("hex")}`);
    writeFileSync(file, JSON.stringify(fault));
    renameSync(file, `${file}.json`);
  }
}

type Asked = Pick<Fault, "op" | "type" | "fault"> & { readonly name: string };

/** Whether the operation is to fail in this way now; then the turn is used up. */
export function takeTurn(directory: string, asked: Asked): boolean {
  const files = readdirSync(folder(directory)).filter((file) => file.endsWith(".json"));
  return files.sort().some((file) => {
    const path = join(folder(directory), file);
    try {
      const fault = JSON.parse(readFileSync(path, "utf8")) as Fault;
      if (!concerns(fault, asked)) return false;
      if (fault.times !== undefined) unlinkSync(path);
      return true;
    } catch (error) {
      // Another process was faster.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw error;
    }
  });
}

const concerns = (fault: Fault, asked: Asked): boolean =>
  fault.op === asked.op &&
  fault.type === asked.type &&
  fault.fault === asked.fault &&
  (fault.name === undefined || fault.name === asked.name);
