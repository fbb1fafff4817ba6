import assert from "node:assert/strict";
import { connect } from "node:net";
import { startAlone } from "../support/process.js";
import { ADMIN_KEY } from "../support/service.js";

/** The same numbers each time: what fails can be sent again. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Chance = (below: number) => number;

const bytes = (next: Chance, length: number): Buffer => Buffer.from(Array.from({ length }, () => next(256)));
const head = (lines: readonly string[]): string => `${lines.join("\r\n")}\r\n\r\n`;
const authorised = `Authorization: Bearer ${ADMIN_KEY}`;

function post(body: Buffer | string, more: readonly string[] = [], length = Buffer.byteLength(body)): Buffer {
  const lines = ["POST /api/v1/templates HTTP/1.1", "Host: x", authorised, `Content-Length: ${length}`];
  const typed = more.some((line) => /^content-type/i.test(line)) ? more : ["Content-Type: application/json", ...more];
  return Buffer.concat([Buffer.from(head([...lines, ...typed]), "latin1"), Buffer.from(body)]);
}

/** One row a kind of nonsense that a stranger can send. */
const kinds: Readonly<Record<string, (next: Chance) => Buffer>> = {
  "bytes of chance as JSON": (next) => post(bytes(next, next(300))),
  "JSON that breaks off": (next) => post('{"name": "x", "body": "y", "variables": [{"name": "z"}]}'.slice(0, next(55))),
  "deep JSON": (next) => post(`${"[{".repeat(next(3000))}`),
  "wrong types": (next) => {
    const values = ["null", "1e999", "-0", "[]", "{}", '""', '"\\u0000"', '"\\ud800"', "true", "9".repeat(400)];
    const value = () => values[next(values.length)];
    return post(`{"name": ${value()}, "body": ${value()}, "variables": ${value()}}`);
  },
  "names of an object's own fields": (next) =>
    post(`{"${["__proto__", "constructor", "toString", "hasOwnProperty"][next(4)]}": {"name": "x"}}`),
  "a length that lies": (next) => post("{}", [], next(2) === 0 ? 1 : 2 + next(5000)),
  "no JSON at all": (next) =>
    post("a=b", [`Content-Type: ${["text/plain", "", "multipart/form-data", "a/b/c"][next(4)]}`]),
  "an encoding that it is not": (next) =>
    post(bytes(next, 50), [`Content-Encoding: ${["gzip", "br", "deflate", "pig"][next(4)]}`]),
  "broken chunks": (next) =>
    Buffer.from(
      head(["POST /api/v1/templates HTTP/1.1", "Host: x", authorised, "Transfer-Encoding: chunked"]) +
        ["zz\r\n", "5\r\nab", "FFFFFFFFFFFFFFFFF\r\n", "-1\r\n", "2\r\n{}\r\n0\r\n\r\n"][next(5)],
    ),
  "two lengths": () =>
    Buffer.from(
      head(["POST /api/v1/templates HTTP/1.1", "Host: x", "Content-Length: 5", "Transfer-Encoding: chunked"]) +
        "0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
    ),
  "broken paths": (next) =>
    Buffer.from(
      head([
        `GET /api/v1/${["templates/%", "templates/%00", "templates/..%2f..%2fetc", "objects/%c0%ae", "%ff", "templates?limit[]=1&limit[x]=2"][next(6)]} HTTP/1.1`,
        "Host: x",
        authorised,
      ]),
    ),
  "a credential of chance": (next) =>
    Buffer.concat([
      Buffer.from("GET /api/v1/templates HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "),
      bytes(next, 1 + next(60)),
      Buffer.from("\r\n\r\n"),
    ]),
  "a token that is none": (next) =>
    Buffer.from(
      head([
        "GET /api/v1/templates HTTP/1.1",
        "Host: x",
        `Authorization: Bearer ${bytes(next, 20).toString("base64url")}.${bytes(next, 20).toString("base64url")}.`,
      ]),
    ),
  "headers of chance": (next) =>
    Buffer.concat([
      Buffer.from("GET /health HTTP/1.1\r\nHost: x\r\n"),
      bytes(next, 1 + next(200)),
      Buffer.from("\r\n\r\n"),
    ]),
  "a request id with lines in it": () =>
    Buffer.from(head(["GET /health HTTP/1.1", "Host: x", 'X-Request-Id: a", "level": 60, "msg": "forged']), "latin1"),
  methods: (next) =>
    Buffer.from(
      head([`${["TRACE", "CONNECT", "PROPFIND", "FOO", "get"][next(5)]} /api/v1/templates HTTP/1.1`, "Host: x"]),
    ),
  "no HTTP": (next) => bytes(next, 1 + next(200)),
  "too many headers": (next) =>
    Buffer.from(
      head(["GET /health HTTP/1.1", "Host: x", ...Array.from({ length: next(3000) }, (_, at) => `X-${at}: x`)]),
    ),
};

describe("10,000 requests of nonsense", () => {
  let service: Awaited<ReturnType<typeof startAlone>>;
  before(async () => {
    service = await startAlone();
  });
  after(() => service.remove());

  /** The status of the answer; 0 where the connection was closed without one. */
  const send = (payload: Buffer): Promise<number> =>
    new Promise((resolve) => {
      const socket = connect(service.port, "127.0.0.1", () => socket.end(payload));
      let said = "";
      socket.on("data", (chunk) => {
        said += chunk.toString("latin1").slice(0, 100);
      });
      socket.on("error", () => {});
      socket.on("close", () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(said)?.[1] ?? 0)));
    });

  it("get no 5xx, end nothing and keep no memory", async () => {
    const next = chance(20_261_121);
    const names = Object.keys(kinds);
    const seen = new Map<string, number>();
    const failures: string[] = [];
    const round = async (times: number) => {
      let left = times;
      const client = async () => {
        while (left > 0) {
          left -= 1;
          const name = names[next(names.length)] ?? "";
          const payload = kinds[name]?.(next) ?? Buffer.alloc(0);
          const status = await send(payload);
          seen.set(
            `${name}: ${Math.floor(status / 100)}xx`,
            (seen.get(`${name}: ${Math.floor(status / 100)}xx`) ?? 0) + 1,
          );
          if (status >= 500) failures.push(`${status} for ${name}: ${payload.toString("latin1").slice(0, 300)}`);
        }
      };
      await Promise.all(Array.from({ length: 20 }, client));
    };
    await round(4000);
    const before = service.memory();
    await round(6000);
    const grown = service.memory() - before;
    assert.deepEqual(failures, []);
    assert.equal(service.child.exitCode, null);
    assert.ok(grown < 64, `${Math.round(grown)} MB more after 6,000 requests`);
    const health = await fetch(`${service.url}/health/ready`);
    assert.equal(health.status, 200);
    // Each kind was refused, not run past: none of them is a good call.
    for (const name of names)
      assert.ok(
        [...seen.keys()].some((key) => key.startsWith(name)),
        name,
      );
    assert.deepEqual(
      service.log.filter((line) => line.includes('"forged"') || line.includes(ADMIN_KEY)),
      [],
    );
  });

  it("ends connections whose headers do not come to an end", async () => {
    const socket = connect(service.port, "127.0.0.1", () =>
      socket.write("GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: "),
    );
    let said = "";
    for await (const chunk of socket) said += chunk;
    assert.match(said, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.match(said, /"detail":"the request did not arrive in time"/);
  });
});
