import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { signLink } from "../../../service/src/objects/links.js";
import { ObjectAway } from "../../../service/src/objects/store.js";
import { DatabaseAway } from "../../../service/src/storage/database.js";
import { ADMIN_KEY, type Asked, startService, type TestService } from "../support/service.js";
import { until } from "../support/until.js";

const MAX = 1_000_000;
const text = { "Content-Type": "text/plain" };

describe("uploads", () => {
  let service: TestService;
  before(async () => {
    service = await startService({ OBJECT_MAX_BYTES: String(MAX) });
  });
  after(() => service.stop());

  const upload = (name: string, asked: Asked = {}) =>
    service.ask("POST", `/api/v1/objects?name=${encodeURIComponent(name)}`, {
      key: ADMIN_KEY,
      headers: text,
      body: "hello",
      ...asked,
    });
  const refusal = async (asked: Promise<{ readonly json: { status: number; code: string; detail: string } }>) => {
    const { status, code, detail } = (await asked).json;
    return [status, code, detail];
  };
  /** The keys that the store holds. */
  const kept = (): readonly string[] => {
    const folder = join(service.running.services.env.DATA_DIR, "objects");
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
  };
  const rows = async () =>
    (await service.running.services.database.query<{ readonly id: string }>("select id from objects")).map(
      ({ id }) => id,
    );
  // What a caller left is cleared away after the answer that nobody hears.
  afterEach(async () => {
    const known = [...(await rows())].sort();
    await until(() => kept().length <= known.length);
    assert.deepEqual([...kept()].sort(), known);
  });

  it("come back as they were", async () => {
    const bytes = randomBytes(300_000);
    const headers = { "Content-Type": "application/pdf" };
    const made = await upload("report.pdf", { headers, body: bytes });
    assert.equal(made.status, 201, made.text);
    const { id, createdAt, url, urlExpiresAt, ...rest } = made.json;
    assert.match(id, /^obj_[0-9A-Za-z]{24}$/);
    assert.equal(made.headers.get("location"), `/api/v1/objects/${id}`);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    assert.deepEqual(rest, { name: "report.pdf", contentType: "application/pdf", size: 300_000, sha256 });
    assert.match(url, new RegExp(`^/api/v1/objects/${id}/content\\?expires=\\d{10}&signature=[\\w-]{43}$`));
    const lives = (Date.parse(urlExpiresAt) - Date.parse(createdAt)) / 1000;
    assert.ok(lives > 890 && lives <= 901, `${lives}`);

    const answer = await fetch(service.url + url);
    assert.equal(answer.status, 200);
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes);
    const shown = ["content-type", "content-length", "content-disposition", "x-content-type-options"];
    assert.deepEqual(
      [...shown, "content-security-policy"].map((name) => answer.headers.get(name)),
      [
        "application/pdf",
        "300000",
        "attachment; filename*=UTF-8''report.pdf",
        "nosniff",
        "sandbox; default-src 'none'",
      ],
    );
    assert.match(answer.headers.get("cache-control") ?? "", /^private, max-age=(89\d|900)$/);

    const {
      url: other,
      urlExpiresAt: _,
      ...again
    } = (await service.ask("GET", `/api/v1/objects/${id}`, { key: ADMIN_KEY })).json;
    assert.deepEqual(again, { id, createdAt, ...rest });
    assert.equal((await service.ask("GET", other)).status, 200);
  });

  it("may be empty", async () => {
    const { status, json } = await upload("empty", { headers: { ...text, "Content-Length": "0" }, body: "" });
    assert.deepEqual([status, json.size], [201, 0]);
    const answer = await service.ask("GET", json.url);
    assert.deepEqual([answer.status, answer.text, answer.headers.get("content-length")], [200, "", "0"]);
  });

  it("are listed, the newest first", async () => {
    const key = await service.keyOf("operator", "lists");
    for (const name of ["one", "two", "three"]) assert.equal((await upload(name, { key })).status, 201);
    const first = (await service.ask("GET", "/api/v1/objects?limit=2", { key })).json;
    const second = (await service.ask("GET", `/api/v1/objects?limit=2&cursor=${first.next}`, { key })).json;
    const names = [...first.items, ...second.items].map(({ name }: { readonly name: string }) => name);
    assert.deepEqual([names, second.next], [["three", "two", "one"], null]);
    assert.equal((await service.ask("GET", second.items[0].url)).text, "hello");
  });

  it("are gone when they are deleted, with their links", async () => {
    const { id, url } = (await upload("gone")).json;
    const path = `/api/v1/objects/${id}`;
    assert.equal((await service.ask("DELETE", path, { key: ADMIN_KEY })).status, 204);
    assert.ok(!kept().includes(id));
    for (const asked of [
      service.ask("GET", path, { key: ADMIN_KEY }),
      service.ask("GET", url),
      service.ask("DELETE", path, { key: ADMIN_KEY }),
    ])
      assert.equal((await asked).status, 404);
  });

  it("are in the audit", async () => {
    const key = await service.keyOf("admin", "audited");
    const { id } = (await upload("seen.txt", { key })).json;
    await service.ask("DELETE", `/api/v1/objects/${id}`, { key });
    const { items } = (await service.ask("GET", "/api/v1/admin/audit", { key })).json;
    assert.deepEqual(
      items.map(({ action, target, detail }: Record<string, unknown>) => [action, target, detail]),
      [
        ["objects.delete", id, {}],
        ["objects.create", id, { name: "seen.txt", contentType: "text/plain", size: 5 }],
      ],
    );
  });

  const names: Readonly<Record<string, string>> = {
    "Übersicht (final)*'1'.txt": "%C3%9Cbersicht%20%28final%29%2A%271%27.txt",
    'a"; filename="b.exe': "a%22%3B%20filename%3D%22b.exe",
    "..hidden": "..hidden",
    "a%2Fb": "a%252Fb",
    "CON:1": "CON%3A1",
    "😀": "%F0%9F%98%80",
  };
  for (const [name, written] of Object.entries(names))
    it(`may be called ${name}`, async () => {
      const { status, json, text } = await upload(name);
      assert.equal(status, 201, text);
      assert.equal(json.name, name);
      const answer = await service.ask("GET", json.url);
      assert.equal(answer.headers.get("content-disposition"), `attachment; filename*=UTF-8''${written}`);
    });

  const badNames: Readonly<Record<string, string>> = {
    "": "is empty",
    "../../etc/passwd": "has a / or \\: a name has no folders",
    "a/b": "has a / or \\: a name has no folders",
    "a\\b": "has a / or \\: a name has no folders",
    ".": "is . or ..",
    "..": "is . or ..",
    "a\0b": "has a control character",
    "a\r\nSet-Cookie: x": "has a control character",
    "a\u007f": "has a control character",
    " a": "begins or ends with a space",
    "a\u00a0": "begins or ends with a space",
    "gpj.\u202eexe": "has a character that turns the direction of writing",
    ["x".repeat(256)]: "is longer than 255 characters",
  };
  for (const [name, message] of Object.entries(badNames))
    it(`may not be called ${JSON.stringify(name).slice(0, 30)}`, async () => {
      const { status, json } = await upload(name);
      assert.equal(status, 422);
      assert.deepEqual(json.errors[0], { pointer: "/query/name", message });
    });

  it("need a name", async () => {
    const asked = { key: ADMIN_KEY, headers: text, body: "x" };
    for (const query of ["", "?name=a&name=b", "?name=a&path=b"])
      assert.equal((await service.ask("POST", `/api/v1/objects${query}`, asked)).status, 422, query);
  });

  const types = "text/plain, text/markdown, text/csv, application/json, application/pdf, application/octet-stream";
  const expected = `expected one of ${types}, image/*, audio/*`;
  const badTypes: Readonly<Record<string, string>> = {
    "text/html": `Content-Type is 'text/html'; ${expected}`,
    "text/plain, text/html": `Content-Type is 'text/plain, text/html'; ${expected}`,
    "image/*": `Content-Type is 'image/*'; ${expected}`,
    "multipart/form-data; boundary=x":
      "Content-Type is 'multipart/form-data'; send the file's bytes themselves as the body, with the file's own type",
  };
  for (const [type, detail] of Object.entries(badTypes))
    it(`may not be ${type}`, async () => {
      const asked = upload("a", { headers: { "Content-Type": type } });
      assert.deepEqual(await refusal(asked), [415, "unsupported_media_type", detail]);
    });

  it("may be of any kind of image", async () => {
    const { json } = await upload("a.svg", { headers: { "Content-Type": "Image/SVG+xml; q=1" } });
    assert.equal(json.contentType, "image/svg+xml; q=1");
    assert.equal((await service.ask("GET", json.url)).headers.get("content-type"), "image/svg+xml; q=1");
  });

  it("may not be compressed on the way", async () => {
    const asked = upload("a", { headers: { ...text, "Content-Encoding": "gzip" } });
    const detail = "Content-Encoding is 'gzip'; send the bytes as they are";
    assert.deepEqual(await refusal(asked), [415, "unsupported_media_type", detail]);
  });

  it("may be as large as is allowed, and no larger", async () => {
    assert.equal((await upload("a", { body: Buffer.alloc(MAX) })).status, 201);
    const detail = `the body has ${MAX + 1} bytes; it may have ${MAX}`;
    assert.deepEqual(await refusal(upload("a", { body: Buffer.alloc(MAX + 1) })), [413, "too_large", detail]);
  });

  it("are refused before they are read", async () => {
    const head = [
      "POST /api/v1/objects?name=a HTTP/1.1",
      "Host: x",
      `X-API-Key: ${ADMIN_KEY}`,
      "Content-Type: text/plain",
    ];
    const [answer] = await spoken(service, [...head, `Content-Length: ${20 * MAX}`]);
    assert.match(answer, /^HTTP\/1.1 413 /);
  });

  it("must say how long they are", async () => {
    const head = [
      "POST /api/v1/objects?name=a HTTP/1.1",
      "Host: x",
      `X-API-Key: ${ADMIN_KEY}`,
      "Content-Type: text/plain",
    ];
    const [answer] = await spoken(service, [...head, "Transfer-Encoding: chunked"], "5\r\nhello\r\n0\r\n\r\n");
    assert.match(answer, /^HTTP\/1.1 400 /);
    assert.match(answer, /the request has no Content-Length: the store has to know how many bytes will come/);
  });

  it("leave nothing when the caller hangs up", async () => {
    const before = (await rows()).length;
    const head = [
      "POST /api/v1/objects?name=a HTTP/1.1",
      "Host: x",
      `X-API-Key: ${ADMIN_KEY}`,
      "Content-Type: text/plain",
    ];
    const sent = Buffer.concat([
      Buffer.from(`${[...head, "Content-Length: 500000"].join("\r\n")}\r\n\r\n`),
      Buffer.alloc(250_000),
    ]);
    for (let round = 0; round < 20; round += 1) {
      const socket = connect(service.running.port, "127.0.0.1");
      await new Promise((done) => socket.write(sent, done));
      // Somewhere between the first byte and the middle.
      await sleep(round * 2);
      socket.destroy();
    }
    await until(() => service.log.filter((line) => line.includes('"status":499')).length >= 20);
    await until(() => kept().length === before);
    assert.equal((await rows()).length, before);
  });

  describe("when something is away", () => {
    const replaced: (() => void)[] = [];
    afterEach(() => {
      for (const restore of replaced.splice(0)) restore();
    });
    /** One method of one part, until the test is over. */
    function replace<T extends object, K extends keyof T>(part: T, method: K, value: T[K]): void {
      const before = Object.getOwnPropertyDescriptor(part, method);
      replaced.push(() => {
        Reflect.deleteProperty(part, method);
        if (before !== undefined) Object.defineProperty(part, method, before);
      });
      Object.defineProperty(part, method, { value, configurable: true });
    }
    const away = () => Promise.reject(new ObjectAway(Object.assign(new Error("far"), { code: "ECONNREFUSED" })));

    it("leave no bytes when their row can't be written", async () => {
      replace(service.running.services.database, "transaction", () =>
        Promise.reject(new DatabaseAway(new Error("far"))),
      );
      assert.equal((await upload("a")).status, 503);
    });

    it("keep their bytes when the commit was cut off and took place", async () => {
      const { database } = service.running.services;
      const commit = database.transaction.bind(database);
      replace(database, "transaction", async (work) => {
        await commit(work);
        throw new DatabaseAway(new Error("cut off"));
      });
      assert.equal((await upload("kept")).status, 503);
    });

    it("say so when the store is, and have no row", async () => {
      const before = (await rows()).length;
      replace(service.running.services.objects, "put", away);
      const { status, json, headers } = await upload("a", { body: Buffer.alloc(MAX) });
      assert.deepEqual([status, json.code, headers.get("retry-after")], [503, "unavailable", "2"]);
      assert.equal((await rows()).length, before);
    });

    it("are deleted all the same, and the log says what was left", async () => {
      const { id, url } = (await upload("left")).json;
      replace(service.running.services.objects, "delete", away);
      assert.equal((await service.ask("DELETE", `/api/v1/objects/${id}`, { key: ADMIN_KEY })).status, 204);
      assert.equal((await service.ask("GET", url)).status, 404);
      const lines = service.log.map((line) => JSON.parse(line)).filter(({ key }) => key === `default/${id}`);
      assert.deepEqual(
        lines.map(({ level, msg }) => [level, msg]),
        [["error", "the object store may be left with bytes that have no row: delete this key"]],
      );
      for (const restore of replaced.splice(0)) restore();
      await service.running.services.objects.delete(`default/${id}`);
    });
  });

  describe("with a link", () => {
    let id: string;
    let url: URL;
    before(async () => {
      const { json } = await upload("linked");
      id = json.id;
      url = new URL(json.url, service.url);
    });
    const alteredBy = (change: (url: URL) => void): string => {
      const altered = new URL(url);
      change(altered);
      return altered.pathname + altered.search;
    };

    it("are open to whoever has it", async () => {
      assert.equal((await service.ask("GET", url.pathname + url.search)).text, "hello");
    });

    const wrong: Readonly<Record<string, () => string | Promise<string>>> = {
      "no words": () => url.pathname,
      "no signature": () => alteredBy(({ searchParams }) => searchParams.delete("signature")),
      "another signature": () => alteredBy(({ searchParams }) => searchParams.set("signature", "A".repeat(43))),
      "two signatures": () => alteredBy(({ searchParams }) => searchParams.append("signature", "A".repeat(43))),
      "a later end": () => alteredBy(({ searchParams }) => searchParams.set("expires", "9999999999")),
      "another object": async () => {
        const { id: other } = (await upload("other")).json;
        return alteredBy((altered) => {
          altered.pathname = `/api/v1/objects/${other}/content`;
        });
      },
      "no such object": () => `/api/v1/objects/obj_x/content${url.search}`,
      "no id at all": () => `/api/v1/objects/..%2f..%2fetc%2fpasswd/content${url.search}`,
      "a NUL in its id": () => `/api/v1/objects/obj_%00/content${url.search}`,
      "its end in the past": async () => {
        const [row] = await service.running.services.database.query<{ readonly link_key: Uint8Array }>(
          "select link_key from objects where id = $1",
          [id],
        );
        assert.ok(row);
        const { expires, signature } = signLink(row.link_key, id, Math.floor(Date.now() / 1000) - 1);
        return `${url.pathname}?expires=${expires}&signature=${signature}`;
      },
    };
    for (const [what, path] of Object.entries(wrong))
      it(`get one and the same answer for one with ${what}`, async () => {
        const { status, json } = await service.ask("GET", await path());
        const { requestId: _, ...body } = json;
        const message = "there is nothing behind this link: it is wrong, it is over, or its object was deleted";
        assert.deepEqual([status, body.detail, body.code], [404, message, "not_found"]);
      });

    it("are not there when the store has lost them", async () => {
      const { id: lost, url: path } = (await upload("lost")).json;
      const { objects, database } = service.running.services;
      await objects.delete(`default/${lost}`);
      assert.equal((await service.ask("GET", path)).status, 404);
      assert.ok(service.log.some((line) => line.includes("the object store does not have the bytes of a row")));
      await database.query("delete from objects where id = $1", [lost]);
    });

    it("have links that are in no log", async () => {
      const signature = url.searchParams.get("signature") ?? "";
      assert.deepEqual(
        service.log.filter((line) => line.includes(signature)),
        [],
      );
    });
  });
});

/** Sends it as it stands; what comes until the other side closes, or the answer is whole. */
async function spoken({ running }: TestService, head: readonly string[], body = ""): Promise<readonly [string]> {
  const socket = connect(running.port, "127.0.0.1");
  socket.write(`${[...head, "Connection: close"].join("\r\n")}\r\n\r\n${body}`);
  let heard = "";
  for await (const chunk of socket) heard += chunk;
  return [heard];
}
