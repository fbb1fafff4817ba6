import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import dockerignore from "@balena/dockerignore";

/** What of a build's context Docker is not sent. Paths begin in the context and have no slash in front. */
export interface Ignored {
  file(path: string): boolean;
  /** Nothing in it is sent, so nobody need look. */
  folder(path: string): boolean;
}

/** By the Dockerfile's own list where it has one, else by the context's. */
export function ignoredIn(context: string, dockerfile: string): Ignored {
  const list = [`${dockerfile}.dockerignore`, join(context, ".dockerignore")].find((path) => existsSync(path));
  const lines = list === undefined ? [] : readFileSync(list, "utf8").split(/\r?\n/);
  // A list is for Linux, whatever the machine is.
  const rules = dockerignore.default({ ignorecase: false }).add([...lines]);
  const kept = lines.flatMap((line) => /^\s*!\s*\/?(.*\S)/.exec(line)?.[1] ?? []);
  return {
    file: (path) => rules.ignores(path),
    folder: (path) => rules.ignores(path) && !kept.some((pattern) => mayBeIn(path, pattern)),
  };
}

/** Whether something in the folder could match what is brought back; a pattern says so up to its first wildcard. */
function mayBeIn(folder: string, pattern: string): boolean {
  const [plain = ""] = pattern.split(/[*?[\\]/, 1);
  return plain.startsWith(`${folder}/`) || (plain !== pattern && `${folder}/`.startsWith(plain));
}
