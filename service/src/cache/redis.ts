import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { Env } from "../env.js";

/** Either kind of client; both take the same commands. */
export type RedisClient = Redis | Cluster;

/** What happens to the connection, for logs and metrics. */
export interface RedisWatch {
  readonly up: () => void;
  readonly down: (reason: string) => void;
}

/**
 * Redis makes things faster and limits shared; it owns nothing. So a call never waits long for it: commands fail at
 * once while it is away, and the client comes back by itself.
 */
export function openRedis(env: Env & { readonly REDIS_URL: string }, watch: RedisWatch): RedisClient {
  const url = new URL(env.REDIS_URL);
  const options: RedisOptions = {
    connectTimeout: 2000,
    commandTimeout: 1000,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: (times) => Math.min(100 * 2 ** times, 2000),
    // A primary that became a replica refuses writes: look for the new one.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
    ...(url.username === "" ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.protocol === "rediss:"
      ? { tls: { servername: url.hostname, ...(env.REDIS_CA_FILE === undefined ? {} : { ca: env.REDIS_CA_FILE }) } }
      : {}),
  };
  const node = { host: url.hostname, port: Number(url.port || 6379) };
  const client = env.REDIS_CLUSTER
    ? new Cluster([node], {
        redisOptions: options,
        enableOfflineQueue: false,
        slotsRefreshTimeout: 2000,
        clusterRetryStrategy: (times) => Math.min(100 * 2 ** times, 2000),
        // Nodes announce addresses, certificates carry names: the name that was asked for counts.
        dnsLookup: (address, callback) => callback(null, address),
      })
    : new Redis({ ...options, ...node, db: Number(url.pathname.slice(1) || 0) });
  let up = false;
  client.on("ready", () => {
    if (!up) watch.up();
    up = true;
  });
  let reason = "connection closed";
  client.on("error", (error: Error) => {
    reason = error.message;
  });
  client.on("close", () => {
    if (up) watch.down(reason);
    up = false;
  });
  return client;
}
