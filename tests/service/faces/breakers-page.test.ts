import assert from "node:assert/strict";
import { Script } from "node:vm";
import { type FakeProvider, startFakeProvider } from "../support/fake-provider.js";
import { ADMIN_KEY, startService, type TestService } from "../support/service.js";

const PATH = "/api/v1/admin/breakers";
const HOUR = 3_600_000;

/** Two providers that can't be reached; what is open stays open. */
const providersAt = (baseUrl: string): string =>
  JSON.stringify({
    providers: [
      { name: "near", kind: "ollama", baseUrl, models: ["small", "large"] },
      { name: "far", kind: "ollama", baseUrl, models: ["small"] },
    ],
    timeouts: { retryMs: 1 },
    breaker: { inARow: 1, openMs: HOUR, maxOpenMs: HOUR },
  });

describe("breakers for admins", () => {
  let away: FakeProvider;
  let service: TestService;
  before(async () => {
    away = await startFakeProvider("ollama", { fault: "refused" });
    service = await startService({ AI_PROVIDERS_CONFIG: providersAt(away.url) });
  });
  after(async () => {
    await service?.stop();
    await away?.stop();
  });

  const list = (key?: string) => service.ask("GET", PATH, key === undefined ? {} : { key });
  const reset = (body: object, key = ADMIN_KEY) => service.ask("POST", `${PATH}/reset`, { key, body });
  const phases = (json: { breakers: { provider: string; model: string; phase: string }[] }) =>
    json.breakers.map(({ provider, model, phase }) => `${provider}/${model} ${phase}`);
  const open = async (...models: readonly string[]) => {
    const body = { messages: [{ role: "user", content: "hello" }] };
    for (const model of models)
      await service.ask("POST", "/v1/chat/completions", { key: ADMIN_KEY, body: { ...body, model } });
  };

  describe("the page", () => {
    it("is served with its script to everybody, as what they are", async () => {
      for (const [path, type] of [
        ["/admin/breakers", "text/html; charset=utf-8"],
        ["/admin/breakers.js", "text/javascript; charset=utf-8"],
      ] as const) {
        const { status, headers } = await service.ask("GET", path);
        assert.deepEqual(
          [status, headers.get("content-type"), headers.get("cache-control"), headers.get("x-content-type-options")],
          [200, type, "no-store", "nosniff"],
          path,
        );
      }
    });

    it("has no script in itself and nothing from elsewhere", async () => {
      const { text, headers } = await service.ask("GET", "/admin/breakers");
      assert.match(headers.get("content-security-policy") ?? "", /script-src 'self';/);
      assert.deepEqual(text.match(/<script.*?<\/script>/gs), ['<script src="/admin/breakers.js"></script>']);
      const asked = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
      assert.deepEqual(asked, ["data:,", "/admin/breakers.js"]);
      assert.doesNotMatch(text, /\son\w+=|javascript:|@import|url\(|\/\//);
    });

    it("names nothing that the form could send by itself", async () => {
      const { text } = await service.ask("GET", "/admin/breakers");
      assert.match(text, /<input id="key" type="password"/);
      assert.doesNotMatch(text, /\s(name|action)="(?!viewport)/);
    });

    it("has a script that a browser can read, keeps the key to itself and writes text only", async () => {
      const { text } = await service.ask("GET", "/admin/breakers.js");
      assert.doesNotThrow(() => new Script(text));
      assert.doesNotMatch(text, /storage|cookie|location|history|innerHTML|outerHTML|insertAdjacentHTML|eval|https?:/i);
    });
  });

  describe("the list", () => {
    it("is for admins alone", async () => {
      const statuses = [undefined, await service.keyOf("viewer"), await service.keyOf("operator"), ADMIN_KEY];
      assert.deepEqual(await Promise.all(statuses.map(async (key) => (await list(key)).status)), [401, 403, 403, 200]);
    });

    it("says how each provider is, and the breaker of each of its models", async () => {
      await open("near/small");
      const { json } = await list(ADMIN_KEY);
      const [{ since, ...near }, { since: _, ...far }] = json.providers;
      assert.equal(new Date(since).toISOString(), since);
      assert.deepEqual(near, {
        name: "near",
        kind: "ollama",
        status: "down",
        reason: "can't be reached",
        seenBy: "calls",
        credentialRefused: false,
      });
      assert.deepEqual(far, {
        name: "far",
        kind: "ollama",
        status: "unknown",
        reason: null,
        seenBy: null,
        credentialRefused: false,
      });
      const [{ retryAfterSeconds, ...small }, large] = json.breakers;
      assert.ok(retryAfterSeconds > 3000 && retryAfterSeconds <= 3600, String(retryAfterSeconds));
      assert.deepEqual(small, {
        provider: "near",
        model: "small",
        phase: "open",
        limited: false,
        calls: 1,
        failures: 1,
        inARow: 1,
      });
      assert.deepEqual(large, {
        provider: "near",
        model: "large",
        phase: "closed",
        limited: false,
        retryAfterSeconds: 0,
        calls: 0,
        failures: 0,
        inARow: 0,
      });
    });
  });

  describe("a reset", () => {
    beforeEach(() => open("near/small", "near/large", "far/small"));

    it("closes the breaker of one model, and says how all are now", async () => {
      assert.deepEqual(phases((await list(ADMIN_KEY)).json), ["near/small open", "near/large open", "far/small open"]);
      const { status, json } = await reset({ provider: "near", model: "large" });
      assert.equal(status, 200);
      assert.deepEqual(phases(json), ["near/small open", "near/large closed", "far/small open"]);
      assert.deepEqual(phases((await list(ADMIN_KEY)).json), phases(json));
    });

    it("closes those of all models of a provider", async () => {
      const { json } = await reset({ provider: "near" });
      assert.deepEqual(phases(json), ["near/small closed", "near/large closed", "far/small open"]);
    });

    it("leaves a row of audit", async () => {
      await reset({ provider: "near", model: "small" });
      const { json } = await service.ask("GET", "/api/v1/admin/audit?limit=1", { key: ADMIN_KEY });
      const [{ action, target, detail, principal }] = json.items;
      assert.deepEqual(
        [action, target, detail, principal],
        ["breakers.reset", "breakers", { provider: "near", model: "small" }, "bootstrap:bootstrap"],
      );
    });

    it("is not for the admins of other tenants", async () => {
      const foreign = await service.keyOf("admin", "acme");
      const refused = await reset({ provider: "near" }, foreign);
      assert.deepEqual(
        [refused.status, refused.json.detail],
        [403, "breakers hold for every tenant: they are reset by the service's own admins"],
      );
      assert.deepEqual(phases((await list(foreign)).json), ["near/small open", "near/large open", "far/small open"]);
    });

    it("of what is not there says what there is", async () => {
      const there = "there are those of near/small, near/large, far/small";
      for (const [body, wrong] of [
        [{ provider: "near", model: "lrge" }, "near/lrge"],
        [{ provider: "nearr" }, "nearr"],
      ] as const) {
        const refused = await reset(body);
        assert.deepEqual(
          [refused.status, refused.json.code, refused.json.detail],
          [404, "not_found", `there is no breaker of '${wrong}'; ${there}`],
        );
      }
    });
  });
});
