import assert from "node:assert/strict";
import { SignJWT } from "jose";
import { startService, type TestService } from "../support/service.js";

const SECRET = "a secret of more than thirty-two characters";
const sign = (claims: Record<string, unknown>, lives = 600) =>
  new SignJWT({ sub: "ada", ...claims })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime(Math.floor(Date.now() / 1000) + lives)
    .sign(new TextEncoder().encode(SECRET));

describe("a token at the API", () => {
  let service: TestService;
  before(async () => {
    service = await startService({ JWT_SECRET: SECRET });
  });
  after(() => service.stop());
  const list = (key: string) => service.ask("GET", "/api/v1/templates", { key });
  const create = (key: string) =>
    service.ask("POST", "/api/v1/templates", { key, body: { name: "of a token", body: "x" } });

  it("acts in its role and its tenant", async () => {
    const operator = await sign({ role: "operator", tenant: "acme" });
    assert.equal((await create(operator)).status, 201);
    assert.equal((await list(await sign({ tenant: "acme" }))).json.items.length, 1);
    assert.deepEqual((await list(await sign({ role: "admin", tenant: "other" }))).json.items, []);
    assert.equal((await create(await sign({ tenant: "acme" }))).status, 403);
  });

  it("is refused when it is over", async () => {
    const over = await list(await sign({ role: "admin" }, -60));
    assert.deepEqual([over.status, over.json.detail], [401, "the credential is not valid, expired or revoked"]);
  });
});
