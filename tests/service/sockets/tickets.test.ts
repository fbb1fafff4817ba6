import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Database } from "../../../service/src/storage/database.js";
import { openInMemory } from "../../../service/src/storage/embedded.js";
import { keyFor, open, peerOf, startSockets, type TestSockets } from "../support/sockets-services.js";

const NOT_VALID = "the ticket is not valid, expired or used: POST /api/v1/ws-tickets gives a new one";

describe("a socket's ticket", () => {
  let database: Database;
  let service: TestSockets;
  let key: string;
  before(async () => {
    database = await openInMemory();
    service = await startSockets(database);
    key = (await keyFor(database)).whole;
  });
  after(async () => {
    await service.stop();
    await database.close();
  });

  const post = (bearer: string, at = service) =>
    fetch(`${at.url}/api/v1/ws-tickets`, { method: "POST", headers: { Authorization: `Bearer ${bearer}` } });
  const ticketOf = async (bearer: string): Promise<string> => {
    const answer = await post(bearer);
    assert.equal(answer.status, 201);
    const { ticket } = (await answer.json()) as { readonly ticket: string };
    return ticket;
  };

  it("says where it opens a socket, how long, and which protocol that speaks", async () => {
    const answer = await post(key);
    const began = Date.now();
    const body = (await answer.json()) as Record<string, string>;
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.deepEqual(Object.keys(body).sort(), ["expiresAt", "protocol", "ticket", "url"]);
    assert.match(body["ticket"] ?? "", /^[A-Za-z0-9_-]{43}$/);
    assert.equal(body["url"], `/ws?token=${body["ticket"]}`);
    assert.equal(body["protocol"], "agents.v1");
    const left = Date.parse(body["expiresAt"] ?? "") - began;
    assert.ok(left > 20_000 && left <= 30_000, `${left} ms`);
  });

  it("is kept as its hash only", async () => {
    const ticket = await ticketOf(key);
    const rows = await database.query<{ readonly row: string }>("select t::text as row from ws_tickets t");
    const hash = createHash("sha256").update(ticket).digest("hex");
    assert.equal(rows.filter(({ row }) => row.includes(hash)).length, 1);
    assert.ok(!rows.some(({ row }) => row.includes(ticket)));
  });

  it("opens a socket once", async () => {
    const ticket = await ticketOf(key);
    await open(service, { ticket });
    assert.deepEqual(await peerOf(service, { ticket }).closed, { code: 4401, reason: NOT_VALID });
  });

  it("opens one socket for many that come with it at once", async () => {
    const ticket = await ticketOf(key);
    const tries = Array.from({ length: 10 }, () => open(service, { ticket }));
    const outcomes = await Promise.allSettled(tries);
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
    for (const outcome of outcomes)
      if (outcome.status === "rejected") assert.equal(outcome.reason.message, `closed with 4401 (${NOT_VALID})`);
  });

  it("ends", async () => {
    const ticket = await ticketOf(key);
    await database.query("update ws_tickets set expires_at = now()");
    assert.deepEqual(await peerOf(service, { ticket }).closed, { code: 4401, reason: NOT_VALID });
  });

  it("is not any text, and not a key", async () => {
    for (const ticket of ["", "x", "a".repeat(43), key, "\0", "%", "' or true --"])
      assert.deepEqual(await peerOf(service, { ticket }).closed, { code: 4401, reason: NOT_VALID }, ticket);
  });

  it("counts, and not the key beside it", async () => {
    assert.deepEqual(await peerOf(service, { ticket: "x", key }).closed, { code: 4401, reason: NOT_VALID });
  });

  it("opens a socket of the tenant and caller that it was given to", async () => {
    const { whole, id } = await keyFor(database, { tenant: "acme", role: "operator" });
    const ticket = await ticketOf(whole);
    await open(service, { ticket, headers: { "X-Request-Id": "of-acme" } });
    const line = await service.said("socket opened", { requestId: "of-acme" });
    assert.deepEqual([line["tenant"], line["principal"], line["address"]], ["acme", `key:${id}`, "127.0.0.1"]);
  });

  it("ends with the key that it was given to", async () => {
    const { whole, id } = await keyFor(database);
    const ticket = await ticketOf(whole);
    await database.query("update api_keys set revoked_at = now() where id = $1", [id]);
    service.services.authenticator.forget(id);
    assert.deepEqual(await peerOf(service, { ticket }).closed, { code: 4401, reason: NOT_VALID });
  });

  it("is not given to a key whose scopes leave out sockets", async () => {
    const { whole } = await keyFor(database, { scopes: ["templates:read"] });
    const refused = await post(whole);
    assert.equal(refused.status, 403);
    const { detail } = (await refused.json()) as { readonly detail: string };
    assert.equal(detail, "the key's scopes do not include 'sockets:read'");
    assert.equal((await post((await keyFor(database, { scopes: ["sockets:read"] })).whole)).status, 201);
  });

  it("is given and taken while the service is read-only, and neither in maintenance", async () => {
    const readOnly = await startSockets(database, { env: { READ_ONLY_MODE: "true" } });
    const given = await post(key, readOnly);
    assert.equal(given.status, 201);
    const { ticket } = (await given.json()) as { readonly ticket: string };
    await open(readOnly, { ticket });
    await readOnly.stop();

    const maintenance = await startSockets(database, { env: { MAINTENANCE_MODE: "true" } });
    assert.equal((await post(key, maintenance)).status, 503);
    const kept = await ticketOf(key);
    const refused = { code: 1013, reason: "the service is in maintenance" };
    assert.deepEqual(await peerOf(maintenance, { ticket: kept }).closed, refused);
    await maintenance.stop();
    // It was not used up.
    await open(service, { ticket: kept });
  });

  it("leaves no rows behind: each new one clears a hundred that were never used", async () => {
    await database.query("delete from ws_tickets");
    await database.query(
      `insert into ws_tickets (hash, tenant_id, principal, expires_at)
       select sha256(n::text::bytea), 'default', '{}', now() - interval '1 second' from generate_series(1, 150) n`,
    );
    const rows = async () => (await database.query("select hash from ws_tickets")).length;
    await ticketOf(key);
    assert.equal(await rows(), 51);
    await ticketOf(key);
    assert.equal(await rows(), 2);
  });
});
