import assert from "node:assert/strict";
import { once } from "node:events";
import type { ConnectionOptions } from "node:tls";
import type { Pod } from "kubernetes-types/core/v1.js";
import { type RawData, WebSocket } from "ws";
import type { Manifest } from "../../engine/cluster/api.js";
import { addresses } from "../node/addresses.js";
import { completion, headersFor, messages, piecesOf } from "../support/calls.js";
import { itHere } from "../support/here.js";
import { type Answered, dial, type Line, lineOf, type Protocol, protocols } from "../support/line.js";
import { podPath, servicePods } from "../support/pods.js";
import { HOST, LIMITED, limits, models, SHORT } from "../support/settings.js";
import { namespaces } from "../support/stack.js";
import { until } from "../support/until.js";
import { visit } from "../support/visit.js";

const NOBODYS = "nobodys.agents.test";

/** Longer than Envoy's own 15 s for a request, and than the service's `requestTimeout`. */
const SILENT_MS = 17_000;

/** What a caller may say of himself, and is not believed. */
const FORGED = "203.0.113.7";
const forged = { "x-forwarded-for": FORGED, "x-real-ip": FORGED, forwarded: `for=${FORGED}` } as const;

describe("the way in", () => {
  const at = visit();
  const lines: Partial<Record<Protocol, Line>> = {};

  before(async () => {
    for (const protocol of protocols) lines[protocol] = lineOf(protocol, at.stack);
    await servicePods(at.stack);
    await until("the last of the routes", async () =>
      (await line("h2").ask({ host: SHORT, path: "/health" })).status === 200 ? true : undefined,
    );
  });
  // It takes longer than all the others together, which go on meanwhile.
  let silent: Promise<void>;
  before(() => {
    silent = staysOpen();
    silent.catch(() => {});
  });
  after(() => {
    for (const line of Object.values(lines)) line.close();
  });

  const line = (protocol: Protocol): Line => {
    const found = lines[protocol];
    assert.ok(found !== undefined);
    return found;
  };
  const known = (apiKey = at.key) => headersFor(apiKey);
  const ask = (protocol: Protocol, host: string, model: string, stream: boolean) =>
    line(protocol).ask({ host, ...completion(at.key, model, stream) });
  const newKey = async (protocol: Protocol, name: string, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await line(protocol).ask({
      path: "/api/v1/admin/api-keys",
      method: "POST",
      headers: { ...known(), ...headers },
      body: JSON.stringify({ name, role: "viewer" }),
    });
    assert.equal(answer.status, 201, answer.body);
    return JSON.parse(answer.body) as { readonly id: string; readonly key: string };
  };
  const openSocket = async (headers: Readonly<Record<string, string>> = {}) => {
    const socket = new WebSocket(`wss://${HOST}/ws`, "agents.v1", {
      headers: { authorization: `Bearer ${at.key}`, ...headers },
      createConnection: () => dial(at.stack),
    });
    await once(socket, "open");
    return socket;
  };

  /** A stream and a socket, that say nothing for long and go on. */
  const staysOpen = async (): Promise<void> => {
    const socket = await openSocket();
    const ping = async (id: number): Promise<number> => {
      const answer = once(socket, "message") as Promise<[RawData]>;
      socket.send(JSON.stringify({ id, method: "ping", params: {} }));
      const [data] = await answer;
      const { id: answered, result } = JSON.parse(String(data)) as { id: number; result: { pong: boolean } };
      assert.deepEqual([answered, result.pong], [id, true]);
      return performance.now();
    };
    const spoke = await ping(1);

    const byHttp2 = ask("h2", HOST, models.paused, true);
    const openai = at.caller.openai(at.key);
    const stream = await openai.chat.completions.create({ model: models.paused, messages, stream: true });
    const { pieces, times } = await piecesOf(stream);
    assert.deepEqual(pieces, ["Alpha", " beta", " gamma", " delta."]);
    const [first = 0, second = 0] = times;
    assert.ok(second - first > SILENT_MS, `${second - first} ms`);

    const { status, body, whole } = await byHttp2;
    assert.deepEqual([status, whole], [200, true]);
    assert.match(body, /Alpha.*\n\n.* delta\..*data: \[DONE\]\n\n$/s);

    assert.ok((await ping(2)) - spoke > SILENT_MS);
    socket.close();
  };

  describe("speaks with who calls", () => {
    for (const protocol of protocols)
      it(`in ${protocol}`, async () => {
        const socket = dial(at.stack, { ALPNProtocols: [protocol] });
        await once(socket, "secureConnect");
        assert.deepEqual([socket.alpnProtocol, socket.authorized], [protocol, true]);
        socket.destroy();
        const { status, body, headers } = await line(protocol).ask({ path: "/health" });
        assert.deepEqual([status, (JSON.parse(body) as { readonly status: string }).status], [200, "ok"]);
        assert.equal(headers["x-content-type-options"], "nosniff");
        assert.equal(headers["server"], undefined);
      });

    for (const protocol of protocols)
      it(`of a host that no route names: there is nothing, in ${protocol}`, async () => {
        const { status, body } = await line(protocol).ask({ host: NOBODYS, path: "/health" });
        assert.deepEqual([status, body], [404, ""]);
      });

    const shakes = (said: ConnectionOptions) => {
      const socket = dial(at.stack, said);
      return once(socket, "secureConnect")
        .then(() => socket.getProtocol())
        .finally(() => socket.destroy());
    };
    it("over TLS 1.2 and 1.3", async () => {
      for (const version of ["TLSv1.2", "TLSv1.3"] as const)
        assert.equal(await shakes({ minVersion: version, maxVersion: version }), version);
    });

    // A client of today offers neither by itself.
    const ciphers = "ALL:@SECLEVEL=0";
    it("over no older TLS", async () => {
      for (const version of ["TLSv1", "TLSv1.1"] as const)
        await assert.rejects(shakes({ minVersion: version, maxVersion: version, ciphers }), {
          code: /ALERT_PROTOCOL_VERSION$/,
        });
    });

    it("by no cipher without authenticated encryption", async () => {
      await assert.rejects(shakes({ maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA" }), {
        code: /ALERT_HANDSHAKE_FAILURE$/,
      });
    });
  });

  describe("tells the service who calls", () => {
    const elsewhere = "elsewhere a call may lose its address before it is there";
    interface Entry {
      readonly address: string;
      readonly target: string;
    }

    for (const protocol of protocols)
      itHere(
        `in ${protocol}, and not whom he says he is`,
        async () => {
          const { id } = await newKey(protocol, `of ${protocol}`, forged);
          const answer = await line(protocol).ask({
            path: "/api/v1/admin/audit?action=api-keys.create",
            headers: known(),
          });
          const { items } = JSON.parse(answer.body) as { readonly items: readonly Entry[] };
          const entry = items.find(({ target }) => target === id);
          assert.equal(entry?.address, addresses.outside);
        },
        elsewhere,
      );

    itHere(
      "by a socket",
      async () => {
        const requestId = `socket-${Date.now()}`;
        // It stays open as long as its line is looked for: a pod that is about to go keeps its log until then.
        const socket = await openSocket({ "x-request-id": requestId, ...forged });
        const logged = await until("a line of the service's log", async () => {
          const pods = await at.stack.list<Pod & Manifest>(`/api/v1/namespaces/${namespaces.services}/pods`);
          for (const pod of pods.filter(({ status }) => status?.phase === "Running"))
            for (const text of ((await at.stack.api.text(`${podPath(pod)}/log`)) ?? "").split("\n"))
              if (text.includes(requestId) && text.includes("socket opened"))
                return JSON.parse(text) as Readonly<Record<string, unknown>>;
          return undefined;
        });
        socket.terminate();
        assert.deepEqual([logged["requestId"], logged["address"]], [requestId, addresses.outside]);
      },
      elsewhere,
    );
  });

  describe("answers 429", () => {
    const health = (headers = {}): Promise<Answered> => line("h2").ask({ host: LIMITED, path: "/health", headers });

    it("of the gateway's own, beyond a route's limit, whoever the caller says he is", async () => {
      for (let left = limits.gateway; left > 0; left -= 1) assert.equal((await health()).status, 200, `${left} left`);
      for (const said of [{}, forged]) {
        const { status, headers, body } = await health(said);
        assert.equal(status, 429);
        assert.equal(body, "local_rate_limited");
        assert.equal(headers["retry-after"], undefined);
        assert.equal(headers["x-ratelimit-limit"], String(limits.gateway));
        assert.equal(headers["x-ratelimit-remaining"], "0");
      }
      assert.equal((await line("h2").ask({ path: "/health" })).status, 200, "another route");
    });

    it("of the service's, beyond a key's limit, counted by all pods together, and says when to come again", async () => {
      const { key: limited } = await newKey("h2", "limited");
      const list = (apiKey: string) => at.caller.fetch("/v1/models", { headers: known(apiKey) });
      for (let left = limits.service - 1; left >= 0; left -= 1) {
        const { status, headers } = await list(limited);
        assert.deepEqual([status, headers.get("ratelimit-remaining")], [200, String(left)]);
      }
      const refused = await list(limited);
      const requestId = refused.headers.get("x-request-id");
      const detail = `more than ${limits.service} calls in 900 s (api)`;
      assert.equal(refused.status, 429);
      assert.deepEqual(await refused.json(), {
        type: "/errors/rate_limited",
        title: "Too many calls",
        status: 429,
        detail,
        code: "rate_limited",
        requestId,
        errors: [],
        error: { message: detail, type: "rate_limit_error", param: null, code: "rate_limited" },
      });
      assert.equal(refused.headers.get("content-type"), "application/problem+json; charset=utf-8");
      assert.equal(refused.headers.get("ratelimit-policy"), `"api";q=${limits.service};w=900`);
      assert.match(refused.headers.get("retry-after") ?? "", /^[1-9]\d{0,2}$/);
      assert.equal(refused.headers.get("x-ratelimit-limit"), null);
      assert.equal((await list(at.key)).status, 200, "another key");
    });
  });

  describe("stays open", () => {
    for (const protocol of protocols)
      it(`for no longer than a route's timeout, where it has one, in ${protocol}`, async () => {
        const late = await ask(protocol, SHORT, models.paused, false);
        assert.deepEqual([late.status, late.body], [504, "upstream request timeout"]);
        // What has begun can't get another status: it is cut, and no client takes it for the whole.
        const begun = await ask(protocol, SHORT, models.paused, true);
        assert.deepEqual([begun.status, begun.whole], [200, false]);
        assert.match(begun.body, /Alpha/);
        assert.doesNotMatch(begun.body, /delta\.|DONE/);
      });

    it("for a stream and a socket that are silent for long, and go on", () => silent);
  });
});
