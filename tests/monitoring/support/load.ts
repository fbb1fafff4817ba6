import { once } from "node:events";
import { WebSocket } from "ws";
import { ADMIN_KEY } from "../../service/support/service.js";

/** What a caller does to the service, call after call. Limits count by key: each round has one of its own. */
type Do = (service: Called, index: number) => Promise<void>;

interface Called {
  readonly url: string;
  readonly key: string;
  ask(method: string, path: string, body?: unknown): Promise<Response>;
}

const messages = [{ role: "user", content: "hi" }];

const plays = {
  chat: async ({ ask }) => void (await ask("POST", "/v1/chat/completions", { model: "auto", messages })),
  stream: async ({ ask }) =>
    void (await ask("POST", "/v1/chat/completions", { model: "auto", messages, stream: true })),
  embed: async ({ ask }) => void (await ask("POST", "/v1/embeddings", { model: "first/embed", input: "some words" })),
  templates: async ({ ask }, index) => {
    const body = { name: `load/${Date.now()}/${index}`, body: "Hello, {{name}}", variables: [{ name: "name" }] };
    const { id } = (await (await ask("POST", "/api/v1/templates", body)).json()) as { readonly id: string };
    await ask("POST", `/api/v1/templates/${id}/render`, { variables: { name: "you" } });
  },
  objects: async ({ ask }, index) => {
    const made = await ask("POST", `/api/v1/objects?name=${index}.txt`, Buffer.from("some text"));
    const { id } = (await made.json()) as { readonly id: string };
    await ask("DELETE", `/api/v1/objects/${id}`);
  },
  sockets: async ({ url, key }) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/ws`, ["agents.v1"], {
      headers: { Authorization: `Bearer ${key}` },
    });
    await once(socket, "open");
    socket.send(JSON.stringify({ id: 1, method: "ping", params: {} }));
    await once(socket, "message");
    socket.close(1000);
    await once(socket, "close");
  },
  /** Without a key that is known. */
  denied: async ({ url }) =>
    void (await fetch(`${url}/api/v1/templates`, { headers: { Authorization: "Bearer ak_nobody_0123456789abcdef" } })),
  /** What no route has. */
  missing: async ({ ask }) => void (await ask("GET", "/nowhere")),
  /** Reads, as many as one key may make and more. */
  reads: async ({ ask }) => void (await ask("GET", "/api/v1/templates")),
} as const satisfies Readonly<Record<string, Do>>;

export type LoadKind = keyof typeof plays;
export const loadKinds = Object.keys(plays) as readonly LoadKind[];

const AT_ONCE = 5;

/** `count` times, a few at once; what the service answers is its own affair, but it must answer. */
export async function load(url: string, kind: LoadKind, count: number): Promise<void> {
  const key = await newKey(url);
  const ask: Called["ask"] = async (method, path, body) => {
    const bytes = body instanceof Uint8Array;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { "Content-Type": bytes ? "text/plain" : "application/json" }),
      },
      ...(body === undefined ? {} : { body: bytes ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return new Response(text === "" ? null : text, { status: response.status === 204 ? 200 : response.status });
  };
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) await plays[kind]({ url, key, ask }, next++);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, caller));
}

async function newKey(url: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/admin/api-keys`, {
    method: "POST",
    headers: { Authorization: `Bearer ${ADMIN_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify({ name: "load", role: "operator" }),
  });
  const { key } = (await response.json()) as { readonly key?: string };
  if (key === undefined) throw new Error(`no key: ${response.status}`);
  return key;
}
