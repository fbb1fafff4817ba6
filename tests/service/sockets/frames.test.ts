import assert from "node:assert/strict";
import { Modes } from "../../../service/src/modes.js";
import { closeCodeOf, fitReason } from "../../../service/src/sockets/codes.js";
import { TokenBucket } from "../../../service/src/sockets/token-bucket.js";
import type { Database } from "../../../service/src/storage/database.js";
import { openInMemory } from "../../../service/src/storage/embedded.js";
import { keyFor, open, type Peer, peerOf, startSockets, type TestSockets } from "../support/sockets-services.js";

const ID = "expected a text of 1 to 128 characters, or a whole number";
const NO_OBJECT = "expected an object {id, method, params}";
const HALF = "has half a surrogate pair";
const LINE = "has a control character";

describe("a socket's frames", () => {
  let database: Database;
  let service: TestSockets;
  let peer: Peer;
  before(async () => {
    database = await openInMemory();
    service = await startSockets(database, { settings: { frameBurst: 1_000_000 } });
    peer = await open(service, {
      key: (await keyFor(database)).whole,
      headers: { "X-Request-Id": "the-socket" },
    });
  });
  after(async () => {
    await service.stop();
    await database.close();
  });

  it("answer a ping with the time, under its id", async () => {
    for (const id of ["a", "a-long-id ".repeat(12), 0, -1, 2 ** 53 - 1]) {
      const { result, ...rest } = await peer.ask({ id, method: "ping", params: {} });
      assert.deepEqual(rest, { id });
      assert.deepEqual(Object.keys(result), ["pong", "at"]);
      assert.equal(result.pong, true);
      assert.ok(Math.abs(Date.parse(result.at) - Date.now()) < 60_000);
    }
  });

  it("need no params", async () => {
    assert.equal((await peer.ask({ id: 1, method: "ping" })).result.pong, true);
  });

  it("name a method that there is", async () => {
    for (const method of ["run.start", "constructor", "__proto__", "toString", "PING", " ping"]) {
      const answer = await peer.ask({ id: 7, method });
      const message = `there is no method '${method}'; there is ping`;
      assert.deepEqual(answer, { id: 7, error: { code: "not_found", message, errors: [], requestId: "the-socket" } });
    }
  });

  it("have the params of their method", async () => {
    const { id, error } = await peer.ask({ id: 8, method: "ping", params: { x: 1, "a/b~": 2 } });
    assert.deepEqual([id, error.code], [8, "invalid"]);
    assert.equal(error.message, "/params/x: is not known here (and 1 more)");
    assert.deepEqual(error.errors, [
      { pointer: "/params/x", message: "is not known here" },
      { pointer: "/params/a~1b~0", message: "is not known here" },
    ]);
  });

  it("that can't be read are answered with every fault", async () => {
    const table: readonly (readonly [frame: unknown, code: string, errors: readonly (readonly [string, string])[]])[] =
      [
        ["null", "invalid", [["", NO_OBJECT]]],
        ["[]", "invalid", [["", NO_OBJECT]]],
        ["1", "invalid", [["", NO_OBJECT]]],
        [
          {},
          "invalid",
          [
            ["/id", ID],
            ["/method", "Invalid input: expected string, received undefined"],
          ],
        ],
        [{ id: null, method: "ping" }, "invalid", [["/id", ID]]],
        [{ id: 1.5, method: "ping" }, "invalid", [["/id", ID]]],
        [{ id: {}, method: "ping" }, "invalid", [["/id", ID]]],
        [{ id: "", method: "ping" }, "invalid", [["/id", "is empty"]]],
        [{ id: "x".repeat(129), method: "ping" }, "invalid", [["/id", "is longer than 128 characters"]]],
        [{ id: "a\0b", method: "ping" }, "invalid", [["/id", LINE]]],
        ['{"id": "\\ud800", "method": "ping"}', "invalid", [["/id", HALF]]],
        [{ id: 1, method: "" }, "invalid", [["/method", "is empty"]]],
        [{ id: 1, method: "x".repeat(65) }, "invalid", [["/method", "is longer than 64 characters"]]],
        [{ id: 1, method: "ping\n" }, "invalid", [["/method", LINE]]],
        [{ id: 1, method: "ping", params: [] }, "invalid", [["/params", "expected an object"]]],
        [{ id: 1, method: "ping", params: null }, "invalid", [["/params", "expected an object"]]],
        [{ id: 1, method: "ping", token: "x" }, "invalid", [["/token", "is not known here"]]],
        ['{"id": 1, "method": "ping", "__proto__": {}}', "invalid", [["/__proto__", "is not known here"]]],
      ];
    for (const [frame, code, errors] of table) {
      const { id, error } = await peer.ask(frame);
      const expected = errors.map(([pointer, message]) => ({ pointer, message }));
      assert.deepEqual([id, error.code, error.errors], [null, code, expected], JSON.stringify(frame));
      // A frame that can be read: bad ones are counted in a row.
      await peer.ask({ id: 1, method: "ping" });
    }
  });

  it("that are no JSON, or nested too deep, say so and nothing of themselves", async () => {
    const table = [
      ["", "the frame is not JSON"],
      ['{"id": hunter2}', "the frame is not JSON"],
      ["[".repeat(200_000), "the frame is nested deeper than 64 levels"],
    ] as const;
    for (const [frame, message] of table) {
      const { id, error } = await peer.ask(frame);
      assert.deepEqual([id, error.code], [null, "malformed"]);
      assert.ok(error.message.startsWith(message), error.message);
      assert.ok(!JSON.stringify(error).includes("hunter2"));
      await peer.ask({ id: 1, method: "ping" });
    }
  });

  it("with thousands of faults get a short answer", async () => {
    const params = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`x${at}`, 1]));
    const { error } = await peer.ask({ id: 9, method: "ping", params });
    assert.equal(error.message, "/params/x0: is not known here (and 9999 more)");
    assert.equal(error.errors.length, 20);
  });

  it("may be 256 KiB, and end the socket with 1009 beyond that", async () => {
    const { whole } = await keyFor(database);
    const large = await open(service, { key: whole, headers: { "X-Request-Id": "large" } });
    const framed = (length: number) => {
      const frame = JSON.stringify({ id: 1, method: "ping", params: {} });
      return frame + " ".repeat(length - frame.length);
    };
    assert.equal((await large.ask(framed(256 * 1024))).result.pong, true);
    large.send(framed(256 * 1024 + 1));
    assert.equal((await large.closed).code, 1009);
    const { code } = await service.said("socket closed", { requestId: "large" });
    assert.equal(code, 1009);
  });

  it("are refused by name in maintenance, on sockets that were open before", async () => {
    const { modes } = service.services;
    await modes.switch({ read_only: undefined, maintenance: true }, "moving house", "key:test", database);
    await modes.read();
    const { id, error } = await peer.ask({ id: 3, method: "ping" });
    assert.deepEqual(
      [id, error.code, error.message, error.retryAfter],
      [3, "maintenance", "the service is in maintenance: moving house", 30],
    );
    await modes.switch({ read_only: undefined, maintenance: false }, "", "key:test", database);
    await modes.read();
    assert.equal((await peer.ask({ id: 4, method: "ping" })).result.pong, true);
  });

  it("that make the service fail are answered without what failed, and the log has it under the same id", async () => {
    let broken = false;
    class Breaking extends Modes {
      override admit(route: Parameters<Modes["admit"]>[0]): void {
        if (broken) throw new Error("hunter2 is broken");
        super.admit(route);
      }
    }
    const { env } = service.services;
    const failing = await startSockets(database, { parts: { modes: new Breaking(env, database) } });
    const { whole } = await keyFor(database);
    const victim = await open(failing, { key: whole, headers: { "X-Request-Id": "failed" } });
    broken = true;
    const message = "the service failed; its log has the details under this requestId";
    const error = { code: "internal", message, errors: [], requestId: "failed" };
    assert.deepEqual(await victim.ask({ id: 5, method: "ping" }), { id: 5, error });
    await failing.said("hunter2 is broken", { level: "error", requestId: "failed" });
    assert.deepEqual(await peerOf(failing, { key: whole }).closed, { code: 1011, reason: message });
    await failing.stop();
  });

  it("are counted", async () => {
    const [read, written] = await Promise.all(
      ["in", "out"].map((direction) => service.metric(`websocket_frames_total{direction="${direction}"}`)),
    );
    assert.ok(Number(read) >= 40 && Number(written) >= 40, `${read}, ${written}`);
  });
});

describe("a token bucket", () => {
  it("lets a burst through, then its rate, and never saves up more than a burst", () => {
    let now = 0;
    const bucket = new TokenBucket(3, 2, () => now);
    const taken = (times: number) => Array.from({ length: times }, () => bucket.take()).filter(Boolean).length;
    assert.equal(taken(10), 3);
    now += 499;
    assert.equal(taken(10), 0);
    now += 1;
    assert.equal(taken(10), 1);
    now += 1000;
    assert.equal(taken(10), 2);
    now += 3_600_000;
    assert.equal(taken(10), 3);
  });
});

describe("a close frame", () => {
  it("has the code of what the upgrade was refused for", () => {
    const table = [
      ["unauthenticated", 4401],
      ["forbidden", 4403],
      ["deadline", 4408],
      ["rate_limited", 4429],
      ["unavailable", 1013],
      ["maintenance", 1013],
      ["internal", 1011],
    ] as const;
    for (const [problem, code] of table) assert.equal(closeCodeOf(problem), code);
  });

  it("has a reason that fits, and no half letters", () => {
    assert.equal(fitReason("short"), "short");
    assert.equal(fitReason("x".repeat(200)), "x".repeat(123));
    assert.equal(fitReason("ü".repeat(100)), "ü".repeat(61));
    assert.equal(fitReason("😀".repeat(100)), "😀".repeat(30));
  });
});
