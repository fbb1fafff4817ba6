/** The real servers of these tests: on 127.0.0.1, with data of their own, gone with the process that started them. */
export { type Certificates, certificates } from "./certificates.js";
export type { Server } from "./life.js";
export { freshDatabase, type PostgresServer, type PostgresVersion, query, startPostgres } from "./postgres.js";
export { type RedisServer, startRedis } from "./redis.js";
