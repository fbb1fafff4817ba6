import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { endingWith } from "./ending.js";
import { sending } from "./sending.js";
import { NoSuchObject, ObjectAway, type ObjectStore, type Upload } from "./store.js";
import { partsOf, prefixOf } from "./urls.js";

/** What a store that has no regions expects in signatures. */
const REGION = "us-east-1";

/** Slow readers could hold all of the 50 connections that the SDK would make. Each call of ours holds one at most. */
const AGENT = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY };

/** S3, or a store that speaks its protocol. Credentials are the SDK's to find: a pod's identity, or AWS_* variables. */
export async function openS3(address: string): Promise<ObjectStore> {
  const { host, steps, region, endpoint } = partsOf(address);
  const client = new S3Client({
    ...(region === undefined ? {} : { region }),
    // Other stores have no host name for each bucket.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true, region: region ?? REGION }),
    // Checksums behind the body (aws-chunked) are S3's alone, other stores refuse them or keep them as bytes:
    // https://github.com/aws/aws-sdk-js-v3/issues/6810. The length and TLS guard what is sent.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // It warns on the console of each upload that fails. What failed is thrown, and logged by whoever catches it.
    logger: { trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    requestHandler: { connectionTimeout: 3000, socketTimeout: 30_000, httpAgent: AGENT, httpsAgent: AGENT },
  });
  await client.config.region().catch((cause: unknown) => {
    throw new Error("BUCKET_URL: the bucket's region is not known; add ?region=REGION, or set AWS_REGION", { cause });
  });
  return new S3Store(client, host, prefixOf(steps));
}

class S3Store implements ObjectStore {
  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
    private readonly prefix: string,
  ) {}

  async put(key: string, source: Readable, about: Upload): Promise<void> {
    await sending(source, about, (body, abortSignal) =>
      this.client.send(
        new PutObjectCommand({
          ...this.#at(key),
          Body: body,
          ContentLength: about.size,
          ContentType: about.contentType,
        }),
        { abortSignal },
      ),
    );
  }

  async get(key: string, signal?: AbortSignal): Promise<Readable> {
    try {
      const { Body } = await this.client.send(
        new GetObjectCommand(this.#at(key)),
        signal === undefined ? {} : { abortSignal: signal },
      );
      if (!(Body instanceof Readable)) throw new Error("the answer has no stream");
      return endingWith(signal, Body);
    } catch (error) {
      if (error instanceof NoSuchKey) throw new NoSuchObject(key);
      signal?.throwIfAborted();
      throw new ObjectAway(error);
    }
  }

  async delete(key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.#at(key))).catch(away);
  }

  async check(): Promise<void> {
    await this.client.send(new HeadBucketCommand({ Bucket: this.bucket })).catch(away);
  }

  async close(): Promise<void> {
    this.client.destroy();
  }

  #at(key: string) {
    return { Bucket: this.bucket, Key: this.prefix + key };
  }
}

const away = (error: unknown): never => {
  throw new ObjectAway(error);
};
