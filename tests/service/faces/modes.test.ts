import assert from "node:assert/strict";
import { routes } from "../../../service/src/faces/index.js";
import { ADMIN_KEY, startService, type TestService } from "../support/service.js";

const PATH = "/api/v1/admin/mode";

describe("modes at run time", () => {
  let service: TestService;
  before(async () => {
    service = await startService();
  });
  afterEach(() => turn({ readOnly: false, maintenance: false }));
  after(() => service.stop());

  const turn = (body: object, key = ADMIN_KEY) => service.ask("PUT", PATH, { key, body });
  const list = () => service.ask("GET", "/api/v1/templates", { key: ADMIN_KEY });
  const create = () => service.ask("POST", "/api/v1/templates", { key: ADMIN_KEY, body: { name: "x", body: "x" } });

  it("read-only refuses every write and no read", async () => {
    const switched = await turn({ readOnly: true, reason: "failover at noon" });
    assert.equal(switched.status, 200, switched.text);
    const { changedAt, ...mode } = switched.json.readOnly;
    assert.ok(changedAt);
    assert.deepEqual(mode, {
      enabled: true,
      source: "run time",
      reason: "failover at noon",
      changedBy: "bootstrap:bootstrap",
    });
    for (const route of routes.filter(({ mode }) => mode === "write")) {
      const path = route.path.replace("{id}", "absent");
      const refused = await service.ask(route.method.toUpperCase(), path, { key: ADMIN_KEY, body: {} });
      assert.deepEqual(
        [refused.status, refused.json.code, refused.json.detail, refused.headers.get("retry-after")],
        [503, "read_only", "the service takes no writes for now: failover at noon", "30"],
        route.id,
      );
    }
    assert.equal((await list()).status, 200);
    const ready = await service.ask("GET", "/health/ready");
    assert.deepEqual([ready.status, ready.json.modes], [200, ["read_only"]]);
  });

  it("maintenance refuses all but health, documents, metrics and administration", async () => {
    await turn({ maintenance: true });
    const refused = await list();
    assert.deepEqual(
      [refused.status, refused.json.code, refused.json.detail],
      [503, "maintenance", "the service is in maintenance"],
    );
    for (const path of ["/health", "/health/ready", "/openapi.json"])
      assert.equal((await service.ask("GET", path)).status, 200, path);
    for (const path of ["/metrics", PATH, "/api/v1/admin/audit"])
      assert.equal((await service.ask("GET", path, { key: ADMIN_KEY })).status, 200, path);
  });

  it("end as they began", async () => {
    await turn({ readOnly: true });
    assert.equal((await create()).status, 503);
    await turn({ readOnly: false });
    assert.equal((await create()).status, 201);
  });

  it("are not for the admins of other tenants", async () => {
    const refused = await turn({ readOnly: true }, await service.keyOf("admin", "acme"));
    assert.deepEqual(
      [refused.status, refused.json.detail],
      [403, "modes hold for every tenant: they are switched by the service's own admins"],
    );
  });

  it("want one of the two", async () => {
    const refused = await turn({ reason: "none" });
    assert.deepEqual(refused.json.errors, [{ pointer: "/body", message: "expected readOnly or maintenance, or both" }]);
  });
});

describe("modes of the environment", () => {
  let service: TestService;
  before(async () => {
    service = await startService({ READ_ONLY_MODE: "true" });
  });
  after(() => service.stop());

  it("stay on until the environment is changed", async () => {
    const refused = await service.ask("PUT", PATH, { key: ADMIN_KEY, body: { readOnly: false } });
    assert.deepEqual(
      [refused.status, refused.json.detail],
      [409, "read_only is set by the environment: change READ_ONLY_MODE there"],
    );
    const { readOnly } = (await service.ask("GET", PATH, { key: ADMIN_KEY })).json;
    assert.deepEqual([readOnly.enabled, readOnly.source], [true, "environment"]);
  });
});
