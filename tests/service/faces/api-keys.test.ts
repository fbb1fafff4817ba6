import assert from "node:assert/strict";
import { ADMIN_KEY, startService, type TestService } from "../support/service.js";

const PATH = "/api/v1/admin/api-keys";

describe("API keys", () => {
  let service: TestService;
  before(async () => {
    service = await startService();
  });
  after(() => service.stop());

  const make = async (body: object, key = ADMIN_KEY) => service.ask("POST", PATH, { key, body });
  const works = async (key: string) => (await service.ask("GET", "/api/v1/templates", { key })).status;

  it("are shown once, and never again", async () => {
    const made = await make({ name: "once", role: "viewer" });
    assert.equal(made.status, 201, made.text);
    const { key, ...rest } = made.json;
    assert.match(key, /^ak_test_[0-9A-Za-z]{16}_[0-9A-Za-z]{40}$/);
    assert.equal(await works(key), 200);
    const read = await service.ask("GET", `${PATH}/${rest.id}`, { key: ADMIN_KEY });
    assert.deepEqual(Object.keys(read.json).sort(), Object.keys(rest).sort());
    const [, , , secret] = key.split("_");
    const list = await service.ask("GET", PATH, { key: ADMIN_KEY });
    assert.ok(!read.text.includes(secret) && !list.text.includes(secret));
    assert.ok(!service.log.join("").includes(secret));
  });

  it("are refused when their secret is another one", async () => {
    const { key } = (await make({ name: "forged", role: "viewer" })).json;
    const forged = await service.ask("GET", "/api/v1/templates", { key: `${key.slice(0, -1)}!` });
    const wrong = await service.ask("GET", "/api/v1/templates", { key: `${key}x` });
    for (const answer of [forged, wrong]) {
      assert.equal(answer.status, 401);
      assert.equal(answer.json.detail, "the credential is not valid, expired or revoked");
      assert.equal(answer.headers.get("www-authenticate"), "Bearer");
    }
  });

  it("are refused after the same time, whatever is wrong with them", async () => {
    const { key } = (await make({ name: "timed", role: "viewer" })).json;
    for (const bad of [`${key}x`, "ak_test_nobody_x", "no key", "a.b.c", ""]) {
      const began = performance.now();
      const answer = await service.ask("GET", "/api/v1/templates", { headers: { Authorization: `Bearer ${bad}` } });
      assert.equal(answer.status, 401, bad);
      assert.ok(performance.now() - began >= 99, bad);
    }
  });

  it("end when they are revoked, at once", async () => {
    const { key, id } = (await make({ name: "revoked", role: "viewer" })).json;
    assert.equal(await works(key), 200);
    assert.equal((await service.ask("DELETE", `${PATH}/${id}`, { key: ADMIN_KEY })).status, 204);
    assert.equal(await works(key), 401);
    const read = await service.ask("GET", `${PATH}/${id}`, { key: ADMIN_KEY });
    assert.notEqual(read.json.revokedAt, null);
    const rotated = await service.ask("POST", `${PATH}/${id}/rotate`, { key: ADMIN_KEY, body: {} });
    assert.deepEqual([rotated.status, rotated.json.detail], [409, `the API key '${id}' is revoked`]);
  });

  it("are rotated with an overlap in which both work, or without one", async () => {
    const { key, id } = (await make({ name: "rotated", role: "operator", scopes: ["templates:read"] })).json;
    const rotate = (body: object) => service.ask("POST", `${PATH}/${id}/rotate`, { key: ADMIN_KEY, body });
    const next = await rotate({ overlapSeconds: 3600 });
    assert.equal(next.status, 201, next.text);
    assert.deepEqual([next.json.role, next.json.scopes, next.json.name], ["operator", ["templates:read"], "rotated"]);
    assert.deepEqual([await works(key), await works(next.json.key)], [200, 200]);
    const again = await rotate({});
    assert.deepEqual(
      [again.status, again.json.detail],
      [409, `the API key '${id}' was replaced by '${next.json.id}' already`],
    );

    const path = `${PATH}/${next.json.id}/rotate`;
    const last = await service.ask("POST", path, { key: ADMIN_KEY, body: { overlapSeconds: 0 } });
    assert.deepEqual([await works(next.json.key), await works(last.json.key)], [401, 200]);
  });

  it("act within their role", async () => {
    const viewer = await service.keyOf("viewer");
    const body = { name: "x", body: "x" };
    const refused = await service.ask("POST", "/api/v1/templates", { key: viewer, body });
    assert.deepEqual(
      [refused.status, refused.json.detail],
      [403, "the role 'viewer' may not do this; it needs 'operator'"],
    );
  });

  it("act within their scopes", async () => {
    const { key } = (await make({ name: "scoped", role: "admin", scopes: ["templates:read"] })).json;
    assert.equal(await works(key), 200);
    const body = { name: "x", body: "x" };
    const refused = await service.ask("POST", "/api/v1/templates", { key, body });
    assert.deepEqual([refused.status, refused.json.detail], [403, "the key's scopes do not include 'templates:write'"]);
  });

  it("of another tenant are made by the service's own admins alone", async () => {
    const foreign = await service.keyOf("admin", "acme");
    const refused = await make({ name: "x", role: "viewer", tenant: "default" }, foreign);
    assert.deepEqual(
      [refused.status, refused.json.detail],
      [403, "a key for another tenant is made by the service's own admins"],
    );
    const own = await make({ name: "x", role: "viewer" }, foreign);
    assert.deepEqual([own.status, own.json.tenant], [201, "acme"]);
  });

  it("say every mistake at once", async () => {
    const refused = await make({ name: "", role: "root", scopes: ["all"], expiresInDays: 0, extra: 1 });
    assert.equal(refused.status, 422);
    assert.deepEqual(refused.json.errors, [
      { pointer: "/body/name", message: "is empty" },
      { pointer: "/body/role", message: "expected one of viewer, operator, admin" },
      { pointer: "/body/scopes/0", message: "expected * or words such as templates:read, objects:write" },
      { pointer: "/body/expiresInDays", message: "expected a whole number from 1 to 3650" },
      { pointer: "/body/extra", message: "is not known here" },
    ]);
  });

  it("leave a row of audit for every change, without secrets", async () => {
    const made = (await make({ name: "audited", role: "viewer" })).json;
    await service.ask("DELETE", `${PATH}/${made.id}`, { key: ADMIN_KEY });
    const { json, text } = await service.ask("GET", "/api/v1/admin/audit?limit=2", { key: ADMIN_KEY });
    const rows = json.items.map((row: Record<string, unknown>) => [row["action"], row["target"], row["principal"]]);
    assert.deepEqual(rows, [
      ["api-keys.revoke", made.id, "bootstrap:bootstrap"],
      ["api-keys.create", made.id, "bootstrap:bootstrap"],
    ]);
    assert.ok(!text.includes(made.key));
  });
});
