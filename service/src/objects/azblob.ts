import { Readable } from "node:stream";
import { DefaultAzureCredential, type TokenCredential } from "@azure/identity";
import {
  ContainerClient,
  RestError,
  type StorageRetryOptions,
  type StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { endingWith } from "./ending.js";
import { sending } from "./sending.js";
import { NoSuchObject, ObjectAway, type ObjectStore, type Upload } from "./store.js";
import { partsOf, prefixOf } from "./urls.js";

/** Credentials are the SDK's to find: a pod's identity, AZURE_* variables, or `az login`. */
export async function openAzblob(
  address: string,
  credential: TokenCredential | StorageSharedKeyCredential = new DefaultAzureCredential(),
): Promise<ObjectStore> {
  const { host: account, steps, endpoint = `https://${account}.blob.core.windows.net` } = partsOf(address);
  const [container = "", ...prefix] = steps;
  const clientWith = (retryOptions: StorageRetryOptions) =>
    new ContainerClient(`${endpoint}/${container}`, credential, { retryOptions });
  return new AzblobStore(
    clientWith({ maxTries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 1000 }),
    // A stream can't be sent twice.
    clientWith({ maxTries: 1 }),
    prefixOf(prefix),
  );
}

class AzblobStore implements ObjectStore {
  constructor(
    private readonly container: ContainerClient,
    private readonly uploads: ContainerClient,
    private readonly prefix: string,
  ) {}

  async put(key: string, source: Readable, about: Upload): Promise<void> {
    const { contentType, size } = about;
    await sending(source, about, (body, abortSignal) =>
      this.uploads.getBlockBlobClient(this.prefix + key).upload(() => body, size, {
        abortSignal,
        blobHTTPHeaders: { blobContentType: contentType },
      }),
    );
  }

  async get(key: string, signal?: AbortSignal): Promise<Readable> {
    try {
      const blob = this.container.getBlobClient(this.prefix + key);
      const { readableStreamBody } = await blob.download(
        0,
        undefined,
        signal === undefined ? {} : { abortSignal: signal },
      );
      if (!(readableStreamBody instanceof Readable)) throw new Error("the answer has no stream");
      return endingWith(signal, readableStreamBody);
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof RestError && error.code === "BlobNotFound" ? new NoSuchObject(key) : new ObjectAway(error);
    }
  }

  async delete(key: string): Promise<void> {
    await this.container
      .getBlobClient(this.prefix + key)
      .deleteIfExists()
      .catch(away);
  }

  async check(): Promise<void> {
    await this.container.getProperties().catch(away);
  }

  async close(): Promise<void> {}
}

const away = (error: unknown): never => {
  throw new ObjectAway(error);
};
