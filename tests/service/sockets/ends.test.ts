import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { KeyHashes } from "../../../service/src/auth/api-key.js";
import { Authenticator } from "../../../service/src/auth/authenticate.js";
import type { Principal } from "../../../service/src/auth/principal.js";
import { type Database, DatabaseAway } from "../../../service/src/storage/database.js";
import { openInMemory } from "../../../service/src/storage/embedded.js";
import {
  type Closed,
  keyFor,
  open,
  type Peer,
  peerOf,
  type SocketsOptions,
  startSockets,
  type TestSockets,
} from "../support/sockets-services.js";

const keys = new KeyHashes(undefined);
const UNREADABLE = "10 frames in a row could not be read";

/** A client that only sends what it is told to: no pong, no close frame. */
async function rawSocket(
  port: number,
  key: string,
): Promise<{ readonly socket: Socket; readonly closed: Promise<void> }> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: a\r\nX-API-Key: ${key}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  await once(socket, "data");
  socket.resume();
  return { socket, closed };
}

describe("a socket ends", () => {
  let database: Database;
  let key: string;
  before(async () => {
    database = await openInMemory();
    key = (await keyFor(database)).whole;
  });
  after(() => database.close());

  const withService = async (options: SocketsOptions, work: (service: TestSockets) => Promise<void>): Promise<void> => {
    const service = await startSockets(database, options);
    try {
      await work(service);
    } finally {
      await service.stop();
    }
  };
  const ends = (options: SocketsOptions, act: (peer: Peer) => void, expected: Closed) =>
    withService(options, async (service) => {
      const peer = await open(service, { key });
      act(peer);
      assert.deepEqual(await peer.closed, expected);
      await service.said("socket closed", { code: expected.code });
      assert.equal(await service.metric("websocket_connections"), "0");
    });

  it("with 1003 for bytes", () =>
    ends({}, (peer) => peer.send(Buffer.from("{}")), { code: 1003, reason: "frames are JSON as text" }));

  it("with 1007 for text that is not UTF-8", () =>
    ends({}, (peer) => peer.socket.send(Buffer.from([0xff]), { binary: false }), { code: 1007, reason: "" }));

  it("with 1008 for frame after frame that can't be read", () =>
    ends({}, (peer) => Array.from({ length: 10 }, () => peer.send("{")), { code: 1008, reason: UNREADABLE }));

  it("not for bad frames with good ones between", () =>
    withService({}, async (service) => {
      const peer = await open(service, { key });
      for (let round = 0; round < 3; round += 1) {
        for (let bad = 0; bad < 9; bad += 1) assert.equal((await peer.ask("{")).error.code, "malformed");
        assert.equal((await peer.ask({ id: 1, method: "ping" })).result.pong, true);
      }
    }));

  it("with 4429 for a flood of frames, and of pings", async () => {
    const flood = { code: 4429, reason: "more than 20 frames a second" };
    const frame = JSON.stringify({ id: 1, method: "ping" });
    await ends({}, (peer) => Array.from({ length: 3000 }, () => peer.send(frame)), flood);
    await ends({}, (peer) => Array.from({ length: 3000 }, () => peer.socket.ping()), flood);
  });

  it("with 4408 when it has gone silent", () =>
    withService({ settings: { beatMs: 10 } }, async (service) => {
      const peer = await open(service, { key, autoPong: false });
      assert.deepEqual(await peer.closed, { code: 4408, reason: "no frame and no pong after 2 pings" });
    }));

  it("not while it answers pings, without a single frame", () =>
    withService({ settings: { beatMs: 5 } }, async (service) => {
      const peer = peerOf(service, { key });
      await once(peer.socket, "open");
      for (let pings = 0; pings < 50; pings += 1)
        await Promise.race([
          once(peer.socket, "ping"),
          peer.closed.then(({ code }) => assert.fail(`closed with ${code} after ${pings} pings`)),
        ]);
      assert.equal((await peer.ask({ id: 1, method: "ping" })).result.pong, true);
    }));

  /** Stands for a token that ends in so many milliseconds. */
  class Ending extends Authenticator {
    constructor(private readonly left: number) {
      super(database, keys, undefined, undefined);
    }
    override async authenticate(): Promise<Principal> {
      const expiresAt = new Date(Date.now() + this.left);
      return { tenant: "default", id: "jwt:somebody", role: "viewer", scopes: ["*"], expiresAt };
    }
  }

  it("with 4401 when its credential does", async () => {
    for (const left of [-1, 50])
      await withService({ parts: { authenticator: new Ending(left) } }, async (service) => {
        const closed = await peerOf(service, { key }).closed;
        assert.deepEqual(closed, { code: 4401, reason: "the credential has expired" });
      });
  });

  it("not for a credential that ends later than any timer", () =>
    withService({ parts: { authenticator: new Ending(60 * 86_400_000) } }, async (service) => {
      await open(service, { key });
    }));

  it("with 4401 when its key is revoked, and no other does", () =>
    withService({ settings: { recheckMs: 10 } }, async (service) => {
      const revoked = await keyFor(database);
      const other = await open(service, { key });
      const peer = await open(service, { key: revoked.whole });
      await database.query("update api_keys set revoked_at = now() where id = $1", [revoked.id]);
      service.services.authenticator.forget(revoked.id);
      const reason = "the credential was revoked or has expired";
      assert.deepEqual(await peer.closed, { code: 4401, reason });
      assert.equal((await other.ask({ id: 1, method: "ping" })).result.pong, true);
    }));

  it("not while the database is away and its key can't be looked up", async () => {
    class Blind extends Authenticator {
      override async holds(): Promise<boolean> {
        throw new DatabaseAway(new Error("ECONNREFUSED"));
      }
    }
    const authenticator = new Blind(database, keys, undefined, undefined);
    await withService({ settings: { recheckMs: 10 }, parts: { authenticator } }, async (service) => {
      const peer = await open(service, { key });
      await service.said("the callers of sockets could not be checked");
      assert.equal((await peer.ask({ id: 1, method: "ping" })).result.pong, true);
    });
  });

  it("with 1013 when nobody reads what it is sent", () =>
    withService({ settings: { frameBurst: 1e9, bufferedBytes: 64 * 1024, closeMs: 100 } }, async (service) => {
      const peer = await open(service, { key, headers: { "X-Request-Id": "slow" } });
      peer.socket.pause();
      const frame = JSON.stringify({ id: "x".repeat(128), method: "y".repeat(64) });
      const closed = service.said("socket closed", { requestId: "slow" });
      let ended = false;
      void closed.then(() => {
        ended = true;
      });
      while (!ended) {
        for (let sent = 0; sent < 500; sent += 1) peer.send(frame);
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal((await closed)["code"], 1013);
      peer.socket.terminate();
    }));

  it("with no code when its client vanishes, and is not counted any more", () =>
    withService({}, async (service) => {
      const peers = await Promise.all(Array.from({ length: 20 }, () => open(service, { key })));
      assert.equal(await service.metric("websocket_connections"), "20");
      const names = peers.map(async (peer) => {
        peer.socket.terminate();
        await peer.closed;
      });
      await Promise.all(names);
      while ((await service.metric("websocket_connections")) !== "0")
        await new Promise((resolve) => setImmediate(resolve));
      assert.equal(await service.metric('websocket_closes_total{code="1006"}'), "20");
    }));

  it("with 1002 for bytes that are no frames at all", () =>
    withService({}, async (service) => {
      const { socket, closed } = await rawSocket(service.port, key);
      socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
      await service.said("socket closed", { code: 1002 });
      await closed;
    }));

  describe("with the service", () => {
    it("1012 for each", async () => {
      const service = await startSockets(database);
      const peers = await Promise.all(Array.from({ length: 20 }, () => open(service, { key })));
      await service.sockets.close();
      assert.equal(await service.metric("websocket_connections"), "0");
      for (const peer of peers) assert.deepEqual(await peer.closed, { code: 1012, reason: "service restart" });
      assert.equal(await service.metric('websocket_closes_total{code="1012"}'), "20");
      await service.stop();
    });

    it("one that does not answer the close frame is cut off", async () => {
      const service = await startSockets(database, { settings: { closeMs: 20 } });
      const { closed } = await rawSocket(service.port, key);
      await service.sockets.close();
      await service.said("socket closed", { code: 1012 });
      await closed;
      await service.stop();
    });

    it("1013 for one that was let in while the service ended, and 503 for the next", async () => {
      let letIn = () => {};
      const asked = new Promise<void>((resolve) => {
        letIn = resolve;
      });
      let go = () => {};
      const gate = new Promise<void>((resolve) => {
        go = resolve;
      });
      class Slow extends Ending {
        override async authenticate(): Promise<Principal> {
          letIn();
          await gate;
          return super.authenticate();
        }
      }
      const service = await startSockets(database, { parts: { authenticator: new Slow(1e6) } });
      const late = peerOf(service, { key });
      await asked;
      await service.sockets.close();
      go();
      assert.deepEqual(await late.closed, { code: 1013, reason: "the service is shutting down" });
      const next = peerOf(service, { key });
      const [, response] = await once(next.socket, "unexpected-response");
      assert.equal(response.statusCode, 503);
      next.socket.terminate();
      await service.stop();
    });
  });
});
