import { createHash, randomBytes } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Props } from "../serve.js";
import type { Remainder } from "./kind.js";

/** Something in the cloud, as its file has it. */
export interface Stored {
  readonly type: string;
  readonly id: string;
  /** No two of a type have the same; it makes the file's name. */
  readonly key: string;
  /** Empty for what is the same in every region. */
  readonly region: string;
  /** The logical name and the URN of whoever made it. */
  readonly name: string;
  readonly urn: string;
  readonly inputs: Props;
  readonly outputs: Props;
  /** By which others name it beside id and key. */
  readonly names?: readonly string[];
  /** Milliseconds: work that was begun ends, whoever waits for it. */
  readonly readyAt: number;
  readonly goneAt?: number;
  /** Being changed. */
  readonly busyUntil?: number;
  /** What is left of it when it is gone. */
  readonly stays?: Remainder;
  readonly planted?: true;
  /** There is something in it: objects, images, records. */
  readonly full?: true;
}

export type State = "creating" | "ready" | "deleting" | "left" | "gone";

export function stateOf({ readyAt, goneAt, stays }: Stored, now = Date.now()): State {
  if (goneAt === undefined) return now < readyAt ? "creating" : "ready";
  if (now < goneAt) return "deleting";
  return stays === undefined ? "gone" : "left";
}

export interface Operation {
  readonly package: string;
  readonly op: string;
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly id: string;
  readonly began: number;
  readonly ended: number;
  readonly error?: string;
}

/** File systems end at 255 bytes. */
function fileName(key: string): string {
  const name = encodeURIComponent(key);
  return name.length <= 200
    ? name
    : `${name.slice(0, 180)}-${createHash("sha256").update(key).digest("hex").slice(0, 16)}`;
}

/** A cloud on disk: a file an object, that several processes may use at the same time. */
export class Store {
  constructor(readonly directory: string) {
    for (const folder of ["objects", "faults", "new"]) mkdirSync(join(directory, folder), { recursive: true });
  }

  /** False where the name is taken. */
  claim(object: Stored): boolean {
    const file = this.file(object);
    const standing = this.load(file);
    // Whoever was to remove it was killed.
    if (standing !== undefined && stateOf(standing) === "gone") rmSync(file, { force: true });
    const draft = this.draft(object);
    try {
      linkSync(draft, file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    } finally {
      rmSync(draft);
    }
  }

  save(object: Stored): void {
    renameSync(this.draft(object), this.file(object));
  }

  drop(object: Stored): void {
    rmSync(this.file(object), { force: true });
  }

  /** With the name, whatever became of it. */
  standing(object: Stored): Stored | undefined {
    return this.load(this.file(object));
  }

  /** Of one type, or all; without what is gone. */
  objects(type?: string): readonly Stored[] {
    const folders = type === undefined ? readdirSync(this.folder("")) : [encodeURIComponent(type)];
    return folders.flatMap((folder) => {
      const path = this.folder(folder);
      const files = existsSync(path) ? readdirSync(path) : [];
      return files.flatMap((file) => this.load(join(path, file)) ?? []).filter((one) => stateOf(one) !== "gone");
    });
  }

  log(operation: Operation): void {
    appendFileSync(this.logFile, `${JSON.stringify(operation)}\n`);
  }

  operations(): readonly Operation[] {
    if (!existsSync(this.logFile)) return [];
    const lines = readFileSync(this.logFile, "utf8").split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Operation);
  }

  private get logFile(): string {
    return join(this.directory, "operations.jsonl");
  }

  private folder(name: string): string {
    return join(this.directory, "objects", name);
  }

  private file({ type, region, key }: Stored): string {
    return join(this.folder(encodeURIComponent(type)), `${fileName(`${region} ${key}`)}.json`);
  }

  private load(file: string): Stored | undefined {
    try {
      return JSON.parse(readFileSync(file, "utf8")) as Stored;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Written whole before it gets its name, so that nobody reads half of it. */
  private draft(object: Stored): string {
    mkdirSync(this.folder(encodeURIComponent(object.type)), { recursive: true });
    const draft = join(this.directory, "new", randomBytes(8).toString("hex"));
    writeFileSync(draft, JSON.stringify(object));
    return draft;
  }
}
