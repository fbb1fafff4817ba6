import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { NoSuchObject, ObjectAway, type ObjectStore } from "../../../service/src/objects/store.js";

/** A store to test a driver with, and what the driver itself does not tell. */
export interface StandIn {
  /** Its bucket's address, as `BUCKET_URL` has it. */
  readonly address: string;
  /** An address of the kind where nothing can be kept, and the word that says why. */
  readonly dead: { readonly address: string; readonly word: string };
  /** A bucket that the store does not have. */
  readonly missing: string;
  open(address: string): Promise<ObjectStore>;
  /** Every key that is there, of uploads that are not finished too. */
  keys(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

const MB = 1 << 20;
const text = { contentType: "text/plain" };
const of = (bytes: Uint8Array | string) => Readable.from([Buffer.from(bytes)]);

/** What every driver keeps, whatever is behind it. */
export function keepsObjects(
  name: string,
  make: () => Promise<StandIn>,
  buckets: "are made beforehand" | "are made when needed",
): void {
  describe(`objects in ${name}`, () => {
    let standIn: StandIn;
    let store: ObjectStore;
    before(async () => {
      standIn = await make();
      store = await standIn.open(standIn.address);
    });
    after(async () => {
      await store?.close();
      await standIn?.stop();
    });
    afterEach(async () => {
      for (const key of await standIn.keys()) await store.delete(key);
    });

    it("gives back what was put", async () => {
      const bytes = randomBytes(300_000);
      await store.put("acme/obj_1", of(bytes), { ...text, size: bytes.length });
      assert.deepEqual(await buffer(await store.get("acme/obj_1")), bytes);
      assert.deepEqual(await standIn.keys(), ["acme/obj_1"]);
      await store.check();
    });

    it("keeps nothing at all as well", async () => {
      await store.put("acme/empty", Readable.from([]), { ...text, size: 0 });
      assert.equal((await buffer(await store.get("acme/empty"))).length, 0);
    });

    it("replaces what has the key", async () => {
      for (const word of ["one", "three"]) await store.put("acme/obj_1", of(word), { ...text, size: word.length });
      assert.equal((await buffer(await store.get("acme/obj_1"))).toString(), "three");
    });

    it("deletes, and a second time is no error", async () => {
      await store.put("acme/obj_1", of("x"), { ...text, size: 1 });
      await store.delete("acme/obj_1");
      await store.delete("acme/obj_1");
      assert.deepEqual(await standIn.keys(), []);
    });

    it("says that there is no such object", async () => {
      const { message } = await failureOf(store.get("acme/absent"), NoSuchObject);
      assert.equal(message, "there is no object acme/absent");
    });

    it("puts everything below the address's path", async () => {
      const [bucket = "", options] = standIn.address.split("?");
      const below = await standIn.open(`${bucket}/team/files${options === undefined ? "" : `?${options}`}`);
      await below.put("acme/obj_1", of("x"), { ...text, size: 1 });
      assert.deepEqual(await standIn.keys(), ["team/files/acme/obj_1"]);
      assert.equal((await buffer(await below.get("acme/obj_1"))).toString(), "x");
      await below.check();
      await below.delete("acme/obj_1");
      assert.deepEqual(await standIn.keys(), []);
      await below.close();
    });

    it("streams 30 MB both ways without holding it", async () => {
      const memory = new Watermark();
      await memory.look();
      const sent = createHash("sha256");
      const source = Readable.from(
        (async function* () {
          for (let chunk = 0; chunk < 480; chunk += 1) {
            const bytes = randomBytes(MB / 16);
            sent.update(bytes);
            if (chunk % 120 === 119) await memory.look();
            yield bytes;
          }
        })(),
        { objectMode: false },
      );
      await store.put("acme/large", source, { contentType: "application/octet-stream", size: 30 * MB });
      const received = createHash("sha256");
      let length = 0;
      for await (const chunk of await store.get("acme/large")) {
        received.update(chunk);
        if (Math.floor((length + chunk.length) / (8 * MB)) > Math.floor(length / (8 * MB))) await memory.look();
        length += chunk.length;
      }
      assert.equal(length, 30 * MB);
      assert.equal(received.digest("hex"), sent.digest("hex"));
      assert.ok(memory.highest < 4 * MB, `held ${memory.highest} bytes at a time`);
    });

    const cuts: Readonly<Record<string, (source: PassThrough, controller: AbortController) => unknown>> = {
      "the signal fires": (_source, controller) => {
        const reason = new Error("the deadline");
        controller.abort(reason);
        return reason;
      },
      "the source fails": (source) => {
        const reason = new Error("the caller hung up");
        source.destroy(reason);
        return reason;
      },
      "the source is closed": (source) => {
        source.destroy();
        return new Error(`the upload ended after ${MB} of ${2 * MB} bytes`);
      },
      "the source is too short": (source) => {
        source.end();
        return new Error(`the upload ended after ${MB} of ${2 * MB} bytes`);
      },
      "the source is too long": (source) => {
        source.end(Buffer.alloc(MB + 1));
        return new Error(`the upload is longer than the ${2 * MB} bytes announced`);
      },
    };
    for (const [when, cut] of Object.entries(cuts))
      it(`leaves nothing when ${when}`, async () => {
        const before = connections();
        for (let round = 0; round < 10; round += 1) {
          const source = new PassThrough({ highWaterMark: 4 * MB });
          const controller = new AbortController();
          const put = store.put(`acme/cut_${round}`, source, { ...text, size: 2 * MB, signal: controller.signal });
          source.on("error", () => {});
          source.write(Buffer.alloc(MB));
          // The upload is under way once its bytes are taken.
          while (source.readableLength > 0) await sleep(5);
          const reason = cut(source, controller);
          await assert.rejects(put, reason instanceof Error ? { message: reason.message } : {});
        }
        await store.put("acme/whole", of("x"), { ...text, size: 1 });
        assert.deepEqual(await standIn.keys(), ["acme/whole"]);
        // A cut upload gives its connection back; a few idle ones may be kept for what comes.
        for (let wait = 0; wait < 100 && connections() > before + 3; wait += 1) await sleep(50);
        assert.ok(connections() <= before + 3, `${connections()} connections are open, ${before} were`);
      });

    it("does not begin what is over already", async () => {
      const gone = new PassThrough();
      gone.on("error", () => {}).destroy(new Error("the caller hung up"));
      await sleep(1);
      await assert.rejects(store.put("acme/obj_1", gone, { ...text, size: 1 }), { message: "the caller hung up" });
      const signal = AbortSignal.abort(new Error("the deadline"));
      await assert.rejects(store.put("acme/obj_1", of("x"), { ...text, size: 1, signal }), { message: "the deadline" });
      assert.deepEqual(await standIn.keys(), []);
    });

    it("ends a download when the signal fires", async () => {
      await store.put("acme/obj_1", of(Buffer.alloc(8 * MB)), { ...text, size: 8 * MB });
      const controller = new AbortController();
      const stream = await store.get("acme/obj_1", controller.signal);
      const read = buffer(stream);
      controller.abort(new Error("the deadline"));
      await assert.rejects(read);
      assert.equal(stream.destroyed, true);
    });

    it("ends a download that nobody reads", async () => {
      await store.put("acme/obj_1", of(Buffer.alloc(8 * MB)), { ...text, size: 8 * MB });
      const controller = new AbortController();
      const stream = await store.get("acme/obj_1", controller.signal);
      const closed = new Promise((resolve) => stream.once("close", resolve));
      controller.abort(new Error("the deadline"));
      await closed;
      await assert.rejects(store.get("acme/obj_1", controller.signal), { message: "the deadline" });
    });

    it("says that the store is away", async () => {
      const away = await standIn.open(standIn.dead.address);
      const source = of("x");
      for (const ask of [
        () => away.put("acme/obj_1", source, { ...text, size: 1 }),
        () => away.get("acme/obj_1"),
        () => away.delete("acme/obj_1"),
        () => away.check(),
      ])
        assert.equal(
          (await failureOf(ask(), ObjectAway)).message,
          `the object store can't be used: ${standIn.dead.word}`,
        );
      await away.close();
    });

    it(`knows that buckets ${buckets}`, async () => {
      const missing = await standIn.open(standIn.missing);
      const put = () => missing.put("acme/obj_1", of("x"), { ...text, size: 1 });
      for (const ask of [put, () => missing.check()])
        if (buckets === "are made when needed") await ask();
        else
          assert.match(
            (await failureOf(ask(), ObjectAway)).message,
            /^the object store can't be used: (NoSuchBucket|NotFound|HTTP-404|ContainerNotFound)$/,
          );
      await missing.close();
    });
  });
}

async function failureOf<E extends Error>(
  work: Promise<unknown>,
  kind: abstract new (...args: never[]) => E,
): Promise<E> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof kind) return failure;
  throw new assert.AssertionError({ message: `expected a ${kind.name}`, actual: failure });
}

const connections = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource.startsWith("TCP") && resource.endsWith("Wrap")).length;

/** The most bytes of buffers that were in use at a time, beyond those of the beginning. */
class Watermark {
  highest = 0;
  #first: number | undefined;

  async look(): Promise<void> {
    // What one round finds unused, the next one gives back.
    for (let round = 0; round < 2; round += 1) {
      collect();
      await setImmediate();
    }
    const now = process.memoryUsage().arrayBuffers;
    this.#first ??= now;
    this.highest = Math.max(this.highest, now - this.#first);
  }
}
