import assert from "node:assert/strict";
import { connect } from "node:net";
import express from "express";
import { callerAddress } from "../../../service/src/auth/addresses.js";
import { Authenticator } from "../../../service/src/auth/authenticate.js";
import { type Database, DatabaseAway } from "../../../service/src/storage/database.js";
import { openInMemory } from "../../../service/src/storage/embedded.js";
import {
  keyFor,
  type Opening,
  open,
  peerOf,
  type SocketsOptions,
  startSockets,
  type TestSockets,
} from "../support/sockets-services.js";

const NO_CREDENTIAL = "no credential: send 'Authorization: Bearer <key>' or 'X-API-Key: <key>'";
const BAD_CREDENTIAL = "the credential is not valid, expired or revoked";
const FOREIGN = "the Origin header names none of ALLOWED_ORIGINS";

const HANDSHAKE = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

/** What a connection answers to these bytes, until it ends it. */
function talk(port: number, ...pieces: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let heard = "";
    socket.setEncoding("latin1");
    socket.on("data", (text) => {
      heard += text;
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(heard));
    for (const piece of pieces) socket.write(piece, "latin1");
  });
}

/** Status line and body of each answer; bodies here have no empty line. */
const statusOf = (answer: string): string => answer.slice(0, answer.indexOf("\r\n"));
const jsonOf = (answer: string) => JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));

describe("opening a socket", () => {
  let database: Database;
  let service: TestSockets;
  let key: string;
  before(async () => {
    database = await openInMemory();
    service = await startSockets(database, { env: { ALLOWED_ORIGINS: "https://app.example" } });
    key = (await keyFor(database)).whole;
  });
  after(async () => {
    await service.stop();
    await database.close();
  });

  /** For a test that needs another service over the same database. */
  const withService = async (options: SocketsOptions, work: (other: TestSockets) => Promise<void>): Promise<void> => {
    const other = await startSockets(database, options);
    try {
      await work(other);
    } finally {
      await other.stop();
    }
  };

  it("takes a key in either header", async () => {
    const opened: readonly Opening[] = [{ key }, { headers: { "X-API-Key": key } }];
    for (const opening of opened) await open(service, opening);
  });

  it("closes 4401 whatever is not a valid credential", async () => {
    const expired = await keyFor(database, { expiresAt: new Date(Date.now() - 1000) });
    const table: readonly (readonly [Opening, string])[] = [
      [{}, NO_CREDENTIAL],
      [{ key: "x" }, BAD_CREDENTIAL],
      [{ key: `${key}x` }, BAD_CREDENTIAL],
      [{ key: expired.whole }, BAD_CREDENTIAL],
      [{ headers: { Authorization: `Basic ${key}` } }, BAD_CREDENTIAL],
      [{ path: `/ws?key=${key}` }, NO_CREDENTIAL],
    ];
    for (const [opening, reason] of table)
      assert.deepEqual(await peerOf(service, opening).closed, { code: 4401, reason });
  });

  it("closes 4403 what the key's scopes leave out", async () => {
    const { whole } = await keyFor(database, { scopes: ["templates:read"] });
    const reason = "the key's scopes do not include 'sockets:read'";
    assert.deepEqual(await peerOf(service, { key: whole }).closed, { code: 4403, reason });
  });

  it("closes 4403 other people's pages", async () => {
    const own = `http://127.0.0.1:${service.port}`;
    const taken = [undefined, "https://app.example", own, own.replace("http:", "https:")];
    for (const origin of taken) await open(service, { key, ...(origin === undefined ? {} : { origin }) });
    const foreign = [
      "https://evil.example",
      "https://app.example.evil.example",
      "http://app.example",
      "https://app.example:8443",
      "HTTPS://APP.EXAMPLE",
      "null",
      "",
      `http://localhost:${service.port}`,
      `http://127.0.0.1:${service.port}@evil.example`,
      "https://app.example, https://evil.example",
    ];
    for (const origin of foreign) {
      const closed = await peerOf(service, { key, headers: { Origin: origin } }).closed;
      assert.deepEqual(closed, { code: 4403, reason: FOREIGN }, origin);
    }
  });

  it("takes every page where the origins are *", () =>
    withService({ env: { ALLOWED_ORIGINS: "*" } }, async (other) => {
      for (const origin of ["https://evil.example", "null"]) await open(other, { key, origin });
    }));

  it("does not use up a ticket for another's page", async () => {
    const answer = await fetch(`${service.url}/api/v1/ws-tickets`, { method: "POST", headers: { "X-API-Key": key } });
    const { ticket } = (await answer.json()) as { readonly ticket: string };
    const closed = await peerOf(service, { ticket, origin: "https://evil.example" }).closed;
    assert.equal(closed.code, 4403);
    await open(service, { ticket, origin: "https://app.example" });
  });

  it("speaks agents.v1, and refuses clients that speak others only", async () => {
    const table = [
      [[], ""],
      [["agents.v1"], "agents.v1"],
      [["graphql-ws", "agents.v1"], "agents.v1"],
    ] as const;
    for (const [protocols, spoken] of table) {
      const { socket } = await open(service, { key, protocols });
      assert.equal(socket.protocol, spoken);
    }
    const answer = await talk(
      service.port,
      `GET /ws HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine\r\n${UPGRADE}${HANDSHAKE}Sec-WebSocket-Protocol: graphql-ws\r\n\r\n`,
    );
    assert.equal(statusOf(answer), "HTTP/1.1 400 Bad Request");
    assert.match(answer, /\r\nContent-Type: application\/problem\+json\r\n/);
    const { code, detail, requestId } = jsonOf(answer);
    const sentence = "Sec-WebSocket-Protocol is 'graphql-ws'; expected agents.v1 among them";
    assert.deepEqual([code, detail, requestId], ["malformed", sentence, "mine"]);
  });

  it("answers broken handshakes as HTTP", async () => {
    const table = [
      [`GET /ws HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n`, "400 Bad Request"],
      [`GET /ws HTTP/1.1\r\nHost: a\r\n${UPGRADE}${HANDSHAKE.replace("13", "7")}\r\n`, "400 Bad Request"],
      [`POST /ws HTTP/1.1\r\nHost: a\r\n${UPGRADE}${HANDSHAKE}\r\n`, "405 Method Not Allowed"],
    ] as const;
    for (const [request, status] of table)
      assert.equal(statusOf(await talk(service.port, request)), `HTTP/1.1 ${status}`);
  });

  it("is at /ws and nowhere else: an upgrade there is answered like any call", async () => {
    const paths = ["/", "/ws/", "/ws2", "/WS", "/api/ws", "//ws", "/%77s"];
    for (const path of paths) {
      const request = `GET ${path}?token=secret HTTP/1.1\r\nHost: a\r\n${UPGRADE}${HANDSHAKE}\r\n`;
      const answer = await talk(service.port, request, "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      assert.equal(statusOf(answer), "HTTP/1.1 404 Not Found", path);
      assert.equal(answer.match(/HTTP\/1\.1 200 OK\r\n/g)?.length, 1, "and so is the next one on the connection");
    }
  });

  it("answers a call that offers another protocol as if it did not, body and all", async () => {
    const body = JSON.stringify({ name: "x", body: "y" });
    const { whole } = await keyFor(database, { role: "operator" });
    const head =
      `POST /api/v1/templates HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${whole}\r\n` +
      `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n` +
      "Content-Type: application/json\r\n";
    const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n5\r\n${body.slice(0, 5)}\r\n`;
    const rest = `${(body.length - 5).toString(16)}\r\n${body.slice(5)}\r\n0\r\n\r\n`;
    const last = "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    const made = await talk(service.port, chunked, rest, last);
    assert.equal(statusOf(made), "HTTP/1.1 201 Created");
    const sized = `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
    assert.equal(statusOf(await talk(service.port, sized, last)), "HTTP/1.1 409 Conflict");
  });

  it("closes 1013 while the service starts", () =>
    withService({ starting: true }, async (other) => {
      const reason = "the service is starting: it waits for the database";
      assert.deepEqual(await peerOf(other, { key }).closed, { code: 1013, reason });
    }));

  it("closes 1013 while the database is away, and 4408 while it hangs", async () => {
    const broken = (query: Database["query"]): SocketsOptions => {
      const down: Database = { ...database, query };
      const services = service.services;
      return {
        settings: { handshakeMs: 20 },
        parts: { database: down, authenticator: new Authenticator(down, services.keys, undefined, undefined) },
      };
    };
    const away = broken(() => Promise.reject(new DatabaseAway(new Error("ECONNREFUSED"))));
    const hanging = broken(() => new Promise(() => {}));
    const ticket = "a".repeat(43);
    for (const opening of [{ key }, { ticket }]) {
      await withService(away, async (other) => {
        const reason = "something that the service needs is away for now";
        assert.deepEqual(await peerOf(other, opening).closed, { code: 1013, reason });
      });
      await withService(hanging, async (other) => {
        const reason = "the caller was not known within 0.02 s";
        assert.deepEqual(await peerOf(other, opening).closed, { code: 4408, reason });
      });
    }
  });

  it("closes 4429 an address that keeps coming without a valid credential, and never a valid key", () =>
    withService({}, async (other) => {
      const refused = await Promise.all(Array.from({ length: 31 }, () => peerOf(other, { key: "x" }).closed));
      assert.equal(refused.filter(({ code }) => code === 4401).length, 30);
      assert.deepEqual(
        refused.find(({ code }) => code === 4429),
        { code: 4429, reason: "too many calls without a valid credential from this address" },
      );
      assert.equal(await other.metric('websocket_closes_total{code="4401"}'), "30");
      assert.equal(await other.metric("auth_failures_total"), "31");
      await open(other, { key });
    }));

  it("closes 4429 an address beyond its limit", () =>
    withService({ env: { RATE_LIMIT_MAX: "2" } }, async (other) => {
      await open(other, { key });
      await open(other, { key });
      const reason = "more than 2 calls in 60 s (global)";
      assert.deepEqual(await peerOf(other, { key }).closed, { code: 4429, reason });
    }));

  it("closes 4429 a caller's sockets beyond their number, of many at once too, and no other's", () =>
    withService({ settings: { perPrincipal: 3 } }, async (other) => {
      const tries = await Promise.allSettled(Array.from({ length: 8 }, () => open(other, { key })));
      const peers = tries.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      assert.equal(peers.length, 3);
      const refused = { code: 4429, reason: "more than 3 sockets of one caller" };
      assert.deepEqual(await peerOf(other, { key }).closed, refused);
      await open(other, { key: (await keyFor(database)).whole });
      peers[0]?.socket.close(1000);
      await other.said("socket closed", { code: 1000 });
      await open(other, { key });
    }));

  it("takes sockets while the service begins to shut down, because calls still come", () =>
    withService({}, async (other) => {
      other.services.lifecycle.drain();
      const peer = await open(other, { key });
      await other.sockets.close();
      assert.equal((await peer.closed).code, 1012);
    }));

  it("answers 503 when they are closed, so that a proxy can try the next", () =>
    withService({}, async (other) => {
      await other.sockets.close();
      const answer = await talk(other.port, `GET /ws HTTP/1.1\r\nHost: a\r\n${UPGRADE}${HANDSHAKE}\r\n`);
      assert.equal(statusOf(answer), "HTTP/1.1 503 Service Unavailable");
      assert.match(answer, /\r\nRetry-After: 1\r\n/);
      assert.equal(jsonOf(answer).detail, "the service is shutting down");
    }));

  it("survives clients that hang up halfway, and that pipeline an upgrade behind a call", async () => {
    const half = connect(service.port, "127.0.0.1");
    half.write(`GET /ws HTTP/1.1\r\nHost: a\r\nX-API-Key: x\r\n${UPGRADE}${HANDSHAKE}\r\n`, () =>
      half.resetAndDestroy(),
    );
    const upgrades = [`GET /ws HTTP/1.1\r\nHost: a\r\n${UPGRADE}${HANDSHAKE}\r\n`];
    for (const protocol of ["h2c", "websocket"])
      upgrades.push(`GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`);
    const call = "GET /api/v1/templates HTTP/1.1\r\nHost: a\r\nX-API-Key: x\r\n\r\n";
    for (const upgrade of upgrades) {
      const socket = connect(service.port, "127.0.0.1");
      const heard = new Promise((resolve) => socket.once("data", resolve));
      socket.write(call + upgrade + upgrade);
      await heard;
      socket.destroy();
    }
    await open(service, { key });
  });

  it("says who came and was let in or not, and never with what", async () => {
    const { whole, id } = await keyFor(database, { tenant: "acme" });
    const answer = await fetch(`${service.url}/api/v1/ws-tickets`, { method: "POST", headers: { "X-API-Key": whole } });
    const { ticket } = (await answer.json()) as { readonly ticket: string };
    const named = (name: string) => ({ headers: { "X-Request-Id": name } });
    const peer = await open(service, { ticket, ...named("logged-1") });
    peer.socket.close(1000, "a reason of the client's");
    const opened = await service.said("socket opened", { requestId: "logged-1" });
    const closed = await service.said("socket closed", { requestId: "logged-1" });
    for (const line of [opened, closed])
      assert.deepEqual([line["level"], line["tenant"], line["principal"]], ["info", "acme", `key:${id}`]);
    assert.equal(closed["code"], 1000);
    assert.ok(Number(closed["seconds"]) >= 0);

    await peerOf(service, { key: "ak_test_guess_hunter2", ...named("logged-2") }).closed;
    await peerOf(service, { ticket, ...named("logged-3") }).closed;
    await fetch(`${service.url}/ws?token=${ticket}`);
    const refused = await service.said(`socket refused: ${BAD_CREDENTIAL}`, { requestId: "logged-2" });
    assert.deepEqual([refused["code"], refused["address"]], [4401, "127.0.0.1"]);
    const log = JSON.stringify(service.lines);
    for (const secret of [ticket, whole, "hunter2", "a reason of the client's"])
      assert.ok(!log.includes(secret), secret);
  });
});

describe("the caller's address of an upgrade", () => {
  const headers: readonly (string | undefined)[] = [
    undefined,
    "",
    "203.0.113.7",
    "203.0.113.7, 198.51.100.1",
    "203.0.113.7,198.51.100.1 , 192.0.2.1",
    " 203.0.113.7 ,, ",
    "2001:db8::1, ::ffff:198.51.100.9",
    "not an address",
  ];

  it("is what Express finds, with any number of proxies", async () => {
    for (const proxies of [0, 1, 2, 3, 10]) {
      const app = express();
      app.set("trust proxy", proxies === 0 ? false : proxies);
      const both: (readonly [express: string, own: string])[] = [];
      app.use((request, response) => {
        both.push([(request.ip ?? "").replace("::ffff:", ""), callerAddress(request, proxies)]);
        response.end();
      });
      const server = app.listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const address = server.address();
      assert.ok(typeof address === "object" && address !== null);
      for (const value of headers) {
        const headers = value === undefined ? {} : { "X-Forwarded-For": value };
        await fetch(`http://127.0.0.1:${address.port}/`, { headers });
      }
      await new Promise((resolve) => server.close(resolve));
      assert.equal(both.length, headers.length);
      for (const [theirs, own] of both) assert.equal(own, theirs);
    }
  });
});
