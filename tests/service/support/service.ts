import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadEnv } from "../../../service/src/env.js";
import { type Running, start } from "../../../service/src/start.js";
import type { PooledDatabase } from "../../../service/src/storage/database.js";
import { openInMemory } from "../../../service/src/storage/embedded.js";
import { createTelemetry } from "../../../service/src/telemetry/telemetry.js";

export const ADMIN_KEY = "ak_test_bootstrap_0123456789abcdef";

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape and assert what they find.
  readonly json: any;
}

export interface Asked {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is text or bytes. */
  readonly body?: unknown;
}

export interface TestService {
  readonly url: string;
  readonly running: Running;
  readonly log: readonly string[];
  ask(method: string, path: string, asked?: Asked): Promise<Answered>;
  /** A key of a role, made by the API; of the default tenant where none is named. */
  keyOf(role: "admin" | "operator" | "viewer", tenant?: string): Promise<string>;
  stop(): Promise<void>;
}

/**
 * The whole service in this process, on a free port, with limits out of the way. An embedded database of its own takes
 * most of a start: services that need none may share one, which outlives them.
 */
export async function startService(
  settings: Readonly<Record<string, string>> = {},
  shared?: PooledDatabase,
): Promise<TestService> {
  const folder = mkdtempSync(join(tmpdir(), "service-"));
  const env = loadEnv({
    NODE_ENV: "test",
    PORT: "0",
    METRICS_PORT: "0",
    DATA_DIR: folder,
    BOOTSTRAP_API_KEY: ADMIN_KEY,
    RATE_LIMIT_MAX: "1000000",
    LIMIT_API: "0",
    LIMIT_AI: "0",
    ...settings,
  });
  const log: string[] = [];
  const telemetry = await createTelemetry(env, { destination: { write: (line: string) => void log.push(line) } });
  const database = shared === undefined ? openInMemory : async () => ({ ...shared, close: async () => {} });
  const running = await start(env, telemetry, { database, leave: 0 });
  await running.serving;

  const ask = async (method: string, path: string, { key, headers, body }: Asked = {}): Promise<Answered> => {
    const raw = typeof body === "string" || body instanceof Uint8Array;
    const response = await fetch(`${running.url}${path}`, {
      method,
      headers: {
        ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
        ...(body === undefined || raw ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      get json() {
        return JSON.parse(text);
      },
    };
  };
  const made = new Map<string, Promise<string>>();
  const make = async (role: string, tenant: string): Promise<string> => {
    const body = { name: `${role} of ${tenant}`, role, tenant };
    const { json } = await ask("POST", "/api/v1/admin/api-keys", { key: ADMIN_KEY, body });
    return json.key;
  };
  return {
    url: running.url,
    running,
    log,
    ask,
    keyOf(role, tenant = "default") {
      const name = `${role}/${tenant}`;
      const key = made.get(name) ?? make(role, tenant);
      made.set(name, key);
      return key;
    },
    async stop() {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
