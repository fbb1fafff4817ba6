import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import { freePorts } from "../../engine/cluster/process.js";
import { tool } from "../../tools/cache.js";
import { certificates } from "./certificates.js";
import { live, type Server } from "./life.js";
import { runFolder } from "./run-folder.js";
import { startServer } from "./server-process.js";

export interface RedisServer extends Server {
  /** With a password; `rediss://` with TLS, and then no other. */
  readonly url: string;
  /** Who signed its certificate, if it was started with TLS. */
  readonly caFile?: string;
}

/** With `cluster` it is a cluster of one node, which holds every slot. */
export async function startRedis({
  tls = false,
  cluster = false,
}: {
  readonly tls?: boolean;
  readonly cluster?: boolean;
} = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(runFolder(), "redis-"));
  const [port = 0, busPort = 0] = await freePorts(2);
  const password = randomBytes(12).toString("hex");
  const { ca, certificate, key } = tls ? certificates() : { ca: "", certificate: "", key: "" };
  const settings = [
    "bind 127.0.0.1",
    `dir ${folder}`,
    `requirepass ${password}`,
    // What was written is with the system before the answer, so that a killed server has it.
    "appendonly yes",
    'save ""',
    ...(tls
      ? [
          "port 0",
          `tls-port ${port}`,
          `tls-cert-file ${certificate}`,
          `tls-key-file ${key}`,
          `tls-ca-cert-file ${ca}`,
          "tls-auth-clients no",
        ]
      : [`port ${port}`]),
    ...(cluster
      ? [
          "cluster-enabled yes",
          // Else it is the port + 10000, which may be none.
          `cluster-port ${busPort}`,
          "cluster-announce-ip 127.0.0.1",
          ...(tls ? ["tls-cluster yes"] : []),
        ]
      : []),
  ];
  const file = join(folder, "redis.conf");
  writeFileSync(file, `${settings.join("\n")}\n`, { mode: 0o600 });
  const url = `${tls ? "rediss" : "redis"}://:${password}@127.0.0.1:${port}`;
  const whole = { url, ...(tls ? { caFile: ca } : {}) };
  const start = async () => {
    const running = await startServer({
      program: tool("redis"),
      options: [file],
      log: join(folder, "log"),
      ready: /Ready to accept connections/,
    });
    if (cluster) await holdEverySlot(whole);
    return running;
  };
  return Object.assign(await live(start, { gently: "SIGTERM", folder }), whole);
}

const slots = 16_384;

async function holdEverySlot({ url, caFile }: Pick<RedisServer, "url" | "caFile">): Promise<void> {
  const node = new Redis(url, caFile === undefined ? {} : { tls: { ca: readFileSync(caFile, "utf8") } });
  try {
    if (!(await state(node)).includes(`cluster_slots_assigned:${slots}`))
      await node.call("CLUSTER", "ADDSLOTSRANGE", 0, slots - 1);
    // It takes a node up to two seconds to trust itself.
    for (let tries = 200; !(await state(node)).includes("cluster_state:ok"); tries -= 1) {
      if (tries === 0) throw new Error(`Redis has every slot, and its cluster is not well:\n${await state(node)}`);
      await pause(50);
    }
  } finally {
    node.disconnect();
  }
}

const state = async (node: Redis): Promise<string> => String(await node.call("CLUSTER", "INFO"));
