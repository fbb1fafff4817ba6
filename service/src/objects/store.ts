import type { Readable } from "node:stream";
import { codeOf } from "../error-code.js";

/** Where the bytes of uploads are kept. Keys are the service's own: no name that a caller sends is ever part of one. */
export interface ObjectStore {
  /** All of it is there afterwards, or nothing. Rejects with the source's own error where that is what failed. */
  put(key: string, source: Readable, about: Upload): Promise<void>;
  /** Rejects with `NoSuchObject`. The signal ends the stream too. */
  get(key: string, signal?: AbortSignal): Promise<Readable>;
  /** What is not there is deleted already. */
  delete(key: string): Promise<void>;
  /** Rejects while the store can't be used. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface Upload {
  readonly contentType: string;
  /** Exactly: stores are told first how much will come, and so never take a part for the whole. */
  readonly size: number;
  readonly signal?: AbortSignal;
  /** Sees every piece on its way. */
  readonly inspect?: (chunk: Uint8Array) => void;
}

export class NoSuchObject extends Error {
  constructor(key: string) {
    super(`there is no object ${key}`);
  }
}

/** The store does not answer, or not as it should; the caller may try again. */
export class ObjectAway extends Error {
  /** The message is shown to strangers by /health/ready: a word for the reason, and never names of buckets or roles. */
  constructor(cause: unknown) {
    super(`the object store can't be used: ${wordFor(cause)}`, { cause });
  }
}

/** Codes such as ECONNREFUSED, AccessDenied, ContainerNotFound; SDKs put them into `code` or `name`. */
function wordFor(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  const code = codeOf(error);
  if (code !== undefined && /^[\w.-]{1,60}$/.test(code)) return code;
  return error.name === "Error" || error.name === "TypeError" ? wordFor(error.cause ?? "") : error.name;
}
