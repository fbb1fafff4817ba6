import assert from "node:assert/strict";
import { existsSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { images } from "../../../config/versions.js";
import { packAgents } from "./agent.js";
import { type PackedImage, pack } from "./pack.js";
import { agentRepository } from "./references.js";
import { type ImageName, table } from "./table.js";
import { listed, type Unpacked, unpack } from "./unpacked.js";

const quiet = () => {};

/** Their programs run where nothing is but the image's own files. */
describe("the images, unpacked", () => {
  let unpacked: Unpacked | undefined;
  afterEach(() => {
    unpacked?.remove();
    unpacked = undefined;
  });

  async function open(image: PackedImage): Promise<Unpacked> {
    unpacked = unpack(image);
    return unpacked;
  }
  const openRow = async (name: ImageName): Promise<Unpacked> => open(await pack(name, table[name], quiet));

  it("of PostgreSQL: a server with pgvector, its copies, and the version that its tag says", async () => {
    const { sh } = await openRow("postgres");
    const said = sh(`
      mkdir -m 700 /tmp/pg
      initdb --no-sync --pgdata=/tmp/pg/one --locale=C.UTF-8 --auth=trust --data-checksums > /tmp/pg/log
      pg_ctl --pgdata=/tmp/pg/one --wait --log=/tmp/pg/log -o "-k /tmp/pg -c listen_addresses= -c fsync=off -c timezone=Europe/Paris" start > /tmp/pg/ctl
      export PGHOST=/tmp/pg PGDATABASE=postgres PGUSER=postgres
      pg_isready > /tmp/pg/ready
      psql -Atqc "create extension vector; create extension pg_stat_statements; show server_version; select '[1,2]'::vector <-> '[1,5]'"
      pg_basebackup --pgdata=/tmp/pg/two --no-sync --checkpoint=fast --wal-method=stream
      pg_controldata /tmp/pg/two | grep -c 'Database cluster state'
      pg_rewind --version
      pg_ctl --pgdata=/tmp/pg/one stop --mode=fast > /tmp/pg/ctl
      id -u
    `);
    const [version = "", distance, states, rewind, uid] = said.trim().split("\n");
    assert.match(version, /^17\.\d+/);
    assert.ok(images.postgres["17"].tag.startsWith("17."));
    assert.deepEqual([distance, states, uid], ["3", "1", "26"]);
    assert.match(rewind ?? "", /^pg_rewind/);
  });

  it("of Valkey: a server that keeps what it is told", async () => {
    const { sh } = await openRow("valkey");
    const said = sh(`
      valkey-server --port 0 --unixsocket /tmp/v --dir /data --appendonly yes --daemonize yes --logfile /tmp/log > /tmp/out
      until [ "$(valkey-cli -s /tmp/v ping)" = PONG ]; do sleep 0.1; done
      valkey-cli -s /tmp/v set a b
      valkey-cli -s /tmp/v shutdown
      ls /data/appendonlydir
    `);
    assert.deepEqual(said.trim().split("\n")[0], "OK");
    assert.match(said, /appendonly\.aof\.manifest/);
  });

  it("of the programs that are one file: each starts, and Envoy is the version that the gateway was built for", async () => {
    const starts: readonly (readonly [ImageName, string, RegExp])[] = [
      ["pause", "busybox true", /^$/],
      ["busybox", "mkdir -m 0777 -p /tmp/a/b && rm -rf /tmp/a && echo done", /done/],
    ];
    for (const [name, script, wanted] of starts) {
      const { sh, remove } = unpack(await pack(name, table[name], quiet));
      assert.match(sh(script), wanted, name);
      remove();
    }
    for (const name of ["coredns", "metrics-server", "local-path", "envoy-gateway", "cloudnative-pg"] as const) {
      const { root, config } = await openRow(name);
      const [entrypoint = ""] = config["Entrypoint"] as string[];
      const path = ["", "usr/bin", "usr/local/bin"].map((folder) => join(root, folder, entrypoint)).find(existsSync);
      assert.ok(path !== undefined, `${name}: ${entrypoint}`);
      unpacked?.remove();
      unpacked = undefined;
    }
  });

  it("of the agent service: the versions share what the Dockerfile made, and have the migrations that they say", async () => {
    const agents = await packAgents(quiet);
    assert.equal(new Set(agents.map(({ digest }) => digest)).size, agents.length);
    assert.equal(new Set(agents.map(({ archive }) => archive)).size, 1);
    const later = {
      first: [],
      second: ["9001-expand-later.sql"],
      failing: ["9001-expand-later.sql", "9002-expand-broken.sql"],
    };
    for (const [version, names] of Object.entries(later)) {
      const image = agents.find(({ references }) => references.includes(`${agentRepository}:${version}`));
      assert.ok(image !== undefined, version);
      assert.ok(image.references.includes(`${agentRepository}@${image.digest}`), version);
      const { config, paths } = listed(image);
      assert.equal(config["User"], "10001:10001");
      assert.equal(config.Labels?.["org.opencontainers.image.version"], version);
      assert.deepEqual(config["Entrypoint"], ["dumb-init", "--"]);
      const migrations = [...paths].map((path) => /^app\/service\/dist\/storage\/migrations\/(9.*)$/.exec(path)?.[1]);
      assert.deepEqual(migrations.filter((name) => name !== undefined).sort(), names);
      assert.ok(paths.has("app/service/package.json"));
      // Nothing of how this machine reaches its registries.
      for (const path of ["root/.npmrc", "etc/pip.conf", "etc/ssl/certs/ca-certificates.crt"])
        assert.equal(paths.has(path), false, path);
      assert.deepEqual(((config["Env"] ?? []) as string[]).map((one) => one.split("=")[0]).sort(), [
        "DATA_DIR",
        "HOST",
        "NODE_ENV",
        "PATH",
        "PORT",
      ]);
    }
  });

  it("of the agent service: it starts by its own entry point, without the parts that only its building needs", async () => {
    const [first] = await packAgents(quiet);
    assert.ok(first !== undefined);
    const { root, sh } = await open(first);
    assert.equal(existsSync(join(root, "app/node_modules/typescript")), false);
    assert.ok(lstatSync(join(root, "usr/local/bin/dumb-init")).isFile());
    const wanted = JSON.parse(readFileSync(join(root, "app/service/package.json"), "utf8")) as { version: string };
    const said = sh(
      `cd /app/service; dumb-init -- node -e "import('./dist/version.js').then(({ version }) => console.log(version, process.version))"`,
    );
    assert.equal(said.split(" ")[0], wanted.version);
    assert.match(said, /v24\./);
  });
});
