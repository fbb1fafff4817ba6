import { spawnSync } from "node:child_process";
import { join } from "node:path";
import autocannon from "autocannon";
import { freshDatabase, type PostgresServer, startPostgres } from "../service/real/servers.js";
import { type ServiceProcess, startProcess } from "../service/support/process.js";
import { ADMIN_KEY } from "../service/support/service.js";
import { median } from "./median.js";

/**
 * `npm run bench:service [-- --short]`: an authenticated read and an audited write of the service beside the same two
 * routes on bare Express and pg, on one real PostgreSQL, in one run, in turns. What counts is the ratio.
 */
const [rounds, seconds] = process.argv.includes("--short") ? [2, 3] : [5, 8];
/** A write is four statements, the audit row among them, where bare Express has one. */
const aims = { read: 0.3, write: 0.2, memory: 2.5 };

const root = join(import.meta.dirname, "../..");
const programs = {
  service: join(root, "service/dist/main.js"),
  bare: join(root, "tests/bench/service/bare.mjs"),
} as const;
type Program = keyof typeof programs;

const paths = { service: "/api/v1/templates", bare: "/templates" } as const;
const headers = { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" };

interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

let written = 0;
const requests = {
  read: (path: string, id: string) => ({ method: "GET", path: `${path}/${id}` }),
  write: (path: string) => ({
    method: "POST",
    path,
    // A name of its own for each: the service refuses a second one.
    setupRequest: (request: autocannon.Request) => {
      written += 1;
      return { ...request, body: JSON.stringify({ name: `bench ${written}`, body: "Hello." }) };
    },
  }),
} as const satisfies Record<string, (path: string, id: string) => autocannon.Request>;
type Kind = keyof typeof requests;

async function start(program: Program, postgres: PostgresServer): Promise<ServiceProcess & { readonly cold: number }> {
  const began = performance.now();
  const service = await startProcess({
    command: [process.execPath, programs[program]],
    settings: {
      // In production the schema must be there; here the first start brings it.
      NODE_ENV: "development",
      LOG_LEVEL: "info",
      DATABASE_URL: await freshDatabase(postgres),
      BOOTSTRAP_API_KEY: ADMIN_KEY,
      RATE_LIMIT_MAX: "1000000",
      RATE_LIMIT_WINDOW: "1000",
      LIMIT_API: "1000000000",
    },
  });
  return { ...service, cold: performance.now() - began };
}

async function load(service: ServiceProcess, program: Program, kind: Kind, id: string): Promise<Load> {
  const result = await autocannon({
    url: service.url,
    connections: 20,
    duration: seconds,
    headers,
    requests: [requests[kind](paths[program], id)],
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${program} ${kind}: ${result.non2xx} refused, ${result.errors} failed`);
  return { perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 };
}

async function create(service: ServiceProcess, program: Program): Promise<string> {
  const body = JSON.stringify({ name: "read", body: "Hello." });
  const response = await fetch(`${service.url}${paths[program]}`, { method: "POST", headers, body });
  return ((await response.json()) as { readonly id: string }).id;
}

const row = (cells: readonly (string | number)[]): string =>
  cells.map((cell, at) => (at === 0 ? String(cell).padEnd(8) : String(cell).padStart(10))).join("");

spawnSync("npm", ["run", "--silent", "build", "--workspace", "service"], { cwd: root, stdio: "inherit" });
const postgres = await startPostgres({ version: "18" });
const running: ServiceProcess[] = [];
try {
  const cold: Record<Program, number[]> = { service: [], bare: [] };
  for (let round = 0; round < rounds; round += 1)
    for (const program of ["service", "bare"] as const) {
      const started = await start(program, postgres);
      cold[program].push(started.cold);
      await started.end("SIGKILL");
    }
  const service = await start("service", postgres);
  const bare = await start("bare", postgres);
  running.push(service, bare);
  const ids = { service: await create(service, "service"), bare: await create(bare, "bare") };

  console.log(row(["", "calls/s", "bare", "ratio", "p50 ms", "bare", "p99 ms", "bare"]));
  const ratios: Record<Kind, number> = { read: 0, write: 0 };
  for (const kind of ["read", "write"] as const) {
    const pairs: { readonly service: Load; readonly bare: Load }[] = [];
    // The first of each warms up and is not counted.
    for (let round = 0; round <= rounds; round += 1)
      pairs.push({
        service: await load(service, "service", kind, ids.service),
        bare: await load(bare, "bare", kind, ids.bare),
      });
    const counted = pairs.slice(1);
    const of = (program: Program, what: keyof Load) => median(counted.map((pair) => pair[program][what]));
    ratios[kind] = median(counted.map((pair) => pair.service.perSecond / pair.bare.perSecond));
    console.log(
      row([
        kind,
        of("service", "perSecond").toFixed(0),
        of("bare", "perSecond").toFixed(0),
        ratios[kind].toFixed(2),
        of("service", "p50"),
        of("bare", "p50"),
        of("service", "p99"),
        of("bare", "p99"),
      ]),
    );
  }
  const memory = service.memory() / bare.memory();
  console.log(`cold start ${median(cold.service).toFixed(0)} ms, bare ${median(cold.bare).toFixed(0)} ms`);
  console.log(
    `memory ${service.memory().toFixed(0)} MB, bare ${bare.memory().toFixed(0)} MB, ratio ${memory.toFixed(2)}`,
  );
  const missed = [ratios.read < aims.read, ratios.write < aims.write, memory > aims.memory].filter(Boolean).length;
  console.log(
    missed === 0
      ? `within the aims: reads at ${aims.read} and writes at ${aims.write} of bare Express at least, memory at ${aims.memory} times at most`
      : `${missed} over the aims: reads ${aims.read}, writes ${aims.write}, memory ${aims.memory}`,
  );
  process.exitCode = missed === 0 ? 0 : 1;
} finally {
  for (const { child } of running) child.kill("SIGKILL");
  await postgres.stop();
}
