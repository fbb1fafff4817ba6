import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { WebSocket } from "ws";
import { type ProcessOptions, startAlone } from "../support/process.js";
import { ADMIN_KEY } from "../support/service.js";
import { until } from "../support/until.js";

const headers = { Authorization: `Bearer ${ADMIN_KEY}`, "Content-Type": "application/json" };

interface Answer {
  readonly status: number;
  readonly connection: string | undefined;
}

describe("the end of the process", () => {
  let service: Awaited<ReturnType<typeof startAlone>>;
  const start = async (settings: Record<string, string> = {}, options: ProcessOptions = {}) => {
    service = await startAlone(settings, options);
  };
  afterEach(() => service.remove());
  const call = (method: string, path: string, agent: Agent, body?: object): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = request(`${service.url}${path}`, { method, headers, agent }, (response) => {
        response.resume();
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, connection: response.headers.connection }),
        );
      });
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });

  it("drops none of 3,000 calls that come while it begins, and closes sockets as a restart", async () => {
    await start();
    const sockets = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = new WebSocket(`${service.url.replace("http", "ws")}/ws`, "agents.v1", { headers });
        await once(socket, "open");
        return socket;
      }),
    );
    const closed = sockets.map((socket) => once(socket, "close").then(([code]) => code as number));
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    const answers: Answer[] = [];
    const failed: unknown[] = [];
    let sent = 0;
    let ended: Promise<number | NodeJS.Signals> | undefined;
    const client = async (which: number) => {
      while (sent < 3000) {
        sent += 1;
        const body = { name: `template ${which} ${sent}`, body: "x" };
        const asked = sent % 3 === 0 ? call("POST", "/api/v1/templates", agent, body) : call("GET", "/health", agent);
        await asked.then(
          (answer) => answers.push(answer),
          (error: unknown) => failed.push(error),
        );
        // In the middle of the load, and never later than the process serves new calls.
        if (answers.length >= 2000) ended ??= service.end("SIGTERM");
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, which) => client(which)));
    assert.deepEqual(failed, []);
    assert.deepEqual(
      answers.filter(({ status }) => status !== 200 && status !== 201),
      [],
    );
    assert.equal(answers.length, 3000);
    assert.ok(answers.filter(({ connection }) => connection === "close").length > 0);
    assert.deepEqual(new Set(await Promise.all(closed)), new Set([1012]));
    assert.equal(await ended, 0);
    agent.destroy();
  });

  it("says at once that it is not ready, and answers new calls for two seconds all the same", async () => {
    await start();
    const agent = new Agent({ keepAlive: false });
    const ended = service.end("SIGTERM");
    await until(async () => (await call("GET", "/health/ready", agent)).status === 503);
    assert.deepEqual(await call("GET", "/api/v1/templates", agent), { status: 200, connection: "close" });
    assert.equal(await ended, 0);
  });

  it("answers the call that it has accepted before it ends", async () => {
    await start();
    const socket = connect(service.port, "127.0.0.1");
    const body = JSON.stringify({ name: "slow", body: "x" });
    const head = Object.entries({ Host: "x", ...headers, "Content-Length": body.length });
    socket.write(
      `POST /api/v1/templates HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`,
    );
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    const agent = new Agent();
    const ended = service.end("SIGTERM");
    // New connections are refused from here on: only what was accepted is left.
    await until(async () => (await call("GET", "/health", agent).catch(() => undefined)) === undefined);
    socket.write(body);
    await once(socket, "close");
    assert.match(answer, /^HTTP\/1\.1 201 Created\r\n/);
    assert.equal(await ended, 0);
  });

  it("is forced after SHUTDOWN_TIMEOUT, whatever hangs", async () => {
    await start({ SHUTDOWN_TIMEOUT: "3s" });
    const socket = connect(service.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(
      `POST /api/v1/templates HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ADMIN_KEY}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n`,
    );
    await once(socket, "connect");
    const began = performance.now();
    assert.equal(await service.end("SIGTERM"), 143);
    assert.ok(performance.now() - began < 30_000);
    socket.destroy();
  });

  it("is the same by npm start, whose shell would keep the signal to itself", async () => {
    await start({}, { command: ["npm", "start", "--silent"] });
    assert.equal(await service.end("SIGTERM"), 0);
    await assert.rejects(fetch(`${service.url}/health`));
  });

  it("comes at once with the second signal", async () => {
    await start();
    const first = service.end("SIGINT");
    await until(async () => service.log.some((line) => line.includes("SIGINT: serves on")));
    service.child.kill("SIGINT");
    assert.equal(await first, 143);
  });
});
