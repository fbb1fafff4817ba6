import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { freePorts } from "../../engine/cluster/process.js";
import { tool } from "../../tools/cache.js";
import { type ToolName, tools } from "../../tools/table.js";
import { certificates } from "./certificates.js";
import { live, type Server } from "./life.js";
import { runFolder } from "./run-folder.js";
import { plainEnvironment, type Running, startServer } from "./server-process.js";

export type PostgresVersion = "17" | "18";

export interface PostgresServer extends Server {
  /** Of the database `service`, for its owner `service`, who is no superuser. The extension vector is made. */
  readonly url: string;
  /** The same database for `postgres`. */
  readonly superuserUrl: string;
  /** Who signed its certificate, if it was started with SSL; then it takes no connection without. */
  readonly caFile?: string;
}

const programs = { "17": "postgres17", "18": "postgres18" } as const satisfies Record<PostgresVersion, ToolName>;

const passwords = { postgres: randomBytes(12).toString("hex"), service: randomBytes(12).toString("hex") };
type Role = keyof typeof passwords;

/** PostgreSQL refuses to run as root: then it is nobody who runs it. */
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;

export async function startPostgres({
  version,
  ssl = false,
}: {
  readonly version: PostgresVersion;
  readonly ssl?: boolean;
}): Promise<PostgresServer> {
  if (ssl && version === "18") throw new Error('PostgreSQL 18 was built without SSL here: startPostgres version "17"');
  const bin = binOf(version);
  const folder = ownFolder(`postgres-${version}-`);
  const data = join(folder, "data");
  run("cp", ["-a", templateOf(version), data]);
  if (ssl) giveCertificate(data);
  const kind = ssl ? "hostssl" : "host";
  writeFileSync(join(data, "pg_hba.conf"), `${kind} all all 127.0.0.1/32 scram-sha-256\n`);
  const [port = 0] = await freePorts(1);
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    // What is committed is with the system, so that a killed server has it; only a machine that dies loses it.
    fsync: "off",
    full_page_writes: "off",
    max_connections: "200",
    ssl: ssl ? "on" : "off",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const start = () =>
    startAgain({
      program: join(bin, "postgres"),
      options: ["-D", data, ...options],
      log: join(folder, "log"),
      ready: /database system is ready to accept connections/,
      user,
    });
  const life = await live(start, { gently: "SIGINT", folder });
  const url = (role: Role) => `postgresql://${role}:${passwords[role]}@127.0.0.1:${port}/service`;
  const server = Object.assign(life, { url: url("service"), superuserUrl: url("postgres") });
  return ssl ? Object.assign(server, { caFile: certificates().ca }) : server;
}

/** The URL of a new database for one test: empty but for the extension, and without that too if told so. */
export async function freshDatabase(
  server: PostgresServer,
  { vector = true, as = "service" }: { readonly vector?: boolean; readonly as?: Role } = {},
): Promise<string> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const template = vector ? "template1" : "template0";
  await query(server, `create database ${name} owner service template ${template}`);
  const url = new URL(as === "service" ? server.url : server.superuserUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** One statement by the superuser, on a connection of its own. */
export async function query(server: PostgresServer, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({
    connectionString: server.superuserUrl,
    ...(server.caFile === undefined ? {} : { ssl: { ca: readFileSync(server.caFile, "utf8") } }),
  });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** After a kill the sessions that are left may hold the shared memory for a moment. */
async function startAgain(spec: Parameters<typeof startServer>[0]): Promise<Running> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      return await startServer(spec);
    } catch (error) {
      const held = /pre-existing shared memory block|lock file .* already exists/.test(String(error));
      if (!held || Date.now() > deadline) throw error;
      await pause(100);
    }
  }
}

function ownFolder(prefix: string): string {
  const folder = mkdtempSync(join(runFolder(), prefix));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  return folder;
}

function giveCertificate(data: string): void {
  const { certificate, key } = certificates();
  for (const [from, to] of [
    [certificate, "server.crt"],
    [key, "server.key"],
  ] as const) {
    copyFileSync(from, join(data, to));
    chmodSync(join(data, to), 0o600);
    if (user !== undefined) chownSync(join(data, to), user.uid, user.gid);
  }
}

const templates = new Map<PostgresVersion, string>();

/** Made once a run, and copied: the roles, and in every new database the extension, which only a superuser makes. */
function templateOf(version: PostgresVersion): string {
  const known = templates.get(version);
  if (known !== undefined) return known;
  const bin = binOf(version);
  const folder = ownFolder(`template-${version}-`);
  const data = join(folder, "data");
  const password = join(folder, "password");
  writeFileSync(password, passwords.postgres);
  chmodSync(password, 0o644);
  const locale = ["--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"];
  const superuser = ["--username", "postgres", "--pwfile", password, "--auth", "scram-sha-256"];
  run(join(bin, "initdb"), ["-D", data, "--no-sync", ...locale, ...superuser], { user });
  // A line is a statement here, and an error in one does not end it.
  const statements = [
    "create extension vector",
    `create role service login password '${passwords.service}'`,
    "create database service owner service",
  ];
  const single = ["--single", "-D", data, "-c", "fsync=off", "-c", "exit_on_error=on", "template1"];
  run(join(bin, "postgres"), single, { user, input: `${statements.join("\n")}\n` });
  templates.set(version, data);
  return data;
}

const bins = new Map<PostgresVersion, string>();

function binOf(version: PostgresVersion): string {
  const known = bins.get(version);
  if (known !== undefined) return known;
  const path = tool(programs[version]);
  const bin = dirname(user === undefined ? path : reachable(path, tools[programs[version]].folder()));
  bins.set(version, bin);
  return bin;
}

/** Nobody gets into root's home, where the cache is: links to the files, or copies, in the folder of the run. */
function reachable(path: string, folder: string): string {
  const copy = mkdtempSync(join(runFolder(), "programs-"));
  chmodSync(copy, 0o711);
  const links = spawnSync("cp", ["-al", `${folder}/.`, copy]);
  if (links.status !== 0) run("cp", ["-a", `${folder}/.`, copy]);
  return join(copy, relative(folder, path));
}

function run(
  program: string,
  options: readonly string[],
  { user: as, input = "" }: { readonly user?: typeof user; readonly input?: string } = {},
): void {
  const { status, error, stdout, stderr } = spawnSync(program, options, {
    ...as,
    input,
    env: plainEnvironment,
    encoding: "utf8",
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ended with ${status}:\n${stdout}${stderr}`);
}
