import assert from "node:assert/strict";
import { startService, type TestService } from "../support/service.js";

describe("templates", () => {
  let service: TestService;
  let key: string;
  before(async () => {
    service = await startService();
    key = await service.keyOf("operator");
  });
  after(() => service.stop());

  const greeting = (name: string) => ({
    name,
    body: "Hello {{ who }}, from {{place}}.",
    variables: [{ name: "who" }, { name: "place", required: false, default: "here" }],
  });
  const create = async (name: string) => {
    const made = await service.ask("POST", "/api/v1/templates", { key, body: greeting(name) });
    assert.equal(made.status, 201, made.text);
    return made;
  };

  it("are made, read, changed and deleted", async () => {
    const made = await create("life");
    const { id } = made.json;
    assert.match(id, /^tpl_[0-9A-Za-z]{24}$/);
    assert.equal(made.headers.get("location"), `/api/v1/templates/${id}`);
    assert.equal(made.headers.get("etag"), '"1"');
    assert.deepEqual(made.json.variables, [
      { name: "who", required: true },
      { name: "place", required: false, default: "here" },
    ]);

    const changed = await service.ask("PATCH", `/api/v1/templates/${id}`, { key, body: { description: "a greeting" } });
    assert.deepEqual([changed.status, changed.json.version, changed.json.description], [200, 2, "a greeting"]);
    const read = await service.ask("GET", `/api/v1/templates/${id}`, { key });
    assert.deepEqual(read.json, changed.json);
    assert.equal(read.headers.get("etag"), '"2"');

    assert.equal((await service.ask("DELETE", `/api/v1/templates/${id}`, { key })).status, 204);
    const gone = await service.ask("GET", `/api/v1/templates/${id}`, { key });
    assert.deepEqual([gone.status, gone.json.detail], [404, `there is no template '${id}'`]);
    assert.equal((await service.ask("DELETE", `/api/v1/templates/${id}`, { key })).status, 404);
  });

  it("are listed newest first, page by page, each once", async () => {
    const ids: string[] = [];
    for (const name of ["list one", "list two", "list three"]) ids.unshift((await create(name)).json.id);
    const seen: string[] = [];
    let next: string | null = "";
    while (next !== null) {
      const cursor: string = next === "" ? "" : `&cursor=${encodeURIComponent(next)}`;
      const page = await service.ask("GET", `/api/v1/templates?limit=2${cursor}`, { key });
      assert.equal(page.status, 200, page.text);
      seen.push(...page.json.items.map((item: { id: string }) => item.id));
      next = page.json.next;
    }
    assert.deepEqual(seen.slice(0, 3), ids);
    assert.equal(new Set(seen).size, seen.length);
  });

  it("have one name each", async () => {
    await create("twice");
    const again = await service.ask("POST", "/api/v1/templates", { key, body: greeting("twice") });
    assert.deepEqual([again.status, again.json.detail], [409, "there is a template 'twice' already"]);
    const other = await create("another");
    const renamed = await service.ask("PATCH", `/api/v1/templates/${other.json.id}`, { key, body: { name: "twice" } });
    assert.equal(renamed.status, 409);
  });

  it("change only where If-Match names the version that is there", async () => {
    const { id } = (await create("etag")).json;
    const path = `/api/v1/templates/${id}`;
    const stale = await service.ask("PATCH", path, { key, headers: { "If-Match": '"7"' }, body: { name: "etag 7" } });
    assert.deepEqual([stale.status, stale.json.detail], [412, 'If-Match is "7"; the template is at "1"']);
    const fresh = await service.ask("PATCH", path, { key, headers: { "If-Match": '"1"' }, body: { name: "etag 1" } });
    assert.deepEqual([fresh.status, fresh.json.name], [200, "etag 1"]);
  });

  it("say every mismatch of placeholders and variables", async () => {
    const body = { name: "wrong", body: "{{a}} {{b}}", variables: [{ name: "b" }, { name: "c" }, { name: "b" }] };
    const refused = await service.ask("POST", "/api/v1/templates", { key, body });
    assert.equal(refused.status, 422);
    assert.deepEqual(refused.json.errors, [
      { pointer: "/body/body", message: "'{{a}}' is not among the variables" },
      { pointer: "/body/variables/1", message: "'c' is not used" },
      { pointer: "/body/variables/2", message: "'b' is there twice" },
    ]);
  });

  it("are filled in with checked variables, once and as they are", async () => {
    const path = `/api/v1/templates/${(await create("render")).json.id}/render`;
    const render = (variables: object) => service.ask("POST", path, { key, body: { variables } });
    assert.deepEqual((await render({ who: "Ada" })).json, { text: "Hello Ada, from here.", version: 1 });
    assert.equal((await render({ who: "{{place}} $& $1", place: "x" })).json.text, "Hello {{place}} $& $1, from x.");
    const missing = await render({ nobody: "x" });
    assert.deepEqual(
      [missing.status, missing.json.errors],
      [
        422,
        [
          { pointer: "/body/variables/nobody", message: "is not a variable of this template" },
          { pointer: "/body/variables/who", message: "is required" },
        ],
      ],
    );
  });

  it("of more than 100,000 characters are not made", async () => {
    const body = { name: "large", body: "{{a}}".repeat(200), variables: [{ name: "a" }] };
    const { id } = (await service.ask("POST", "/api/v1/templates", { key, body })).json;
    const variables = { a: "x".repeat(1000) };
    const refused = await service.ask("POST", `/api/v1/templates/${id}/render`, { key, body: { variables } });
    assert.deepEqual(
      [refused.status, refused.json.detail],
      [422, "the text would have 200000 characters; at most 100000"],
    );
  });
});
