import assert from "node:assert/strict";
import { callerRoles, mayAct } from "../../service/src/auth/principal.js";
import { routes } from "../../service/src/faces/index.js";
import type { Route } from "../../service/src/http/route.js";
import { startService, type TestService } from "./support/service.js";

/** A path that is well formed and names nothing. */
const samples: Readonly<Record<string, string>> = { id: "absent_0", code: "absent", file: "absent" };
const pathOf = ({ path }: Route): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => samples[name] ?? "absent");

describe("every route and every role", () => {
  let service: TestService;
  before(async () => {
    service = await startService();
  });
  after(() => service.stop());

  const statusOf = async (route: Route, key?: string): Promise<number> => {
    const { status, text } = await service.ask(route.method.toUpperCase(), pathOf(route), {
      ...(key === undefined ? {} : { key }),
      ...(route.in.body === undefined ? {} : { body: {} }),
    });
    assert.ok(status < 500, `${route.id}: ${text}`);
    return status;
  };

  for (const route of routes) {
    it(`${route.id}: ${route.role}`, async () => {
      const anonymous = await statusOf(route);
      assert.equal(anonymous === 401, route.role !== "open", `without a key: ${anonymous}`);
      for (const role of callerRoles) {
        const status = await statusOf(route, await service.keyOf(role));
        const allowed = route.role === "open" || mayAct(role, route.role);
        assert.equal(status === 403, !allowed, `${role}: ${status}`);
        assert.notEqual(status, 401, role);
      }
    });
  }
});
