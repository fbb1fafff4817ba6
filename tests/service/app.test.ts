import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";
import { createApp } from "../../service/src/app.js";
import { routes } from "../../service/src/faces/index.js";
import { problems } from "../../service/src/http/problem.js";
import { route } from "../../service/src/http/route.js";
import { ADMIN_KEY, startService, type TestService } from "./support/service.js";

describe("the API", () => {
  let service: TestService;
  before(async () => {
    service = await startService({ ALLOWED_ORIGINS: "https://app.example", BODY_LIMIT: "2048" });
  });
  after(() => service.stop());
  const ask: TestService["ask"] = (...given) => service.ask(...given);
  const create = (body: unknown, headers: Record<string, string> = { "Content-Type": "application/json" }) =>
    ask("POST", "/api/v1/templates", { key: ADMIN_KEY, body, headers });

  it("says that there is nothing where there is nothing, with a key or without", async () => {
    for (const key of [undefined, ADMIN_KEY]) {
      const answer = await ask("GET", "/api/v1/agents", key === undefined ? {} : { key });
      assert.equal(answer.status, 404);
      assert.equal(answer.headers.get("content-type"), "application/problem+json; charset=utf-8");
      assert.equal(answer.json.detail, "there is nothing at /api/v1/agents");
      assert.equal(answer.json.requestId, answer.headers.get("x-request-id"));
    }
  });

  it("says which methods a path takes", async () => {
    const refused = await ask("PUT", "/api/v1/templates", { key: ADMIN_KEY });
    assert.deepEqual([refused.status, refused.headers.get("allow")], [405, "POST, GET, HEAD, OPTIONS"]);
    const options = await ask("OPTIONS", "/api/v1/templates");
    assert.deepEqual([options.status, options.headers.get("allow")], [204, "POST, GET, HEAD, OPTIONS"]);
    assert.equal((await ask("HEAD", "/health")).status, 200);
  });

  it("has a page for each error, and none for others", async () => {
    for (const [code, { title }] of Object.entries(problems)) {
      const page = await ask("GET", `/errors/${code}`);
      assert.deepEqual([page.status, page.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
      assert.ok(page.text.includes(`<h1>${title}</h1>`), code);
    }
    assert.equal((await ask("GET", "/errors/toString")).status, 404);
  });

  it("lets the listed origins call, and no others", async () => {
    const preflight = (origin: string) =>
      ask("OPTIONS", "/api/v1/templates", {
        headers: { Origin: origin, "Access-Control-Request-Method": "POST" },
      });
    const listed = await preflight("https://app.example");
    assert.equal(listed.headers.get("access-control-allow-origin"), "https://app.example");
    assert.match(listed.headers.get("access-control-allow-headers") ?? "", /Authorization/);
    const other = await preflight("https://app.example.evil.example");
    assert.equal(other.headers.get("access-control-allow-origin"), null);
    assert.equal(other.headers.get("access-control-allow-credentials"), null);
  });

  it("sends the headers that keep browsers safe", async () => {
    const { headers } = await ask("GET", "/health");
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none';.*frame-ancestors 'none'/);
    assert.match(headers.get("strict-transport-security") ?? "", /max-age=31536000/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("x-frame-options"), "DENY");
    assert.equal(headers.get("x-powered-by"), null);
    assert.equal(headers.get("cache-control"), "no-store");
  });

  it("refuses bodies that are no JSON, with the place and none of the text", async () => {
    const table: readonly (readonly [body: string | Uint8Array, status: number, detail: string])[] = [
      ['{"name": hunter2}', 400, "the body is not JSON"],
      ["", 422, "/body: Invalid input: expected object, received undefined"],
      ["null", 422, "/body: Invalid input: expected object, received null"],
      [Buffer.from([0x22, 0xff, 0x22]), 400, "the body is not UTF-8"],
      ["[".repeat(65), 400, "the body is nested deeper than 64 levels"],
      [`"${"x".repeat(3000)}"`, 413, "the body is larger than 2048 bytes"],
    ];
    for (const [body, status, detail] of table) {
      const refused = await create(body);
      assert.deepEqual([refused.status, refused.json.detail.startsWith(detail)], [status, true], refused.text);
      assert.ok(!refused.text.includes("hunter2"));
    }
  });

  it("refuses bodies of another type, encoding or character set", async () => {
    const table: readonly (readonly [headers: Record<string, string>, detail: string])[] = [
      [{ "Content-Type": "text/plain" }, "Content-Type is 'text/plain'; expected application/json"],
      [{ "Content-Type": "application/json; charset=utf-16" }, "charset is 'utf-16'; expected utf-8"],
      [
        { "Content-Type": "application/json", "Content-Encoding": "pig" },
        "Content-Encoding is not one of gzip, deflate, br, identity",
      ],
    ];
    for (const [headers, detail] of table) {
      const refused = await create("{}", headers);
      assert.deepEqual([refused.status, refused.json.detail], [415, detail]);
    }
  });

  it("refuses texts that can't be kept: NUL, half a surrogate pair, 10,001 characters", async () => {
    const nul = await create({ name: "a\0b", body: "x" });
    assert.deepEqual(nul.json.errors, [{ pointer: "/body/name", message: "has a control character" }]);
    const half = await create('{"name": "x", "body": "\\ud800"}');
    assert.deepEqual(half.json.errors, [{ pointer: "/body/body", message: "has half a surrogate pair" }]);
  });

  it("refuses what only looks like an object's own field", async () => {
    const refused = await create('{"name": "x", "body": "x", "__proto__": {"role": "admin"}}');
    assert.deepEqual(refused.json.errors, [{ pointer: "/body/__proto__", message: "is not known here" }]);
    const constructed = await create('{"name": "x", "body": "x", "constructor": {}}');
    assert.deepEqual(constructed.json.errors, [{ pointer: "/body/constructor", message: "is not known here" }]);
  });

  it("refuses broken paths and queries", async () => {
    assert.deepEqual((await ask("GET", "/api/v1/templates/%E0%A4%A", { key: ADMIN_KEY })).status, 400);
    for (const query of ["limit=0", "limit=201", "limit=1e2", "limit=5&limit=6", "cursor=x", "else=1"])
      assert.equal((await ask("GET", `/api/v1/templates?${query}`, { key: ADMIN_KEY })).status, 422, query);
  });

  it("answers connections that are no HTTP", async () => {
    const raw = await new Promise<string>((resolve, reject) => {
      const socket = connect(service.running.port, "127.0.0.1", () => socket.write("what is this\r\n\r\n"));
      let said = "";
      socket.on("data", (chunk) => {
        said += chunk;
      });
      socket.on("close", () => resolve(said));
      socket.on("error", reject);
    });
    assert.match(raw, /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json\r\n/);
  });

  it("answers headers that are too large", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const options = { port: service.running.port, headers: { "X-Large": "x".repeat(20_000) } };
      request(options, (response) => resolve(response.resume().statusCode))
        .on("error", reject)
        .end();
    });
    assert.equal(status, 431);
  });

  it("is described by a document with every route and no other", async () => {
    const { json } = await ask("GET", "/openapi.json");
    assert.equal(json.openapi, "3.1.0");
    const described = Object.entries(json.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method} ${path}`),
    );
    assert.deepEqual(described.sort(), routes.map(({ method, path }) => `${method} ${path}`).sort());
    const { security, responses } = json.paths["/api/v1/templates"].post;
    assert.equal(security, undefined);
    assert.deepEqual(Object.keys(responses), [
      "201",
      "400",
      "401",
      "403",
      "409",
      "413",
      "415",
      "422",
      "429",
      "431",
      "500",
      "503",
      "504",
    ]);
    assert.deepEqual(json.paths["/health"].get.security, []);
  });

  it("has a page of its documents that asks nothing of anywhere else", async () => {
    const page = await ask("GET", "/docs");
    const asked = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = ""]) => path);
    assert.equal(asked.length, 4);
    for (const path of asked) {
      const file = await ask("GET", path);
      assert.equal(file.status, 200, path);
    }
    assert.equal((await ask("GET", "/docs/package.json")).status, 404);
    assert.equal((await ask("GET", "/docs/..%2f..%2fpackage.json")).status, 404);
  });

  it("does not boot with a route that nobody was named for, or that stands twice", () => {
    const { services } = service.running;
    const row = route({
      id: "x.read",
      face: "open",
      method: "get",
      path: "/x",
      summary: "x",
      role: "open",
      limit: "none",
      mode: "read",
      in: {},
      out: { 200: { description: "x" } },
      handler: () => ({ status: 200 }),
    });
    const { role: _, ...without } = row;
    assert.throws(() => createApp(services, [without as typeof row]), {
      message: "route x.read has no role: say who may call it",
    });
    assert.throws(() => createApp(services, [row, { ...row, id: "x.again" }]), {
      message: "route x.again: 'get /x' is there twice",
    });
  });
});
