import assert from "node:assert/strict";
import { routes } from "../../service/src/faces/index.js";
import type { Route } from "../../service/src/http/route.js";
import { ADMIN_KEY, startService, type TestService } from "./support/service.js";

/** How a thing of the default tenant comes to be, for each path that names one by its id. */
const makers: Readonly<Record<string, (service: TestService) => Promise<string>>> = {
  "/api/v1/admin/api-keys/{id}": async ({ ask }) => {
    const body = { name: "theirs", role: "viewer" };
    return (await ask("POST", "/api/v1/admin/api-keys", { key: ADMIN_KEY, body })).json.id;
  },
  "/api/v1/templates/{id}": async ({ ask }) => {
    const body = { name: `theirs ${process.hrtime.bigint()}`, body: "x" };
    return (await ask("POST", "/api/v1/templates", { key: ADMIN_KEY, body })).json.id;
  },
  "/api/v1/objects/{id}": async ({ ask }) => {
    const headers = { "Content-Type": "text/plain" };
    return (await ask("POST", "/api/v1/objects?name=theirs", { key: ADMIN_KEY, headers, body: "x" })).json.id;
  },
};

const thingOf = ({ path }: Route): string => `${path.split("{id}")[0]}{id}`;
const crossing = routes.filter(({ path, role }) => path.includes("{id}") && role !== "open");

describe("a thing of another tenant", () => {
  let service: TestService;
  let foreign: string;
  before(async () => {
    service = await startService();
    foreign = await service.keyOf("admin", "acme");
  });
  after(() => service.stop());

  it("is tried on every path with an id", () => {
    assert.deepEqual([...new Set(crossing.map(thingOf))].sort(), Object.keys(makers).sort());
  });

  for (const route of crossing)
    it(`is not there: ${route.id}`, async () => {
      const thing = thingOf(route);
      const id = await makers[thing]?.(service);
      assert.ok(id);
      const path = thing.replace("{id}", id);
      const before = await service.ask("GET", path, { key: ADMIN_KEY });
      assert.equal(before.status, 200, before.text);
      // What would be a good change, were it theirs.
      const body = { "templates.update": { name: "mine now" } }[route.id] ?? {};
      const crossed = await service.ask(route.method.toUpperCase(), route.path.replace("{id}", id), {
        key: foreign,
        ...(route.in.body === undefined ? {} : { body }),
      });
      assert.equal(crossed.status, 404, crossed.text);
      const after = await service.ask("GET", path, { key: ADMIN_KEY });
      const { url: _before, urlExpiresAt: _then, ...was } = before.json;
      const { url: _after, urlExpiresAt: _now, ...is } = after.json;
      assert.deepEqual(is, was);
    });

  it("is in none of its lists", async () => {
    for (const make of Object.values(makers)) await make(service);
    for (const thing of Object.keys(makers)) {
      const list = await service.ask("GET", thing.replace("/{id}", ""), { key: foreign });
      assert.equal(list.status, 200, list.text);
      const names = list.json.items.map(({ name }: { name: string }) => name);
      assert.ok(!names.some((name: string) => name.startsWith("theirs")), thing);
    }
    const audit = await service.ask("GET", "/api/v1/admin/audit", { key: foreign });
    assert.deepEqual(audit.json.items, []);
  });
});
