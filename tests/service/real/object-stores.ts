import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { openAzblob } from "../../../service/src/objects/azblob.js";
import { openObjects } from "../../../service/src/objects/open.js";
import { freePorts } from "../../engine/cluster/process.js";
import { tool } from "../../tools/cache.js";
import type { StandIn } from "../support/object-store-contract.js";
import { setVariables } from "../support/variables.js";
import { runFolder } from "./run-folder.js";
import { startServer } from "./server-process.js";

/** Servers that speak as the clouds' stores do, on this machine. */
export const standIns = { s3, gs, azblob } as const;

const open = (BUCKET_URL: string) => openObjects({ BUCKET_URL, DATA_DIR: "/nowhere" });
const dead = async (address: (url: string) => string): Promise<StandIn["dead"]> => {
  const [port = 0] = await freePorts(1);
  return { address: address(`http://127.0.0.1:${port}`), word: "ECONNREFUSED" };
};

async function s3(): Promise<StandIn> {
  const server = await serve("moto", /Running on http/, (port) => ["-H", "127.0.0.1", "-p", port]);
  const restore = setVariables({ AWS_ACCESS_KEY_ID: "stand-in", AWS_SECRET_ACCESS_KEY: "stand-in" });
  const client = new S3Client({ region: "us-east-1", endpoint: server.url, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: "uploads" }));
  return {
    address: `s3://uploads?endpoint=${server.url}`,
    dead: await dead((url) => `s3://uploads?endpoint=${url}`),
    missing: `s3://missing?endpoint=${server.url}`,
    open,
    keys: async () => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: "uploads" }));
      return Contents.map(({ Key = "" }) => Key);
    },
    stop: async () => {
      restore();
      client.destroy();
      await server.stop();
    },
  };
}

async function gs(): Promise<StandIn> {
  const options = ["-scheme", "http", "-host", "127.0.0.1", "-backend", "memory"];
  const server = await serve("fake-gcs-server", /server started/, (port) => [...options, "-port", port]);
  const buckets = `${server.url}/storage/v1/b`;
  await fetch(buckets, { method: "POST", body: JSON.stringify({ name: "uploads" }) });
  return {
    address: `gs://uploads?endpoint=${server.url}`,
    dead: await dead((url) => `gs://uploads?endpoint=${url}`),
    missing: `gs://missing?endpoint=${server.url}`,
    open,
    keys: async () => {
      const answer = await fetch(`${buckets}/uploads/o`);
      const { items = [] } = (await answer.json()) as { readonly items?: readonly { readonly name: string }[] };
      return items.map(({ name }) => name);
    },
    stop: server.stop,
  };
}

async function azblob(): Promise<StandIn> {
  // It knows the versions of the protocol that were there before it, and not those that the SDK speaks since.
  const options = ["--inMemoryPersistence", "--silent", "--disableTelemetry", "--skipApiVersionCheck"];
  const server = await serve("azurite", /successfully listens/, (port) => [...options, "--blobPort", port]);
  // The account and key that are Azurite's own.
  const { accountName, credential } = BlobServiceClient.fromConnectionString("UseDevelopmentStorage=true");
  if (!(credential instanceof StorageSharedKeyCredential)) throw new Error("the SDK does not know Azurite's key");
  const endpoint = `${server.url}/${accountName}`;
  const container = new BlobServiceClient(endpoint, credential).getContainerClient("uploads");
  await container.create();
  return {
    address: `azblob://${accountName}/uploads?endpoint=${endpoint}`,
    dead: await dead((url) => `azblob://${accountName}/uploads?endpoint=${url}/${accountName}`),
    missing: `azblob://${accountName}/missing?endpoint=${endpoint}`,
    // Azurite takes tokens over TLS only, so it is entered with the key.
    open: (address) => openAzblob(address, credential),
    keys: async () => {
      const keys: string[] = [];
      for await (const { name } of container.listBlobsFlat({ includeUncommitedBlobs: true })) keys.push(name);
      return keys;
    },
    stop: server.stop,
  };
}

async function serve(
  name: "moto" | "fake-gcs-server" | "azurite",
  ready: RegExp,
  options: (port: string) => readonly string[],
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const [port = 0] = await freePorts(1);
  const log = join(mkdtempSync(join(runFolder(), `${name}-`)), "log");
  const running = await startServer({ program: tool(name), options: options(String(port)), log, ready });
  return { url: `http://127.0.0.1:${port}`, stop: () => running.end("SIGKILL") };
}
