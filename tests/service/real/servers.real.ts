import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { Cluster, Redis, type RedisOptions } from "ioredis";
import pg from "pg";
import {
  certificates,
  freshDatabase,
  type PostgresServer,
  type RedisServer,
  type Server,
  startPostgres,
  startRedis,
} from "./servers.js";

const open: { end(): Promise<unknown> }[] = [];

/** A connection to PostgreSQL that ends with the test. */
async function connect(url: string, ca?: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, ...(ca === undefined ? {} : { ssl: { ca: text(ca) } }) });
  // A killed server is an event too.
  client.on("error", () => {});
  await client.connect();
  open.push(client);
  return client;
}

const tlsOf = ({ caFile }: RedisServer): RedisOptions => (caFile === undefined ? {} : { tls: { ca: text(caFile) } });

function redisOf(server: RedisServer): Redis {
  const client = new Redis(server.url, tlsOf(server));
  client.on("error", () => {});
  open.push({ end: async () => client.disconnect() });
  return client;
}

const text = (file: string): string => readFileSync(file, "utf8");

/** One that ended and was not asked how is still listed, as a zombie. */
const lives = (pid: number): boolean =>
  existsSync(`/proc/${pid}/status`) && !/^State:\s+Z/m.test(text(`/proc/${pid}/status`));

describe("the servers of these tests", () => {
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.end()));
  });

  const servers: readonly (readonly [title: string, version: string, start: () => Promise<PostgresServer>])[] = [
    ["PostgreSQL 17", "17", () => startPostgres({ version: "17" })],
    ["PostgreSQL 17 with SSL", "17", () => startPostgres({ version: "17", ssl: true })],
    ["PostgreSQL 18", "18", () => startPostgres({ version: "18" })],
  ];

  for (const [title, version, start] of servers)
    describe(title, () => {
      let server: PostgresServer;
      before(async () => {
        server = await start();
      });
      after(() => server?.stop());

      it("is of its version, with UTF-8 and an owner who is no superuser", async () => {
        const client = await connect(server.url, server.caFile);
        const { rows } = await client.query(
          `select current_setting('server_version_num')::int / 10000 as major, current_setting('server_encoding') as encoding,
          usesuper, pg_get_userbyid(datdba) as owner from pg_user, pg_database
          where usename = current_user and datname = current_database()`,
        );
        assert.deepEqual(rows, [{ major: Number(version), encoding: "UTF8", usesuper: false, owner: "service" }]);
      });

      it("finds the nearest of some vectors", async () => {
        const client = await connect(await freshDatabase(server), server.caFile);
        await client.query("create table points (name text, place vector(3))");
        await client.query("insert into points values ('far', '[9,9,9]'), ('near', '[1,0,0]')");
        await client.query("create index on points using hnsw (place vector_l2_ops)");
        const { rows } = await client.query("select name from points order by place <-> '[1,1,0]' limit 1");
        assert.deepEqual(rows, [{ name: "near" }]);
      });

      it("lets only a superuser make the extension where it is not", async () => {
        const url = await freshDatabase(server, { vector: false });
        const owner = await connect(url, server.caFile);
        await assert.rejects(owner.query("create extension vector"), {
          message: 'permission denied to create extension "vector"',
        });
        const asSuperuser = new URL(server.superuserUrl);
        asSuperuser.pathname = new URL(url).pathname;
        await (await connect(asSuperuser.href, server.caFile)).query("create extension vector");
        assert.deepEqual((await owner.query("select '[1]'::vector as one")).rows, [{ one: "[1]" }]);
      });

      it("keeps what was committed when it is killed, on the same port", async () => {
        const { url, pid } = server;
        await (await connect(url, server.caFile)).query("create table kept as select 1 as one");
        await server.kill();
        assert.equal(lives(pid), false);
        await assert.rejects(connect(url, server.caFile), { code: "ECONNREFUSED" });
        await server.restart();
        assert.notEqual(server.pid, pid);
        const { rows } = await (await connect(url, server.caFile)).query("select one from kept");
        assert.deepEqual(rows, [{ one: 1 }]);
      });
    });

  describe("PostgreSQL with SSL", () => {
    let server: PostgresServer;
    before(async () => {
      server = await startPostgres({ version: "17", ssl: true });
    });
    after(() => server?.stop());

    it("takes TLS 1.3, and nothing without", async () => {
      const client = await connect(server.url, server.caFile);
      const { rows } = await client.query("select ssl, version from pg_stat_ssl where pid = pg_backend_pid()");
      assert.deepEqual(rows, [{ ssl: true, version: "TLSv1.3" }]);
      await assert.rejects(connect(server.url), /no pg_hba.conf entry for host "127.0.0.1".* no encryption/);
    });

    it("is not believed by who trusts another authority", async () => {
      await assert.rejects(connect(server.url, certificates("strangers").ca), {
        code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      });
    });

    it("is PostgreSQL 17's alone", async () => {
      await assert.rejects(startPostgres({ version: "18", ssl: true }), {
        message: 'PostgreSQL 18 was built without SSL here: startPostgres version "17"',
      });
    });
  });

  for (const options of [{}, { tls: true }, { cluster: true }, { tls: true, cluster: true }])
    describe(["Redis", ...Object.keys(options)].join(" with "), () => {
      let server: RedisServer;
      before(async () => {
        server = await startRedis(options);
      });
      after(() => server?.stop());

      it("answers, and keeps what was written when it is killed", async () => {
        const { pid } = server;
        assert.equal(await redisOf(server).ping(), "PONG");
        assert.equal(await redisOf(server).set("kept", "1"), "OK");
        await server.kill();
        assert.equal(lives(pid), false);
        await server.restart();
        assert.equal(await redisOf(server).get("kept"), "1");
      });

      it("refuses who has no password", async () => {
        const url = new URL(server.url);
        url.password = "";
        const stranger = redisOf({ ...server, url: url.href });
        await assert.rejects(stranger.get("kept"), { message: "NOAUTH Authentication required." });
      });

      if ("cluster" in options)
        it("leads a client of clusters to the node that holds every slot", async () => {
          const { hostname, port, password } = new URL(server.url);
          const cluster = new Cluster([{ host: hostname, port: Number(port) }], {
            redisOptions: { password, ...tlsOf(server) },
          });
          open.push({ end: async () => cluster.disconnect() });
          for (const key of ["a", "b", "c"]) await cluster.set(key, key);
          assert.deepEqual(await Promise.all(["a", "b", "c"].map((key) => cluster.get(key))), ["a", "b", "c"]);
          assert.deepEqual(
            cluster.nodes("master").map(({ options: { host, port: of } }) => `${host}:${of}`),
            [`${hostname}:${port}`],
          );
        });
    });

  describe("all of them", () => {
    it("end, and their data is removed, when the process that started them is killed", async () => {
      const file = join(import.meta.dirname, "servers.js");
      const script = `
      const { startPostgres, startRedis } = await import(${JSON.stringify(file)});
      const { runFolder } = await import(${JSON.stringify(join(import.meta.dirname, "run-folder.js"))});
      const servers = [await startPostgres({ version: "17" }), await startPostgres({ version: "18" }), await startRedis()];
      console.log(JSON.stringify({ folder: runFolder(), pids: servers.map(({ pid }) => pid) }));
      setInterval(() => {}, 1000);
    `;
      const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [line = "{}"] = await lines(child.stdout, 1);
      const { folder, pids } = JSON.parse(line) as { readonly folder: string; readonly pids: readonly number[] };
      assert.deepEqual(
        pids.map(lives),
        pids.map(() => true),
      );
      child.kill("SIGKILL");
      // Bounded by the test's own time.
      while (existsSync(folder)) await pause(50);
      assert.deepEqual(
        pids.map(lives),
        pids.map(() => false),
      );
    });

    it("are gone for good when they are stopped", async () => {
      const stopped: readonly Server[] = [await startPostgres({ version: "18" }), await startRedis()];
      for (const server of stopped) await server.stop();
      assert.deepEqual(
        stopped.map(({ pid }) => lives(pid)),
        [false, false],
      );
    });
  });
});

async function lines(stream: NodeJS.ReadableStream, count: number): Promise<readonly string[]> {
  const read: string[] = [];
  for await (const line of createInterface({ input: stream })) if (read.push(line) === count) break;
  return read;
}
