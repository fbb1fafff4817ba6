import { existsSync, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join, posix } from "node:path";

/** What an image has at a path, which is from its root on and without a slash before it. */
export type Entry = (
  | { readonly kind: "folder" }
  /** A file of this machine by its name, or the content itself. */
  | { readonly kind: "file"; readonly from: string | Buffer }
  | { readonly kind: "link"; readonly to: string }
) & { readonly path: string; readonly mode: number; readonly uid: number; readonly gid: number };

const roots = { uid: 0, gid: 0 } as const;

export const program = (path: string, from: string): Entry => ({ kind: "file", path, from, mode: 0o755, ...roots });

export const text = (path: string, content: string, mode = 0o644): Entry => ({
  kind: "file",
  path,
  from: Buffer.from(content),
  mode,
  ...roots,
});

export const link = (path: string, to: string): Entry => ({ kind: "link", path, to, mode: 0o777, ...roots });

export const folder = (path: string, mode = 0o755, owner = 0): Entry => ({
  kind: "folder",
  path,
  mode,
  uid: owner,
  gid: owner,
});

/**
 * A folder of this machine as (a part of) an image's file system: root's, with /bin and /lib merged into /usr. Of a
 * program that the tools' cache keeps behind a script, with the libraries that it has there, the program is taken.
 */
export function tree(source: string, keeps: (path: string) => boolean = () => true, into = ""): readonly Entry[] {
  return readdirSync(source, { withFileTypes: true }).flatMap((entry): readonly Entry[] => {
    const from = join(source, entry.name);
    const path = merged(posix.join(into, unwrapped(source, entry.name)));
    // Its content may be kept where its name alone would not say so.
    if (entry.isDirectory()) return tree(from, keeps, path);
    if (!keeps(path) || wraps(from)) return [];
    if (entry.isSymbolicLink()) return [link(path, readlinkSync(from))];
    return [{ kind: "file", path, from, mode: lstatSync(from).mode & 0o7777, ...roots }];
  });
}

const merged = (path: string): string => path.replace(/^(s?bin|lib(64)?)(?=\/|$)/, "usr/$1");

const wraps = (path: string): boolean => existsSync(`${path}.bin`);

/** `psql.bin` beside a script `psql` is the program. */
function unwrapped(source: string, name: string): string {
  const plain = name.replace(/\.bin$/, "");
  return plain !== "" && existsSync(join(source, plain)) ? plain : name;
}

/**
 * In the order in which an archive has them, each folder before what is in it; folders that nobody named are there too.
 * Of two of the same path the later one counts.
 */
export function inOrder(entries: readonly Entry[]): readonly Entry[] {
  const byPath = new Map<string, Entry>();
  for (const { path } of entries) for (const above of foldersOf(path)) byPath.set(above, folder(above));
  for (const entry of entries) byPath.set(entry.path, entry);
  return [...byPath.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

const foldersOf = (path: string): readonly string[] =>
  path
    .split("/")
    .slice(0, -1)
    .map((_, index, names) => names.slice(0, index + 1).join("/"));
