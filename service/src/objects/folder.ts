import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { codeOf } from "../error-code.js";
import { endingWith } from "./ending.js";
import { sending } from "./sending.js";
import { NoSuchObject, ObjectAway, type ObjectStore, type Upload } from "./store.js";

export const openFolder = (address: string): Promise<ObjectStore> =>
  Promise.resolve(new FolderStore(address.startsWith("file:") ? fileURLToPath(address) : resolve(address)));

/** No step begins with a dot: neither `..`, nor an upload that is not finished. */
const KEY = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/**
 * A folder of this machine, or a volume that several processes share. It is made when it is first needed. A process
 * that is killed in an upload leaves a file whose name begins with a dot: nothing reads it, and it may be deleted.
 */
class FolderStore implements ObjectStore {
  constructor(private readonly root: string) {}

  async put(key: string, source: Readable, about: Upload): Promise<void> {
    checkKey(key);
    await sending(source, about, async (body, signal) => {
      const path = await this.#place(key, true);
      // Nobody sees a part: the name is given when all of it is on the disk.
      const unfinished = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
      try {
        const file = await open(unfinished, "wx", 0o600);
        await pipeline(body, file.createWriteStream({ flush: true }), { signal });
        await rename(unfinished, path);
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
      await syncFolder(dirname(path));
    });
  }

  async get(key: string, signal?: AbortSignal): Promise<Readable> {
    checkKey(key);
    const path = await this.#place(key, false);
    // The last step is opened for what it is: a link there leads out of the folder just as well.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
      throw isAbsent(error) ? new NoSuchObject(key) : new ObjectAway(error);
    });
    return endingWith(signal, file.createReadStream());
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    const path = await this.#place(key, false);
    await rm(path, { force: true }).catch((error: unknown) => {
      throw new ObjectAway(error);
    });
  }

  async check(): Promise<void> {
    const probe = join(this.root, `.check.${randomUUID()}`);
    try {
      await mkdir(this.root, { recursive: true });
      await (await open(probe, "wx")).close();
      await rm(probe);
    } catch (error) {
      throw new ObjectAway(error);
    }
  }

  async close(): Promise<void> {}

  /** Where a key's bytes are; never outside of the folder, neither by the key's letters nor by a link on the way. */
  async #place(key: string, make: boolean): Promise<string> {
    const path = join(this.root, key);
    const folder = dirname(path);
    try {
      if (make) await mkdir(folder, { recursive: true });
      const [root, real] = await Promise.all([realpath(this.root), realpath(folder)]);
      if (real !== join(root, dirname(key))) throw new Error(`${folder} is a link that leads to ${real}`);
    } catch (error) {
      // Where the folder is not there, neither is what it would hold.
      if (make || !isAbsent(error)) throw new ObjectAway(error);
    }
    return path;
  }
}

function checkKey(key: string): void {
  if (!KEY.test(key)) throw new Error(`the key ${JSON.stringify(key)} is not one of this service`);
}

const isAbsent = (error: unknown): boolean => codeOf(error) === "ENOENT";

/** A new name is on the disk when its folder is. https://man7.org/linux/man-pages/man2/fsync.2.html */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
