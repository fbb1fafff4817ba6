import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, statSync, writeSync } from "node:fs";
import type { Entry } from "./entries.js";

const BLOCK = 512;
const PIECE = 1 << 20;
/** Of every file, so that the same files make the same archive; a zip cannot say a year before 1980. */
const MODIFIED = Date.UTC(2020, 0, 1) / 1000;

/** What was written, by its content's name. */
export interface Written {
  readonly digest: string;
  readonly size: number;
}

/** Writes a tar file of entries in the order given, as any program on any day would: the same entries, the same bytes. */
export function writeTar(path: string, entries: readonly Entry[]): Written {
  const out = openSync(path, "w");
  const hash = createHash("sha256");
  let size = 0;
  const put = (bytes: Buffer): void => {
    hash.update(bytes);
    size += bytes.length;
    for (let done = 0; done < bytes.length; ) done += writeSync(out, bytes, done);
  };
  try {
    for (const entry of entries) putEntry(entry, put);
    put(Buffer.alloc(2 * BLOCK));
  } finally {
    closeSync(out);
  }
  return { digest: `sha256:${hash.digest("hex")}`, size };
}

type Put = (bytes: Buffer) => void;

/** Its types in a tar file. */
const types = { file: "0", link: "2", folder: "5", more: "x" } as const;

function putEntry(entry: Entry, put: Put): void {
  const name = entry.kind === "folder" ? `${entry.path}/` : entry.path;
  const to = entry.kind === "link" ? entry.to : "";
  const long = { ...(isLong(name) ? { path: name } : {}), ...(isLong(to) ? { linkpath: to } : {}) };
  if (Object.keys(long).length > 0) putLong(long, put);
  const size = entry.kind === "file" ? lengthOf(entry.from) : 0;
  put(header({ ...entry, name, to, size, type: types[entry.kind] }));
  if (entry.kind !== "file") return;
  if (typeof entry.from === "string") putFile(entry.from, put);
  else put(entry.from);
  put(padding(size));
}

const lengthOf = (from: string | Buffer): number => (typeof from === "string" ? statSync(from).size : from.length);

function putFile(path: string, put: Put): void {
  const file = openSync(path, "r");
  const piece = Buffer.allocUnsafe(PIECE);
  try {
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) put(piece.subarray(0, read));
  } finally {
    closeSync(file);
  }
}

const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

const NAME = 100;
const isLong = (name: string): boolean => Buffer.byteLength(name) > NAME;

/** An entry before the one that it is about: names that a header has no room for. */
function putLong(names: Readonly<Record<string, string>>, put: Put): void {
  const content = Buffer.from(
    Object.entries(names)
      .map(([key, value]) => record(`${key}=${value}`))
      .join(""),
  );
  put(header({ name: "long", to: "", mode: 0o644, uid: 0, gid: 0, size: content.length, type: types.more }));
  put(content);
  put(padding(content.length));
}

/** Begins with its own length, the number's digits included. */
function record(text: string): string {
  const rest = Buffer.byteLength(` ${text}\n`);
  let length = rest;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return `${length} ${text}\n`;
}

interface Header {
  readonly name: string;
  readonly to: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly type: string;
}

function header({ name, to, mode, uid, gid, size, type }: Header): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, width: number) =>
    block.write(value.toString(8).padStart(width - 1, "0"), at, "latin1");
  block.write(isLong(name) ? "long" : name, 0);
  octal(mode, 100, 8);
  octal(uid, 108, 8);
  octal(gid, 116, 8);
  octal(size, 124, 12);
  octal(MODIFIED, 136, 12);
  block.write(type, 156);
  block.write(isLong(to) ? "long" : to, 157);
  block.write("ustar\0" + "00", 257, "latin1");
  // The sum is taken with spaces in its own place.
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}
