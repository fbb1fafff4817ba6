import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { type FakeProvider, startFakeProvider } from "../support/fake-provider.js";
import { startAlone } from "../support/process.js";
import { ADMIN_KEY } from "../support/service.js";
import { until } from "../support/until.js";
import { type RedisServer, startRedis } from "./servers.js";

type Service = Awaited<ReturnType<typeof startAlone>>;

const headers = { Authorization: `Bearer ${ADMIN_KEY}`, "Content-Type": "application/json" };

const settingsFor = ({ url }: FakeProvider, more: object = {}): Readonly<Record<string, string>> => ({
  LIMIT_AI: "0",
  P1_KEY: "k",
  AI_PROVIDERS_CONFIG: JSON.stringify({
    providers: [{ name: "p1", kind: "openai", baseUrl: url, apiKeyEnv: "P1_KEY", models: ["m1"] }],
    ...more,
  }),
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

const chat = ({ url }: Service, stream: boolean, agent?: Agent): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/chat/completions`, { method: "POST", headers, agent }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        text += piece;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(JSON.stringify({ model: "auto", stream, messages: [{ role: "user", content: "hi" }] }));
  });

const isWhole = ({ status, text }: Answer): boolean =>
  status === 200 && text.includes('"finish_reason":"stop"') && text.endsWith("data: [DONE]\n\n");

describe("streams at the end of the process", () => {
  const providers: FakeProvider[] = [];
  let service: Service;
  afterEach(async () => {
    await service.remove();
    for (const provider of providers.splice(0)) await provider.stop();
  });
  const start = async (options: Parameters<typeof startFakeProvider>[1] = {}) => {
    const provider = await startFakeProvider("openai", options);
    providers.push(provider);
    service = await startAlone(settingsFor(provider));
  };

  it("are whole, all 3,000 that come while it begins", async () => {
    await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    const bad: unknown[] = [];
    let sent = 0;
    let answered = 0;
    let ended: Promise<number | NodeJS.Signals> | undefined;
    const client = async () => {
      while (sent < 3000) {
        sent += 1;
        await chat(service, true, agent).then(
          (answer) => {
            answered += 1;
            if (!isWhole(answer)) bad.push(answer);
          },
          (error: unknown) => void bad.push(error),
        );
        // In the middle of the load, and never later than the process takes new calls.
        if (answered >= 2500) ended ??= service.end("SIGTERM");
      }
    };
    await Promise.all(Array.from({ length: 20 }, client));
    assert.deepEqual(bad, []);
    assert.equal(answered, 3000);
    assert.equal(await ended, 0);
    agent.destroy();
  });

  it("are whole when they go on long after new calls are refused", async () => {
    await start({ tokenDelayMs: 900 });
    const answers = Promise.all(Array.from({ length: 20 }, () => chat(service, true)));
    await until(async () => providers[0]?.open === 20);
    const ended = service.end("SIGTERM");
    await until(async () => (await fetch(`${service.url}/health`).catch(() => undefined)) === undefined);
    assert.equal(providers[0]?.open, 20);
    assert.deepEqual((await answers).map(isWhole), Array(20).fill(true));
    assert.equal(await ended, 0);
  });
});

describe("a breaker of two replicas", () => {
  let redis: RedisServer;
  let provider: FakeProvider;
  let replicas: readonly Service[];
  before(async () => {
    redis = await startRedis({});
    provider = await startFakeProvider("openai", { tokenDelayMs: 150 });
    const settings = {
      ...settingsFor(provider, { breaker: { openMs: 1500, successes: 1 }, timeouts: { retryMs: 1 } }),
      REDIS_URL: redis.url,
    };
    replicas = await Promise.all([startAlone(settings), startAlone(settings)]);
  });
  after(async () => {
    for (const replica of replicas) await replica.remove();
    await provider.stop();
    await redis.stop();
  });
  const phaseOf = async ({ url }: Service): Promise<string> => {
    const answer = await fetch(`${url}/api/v1/admin/breakers`, { headers });
    const { breakers } = (await answer.json()) as { breakers: readonly { phase: string }[] };
    return breakers[0]?.phase ?? "";
  };

  it("is opened by one, keeps the other from calling, and is tried by one call of both together", async () => {
    const [one, other] = replicas;
    assert.ok(one !== undefined && other !== undefined);
    provider.play("status_500");
    for (let call = 0; call < 3; call += 1) assert.equal((await chat(one, false)).status, 503);
    assert.equal(provider.calls.length, 5);
    assert.equal(await phaseOf(other), "open");
    const refused = await chat(other, false);
    assert.deepEqual([refused.status, JSON.parse(refused.text).code], [503, "providers_unavailable"]);
    assert.equal(provider.calls.length, 5);

    provider.play("none");
    await until(async () => (await phaseOf(other)) === "half-open");
    const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => chat(at % 2 === 0 ? one : other, true)));
    assert.equal(provider.calls.length, 6);
    assert.equal(answers.filter(isWhole).length, 1);
    assert.equal(answers.filter(({ status }) => status === 503).length, 19);

    await until(async () => (await phaseOf(one)) === "closed" && (await phaseOf(other)) === "closed");
    assert.ok(isWhole(await chat(other, true)));
  });
});
