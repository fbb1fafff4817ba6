import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { ServiceSettings } from "../../config/service-schema.js";
import { ignoredIn } from "./ignored.js";

export type Build = NonNullable<ServiceSettings["build"]>;

export interface BuildHashes {
  /** Of what is in the files, whoever checked them out: the same on every machine. */
  readonly content: string;
  /** Of their modes too, by which the builder decides whether to build again: a tag of it never moves. */
  readonly files: string;
}

/** Of all that an image is made of, as far as files and settings say it. */
export function hashBuild({ context, dockerfile = join(context, "Dockerfile"), target, args }: Build): BuildHashes {
  const content = createHash("sha256");
  const files = createHash("sha256");
  const add = (text: string | Uint8Array) => {
    for (const hash of [content, files]) hash.update(text);
  };
  add(JSON.stringify([target ?? null, Object.entries(args).sort(([one], [other]) => (one < other ? -1 : 1))]));
  add(readFileSync(dockerfile));
  for (const path of filesIn(context, dockerfile)) {
    const from = join(context, path);
    const status = lstatSync(from);
    const bytes = status.isSymbolicLink() ? Buffer.from(readlinkSync(from)) : readFileSync(from);
    add(`\n${JSON.stringify(path)} ${bytes.length}\n`);
    add(bytes);
    files.update(status.mode.toString(8));
  }
  return { content: short(content.digest("hex")), files: short(files.digest("hex")) };
}

const short = (hex: string): string => hex.slice(0, 16);

/** Files and links that the builder is sent, in an order that no file system decides. */
function filesIn(context: string, dockerfile: string): readonly string[] {
  const ignored = ignoredIn(context, dockerfile);
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(context, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!ignored.folder(path)) visit(path);
      } else if ((entry.isFile() || entry.isSymbolicLink()) && !ignored.file(path)) found.push(path);
    }
  };
  visit("");
  return found.sort();
}
