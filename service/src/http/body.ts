import type { Request, Response } from "express";
import express from "express";
import { Problem, type ProblemCode } from "./problem.js";

/** Nothing of ours is nested deeper; what is, would overflow whoever walks it. */
const MAX_DEPTH = 64;

/** Reads a JSON body as bytes first, so that broken UTF-8 and depth are refused instead of repaired or run into. */
export function jsonReader(limit: number): (request: Request, response: Response) => Promise<unknown> {
  const bytes = express.raw({ limit, type: () => true, inflate: true });
  return async (request, response) => {
    if (!hasBody(request)) return undefined;
    const type = request.headers["content-type"] ?? "";
    if (!/^application\/([a-z0-9.+-]+\+)?json *(;|$)/i.test(type))
      throw new Problem("unsupported_media_type", `Content-Type is '${type}'; expected application/json`);
    const charset = /charset="?([^";]+)/i.exec(type)?.[1]?.trim().toLowerCase() ?? "utf-8";
    if (charset !== "utf-8" && charset !== "utf8")
      throw new Problem("unsupported_media_type", `charset is '${charset}'; expected utf-8`);
    if (isPlain(request)) return parseJson(await readPlain(request, limit), "the body");
    await new Promise<void>((resolve, reject) => {
      bytes(request, response, (error?: unknown) =>
        error === undefined ? resolve() : reject(refusalOf(error, limit)),
      );
    });
    return parseJson(request.body as Buffer, "the body");
  };
}

/** Most bodies: as they are, of a length that is known. What body-parser asks of others need not be asked of them. */
const isPlain = ({ headers }: Request): boolean =>
  headers["transfer-encoding"] === undefined && (headers["content-encoding"] ?? "identity") === "identity";

function readPlain(request: Request, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers["content-length"]) > limit) {
      reject(refusalOf({ type: "entity.too.large" }, limit));
      return;
    }
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () =>
      resolve(pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)),
    );
    request.on("error", () => reject(refusalOf({ type: "request.aborted" }, limit)));
  });
}

export const hasBody = ({ headers }: Pick<Request, "headers">): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

/** `what` is its name in the sentence that refuses it. */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Problem("malformed", `${what} is not UTF-8`);
  }
  if (deeperThan(MAX_DEPTH, text)) throw new Problem("malformed", `${what} is nested deeper than ${MAX_DEPTH} levels`);
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes a piece of the text: a secret may be in it.
    const position = /position \d+/.exec((error as Error).message)?.[0];
    throw new Problem("malformed", `${what} is not JSON${position === undefined ? "" : `: it breaks at ${position}`}`);
  }
}

function deeperThan(most: number, text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (quoted) {
      if (letter === "\\") at += 1;
      else if (letter === '"') quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === "{" || letter === "[") {
      depth += 1;
      if (depth > most) return true;
    } else if (letter === "}" || letter === "]") depth -= 1;
  }
  return false;
}

/** What body-parser calls its errors: https://github.com/expressjs/body-parser#errors */
const refusals: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  "entity.too.large": ["too_large", "the body is larger than"],
  "encoding.unsupported": ["unsupported_media_type", "Content-Encoding is not one of gzip, deflate, br, identity"],
  "request.size.invalid": ["malformed", "the body's length is not what Content-Length says"],
  "request.aborted": ["malformed", "the body ended before its time"],
};

function refusalOf(error: unknown, limit: number): Problem {
  const type = (error as { readonly type?: string }).type ?? "";
  const [code, detail] = refusals[type] ?? ["malformed", "the body can't be read"];
  return new Problem(code, type === "entity.too.large" ? `${detail} ${limit} bytes` : detail, { cause: error });
}
