import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { PGlite } from "@electric-sql/pglite";
import { createPgConfig } from "@electric-sql/pglite/node-postgres";
import { vector } from "@electric-sql/pglite-pgvector";
import pg from "pg";
import { createTable, migrate } from "./migrate.js";
import { listMigrations } from "./migrations.js";

/**
 * The embedded database's data directory with the vector extension and every migration in it, packed: making one takes
 * seconds, unpacking it a fraction of one. The image brings it, elsewhere it is made once and kept.
 */

export const extensions = { vector };

const inPackage = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** First where the build puts it, last where it is kept when it had to be made. */
const places: readonly string[] = [inPackage("dist"), inPackage("node_modules/.cache/agent-service")];

const archive = /^embedded-data-[0-9a-f]{16}\.tgz$/;

/** A name of its own for every version of PGlite and every change of a migration, so that a stale one is never found. */
export function readyDataName(): string {
  const { dependencies }: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(inPackage("package.json"), "utf8"),
  );
  const hash = createHash("sha256");
  for (const name of ["@electric-sql/pglite", "@electric-sql/pglite-pgvector"])
    hash.update(`${name}@${dependencies[name]}\n`);
  hash.update(`${createTable}\n`);
  for (const { name, sql } of listMigrations()) hash.update(`${name}\n${sql}\n`);
  return `embedded-data-${hash.digest("hex").slice(0, 16)}.tgz`;
}

/** The unpacked archive, for PGlite's `loadDataDir`: from the first folder that has a whole one, else `make`'s, kept in the last. */
export async function readyDataDirectory(
  folders: readonly string[] = places,
  make: () => Promise<Uint8Array<ArrayBuffer>> = initialise,
): Promise<Blob> {
  const name = readyDataName();
  for (const folder of folders) {
    const tar = unpack(join(folder, name));
    if (tar !== undefined) return new Blob([tar]);
  }
  const tar = await make();
  const [last] = folders.slice(-1);
  if (last !== undefined) keep(last, name, tar);
  return new Blob([tar]);
}

/** For the build of the image: puts the archive into a folder, and gives its path. */
export async function packReadyData(folder: string = inPackage("dist")): Promise<string> {
  const tar = new Uint8Array(await (await readyDataDirectory()).arrayBuffer());
  const name = readyDataName();
  write(folder, name, tar);
  return join(folder, name);
}

/** `undefined` where there is none, or a torn one: gzip ends with a checksum and a length. */
function unpack(path: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(gunzipSync(readFileSync(path)));
  } catch {
    return undefined;
  }
}

async function initialise(): Promise<Uint8Array<ArrayBuffer>> {
  const pglite = await PGlite.create({ extensions });
  try {
    const client = new pg.Client(createPgConfig(pglite));
    await client.connect();
    await migrate(client, () => undefined);
    await client.query("checkpoint");
    await client.end();
    return new Uint8Array(await (await pglite.dumpDataDir("none")).arrayBuffer());
  } finally {
    await pglite.close();
  }
}

/** Where nothing can be written, the next start makes it again. */
function keep(folder: string, name: string, tar: Uint8Array): void {
  try {
    write(folder, name, tar);
  } catch {}
}

/** Under its name only when it is whole: several processes may make one at the same time. Goes in place of earlier versions' ones. */
function write(folder: string, name: string, tar: Uint8Array): void {
  mkdirSync(folder, { recursive: true });
  const torn = join(folder, `${name}.${process.pid}.${randomBytes(4).toString("hex")}`);
  try {
    writeFileSync(torn, gzipSync(tar));
    renameSync(torn, join(folder, name));
    for (const other of readdirSync(folder).filter((file) => archive.test(file) && file !== name))
      rmSync(join(folder, other), { force: true });
  } finally {
    rmSync(torn, { force: true });
  }
}
