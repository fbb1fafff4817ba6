import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { neededBy, tools } from "../tools/table.js";
import { missedByComparisons, missedByStreams, type Peer, type Standard } from "./gateway/aims.js";
import { machine, writeFindings } from "./gateway/document.js";
import { type Gateway, type Gateways, openGateways } from "./gateway/gateways.js";
import { asMarkdown, asText, comparisonTable, remarks, streamsTable, type Table } from "./gateway/report.js";
import { soak, sparkline } from "./gateway/soak.js";
import { openStreams } from "./gateway/streams.js";
import { type Comparison, compare, scenarios } from "./gateway/throughput.js";

/**
 * `npm run bench:gateway [-- --short] [--litellm] [--write]`: chat completions through the service, beside other gateways
 * and a bare proxy in front of the same upstream, in one run, in turns; then the time to the first token with 500 streams
 * open, beside that with 50. What counts is the ratio. `-- --soak [MINUTES] [--write]`: the service's memory under a
 * steady load of streams. `--write` puts what was found into docs/benchmarks.md.
 */
const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: "boolean", default: false },
    litellm: { type: "boolean", default: false },
    soak: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const effort = flags.short ? { rounds: 2, seconds: 2 } : { rounds: 5, seconds: 5 };
const minutes = Number(positionals[0] ?? 10);
const peers: readonly Peer[] = flags.litellm ? ["portkey", "bare", "litellm"] : ["portkey", "bare"];

/** What is printed, and written into the document. */
interface Findings {
  readonly command: string;
  readonly parts: readonly (Table | string)[];
  readonly missed: { readonly [S in Standard]: readonly string[] };
}

const bothOf = (missed: (standard: Standard) => readonly string[]): Findings["missed"] => ({
  aim: missed("aim"),
  floor: missed("floor"),
});

async function besidePeers(opened: Gateways, service: Gateway): Promise<Findings> {
  const comparisons: Comparison[] = [];
  for (const scenario of scenarios) comparisons.push(await compare(opened, scenario, effort));
  // Read before the streams, which only the service has.
  const peaks = new Map(opened.gateways.map((gateway) => [gateway.name, gateway.peakMemory()]));
  const [few, many] = [await openStreams(service, 50), await openStreams(service, 500)];
  return {
    command: "npm run bench:gateway -- --write",
    parts: [comparisonTable(peers, comparisons, peaks), ...remarks(comparisons, opened), streamsTable([few, many])],
    missed: bothOf((standard) => [
      ...missedByComparisons(standard, peers, comparisons),
      ...missedByStreams(standard, few, many),
    ]),
  };
}

async function soaked({ upstream }: Gateways, service: Gateway): Promise<Findings> {
  const { answers, failed, memory, growth, flat } = await soak(service, upstream, minutes);
  const [low, high] = [Math.min(...memory), Math.max(...memory)].map((one) => one.toFixed(0));
  return {
    command: "npm run bench:gateway -- --soak --write",
    parts: [
      `${answers} streams in ${minutes} min, ${failed} failed. Memory from ${low} to ${high} MB, the last third ${growth.toFixed(2)} times the middle one:`,
      sparkline(memory),
    ],
    missed: bothOf(() => [
      ...(failed === 0 ? [] : [`${failed} streams failed`]),
      ...(flat ? [] : [`memory grew: the last third is ${growth.toFixed(2)} times the middle one`]),
    ]),
  };
}

if (!(minutes > 0)) {
  console.error(`--soak ${positionals[0]}: expected minutes, such as --soak 10`);
  process.exit(2);
}
const missing = neededBy[flags.litellm ? "gateway --litellm" : "gateway"].filter((name) => !tools[name].here());
if (missing.length > 0) {
  console.error(`npm run bench:gateway needs ${missing.join(", ")}: npm run tools -- ${missing.join(" ")}`);
  process.exit(2);
}
const root = join(import.meta.dirname, "../..");
const build = ["run", "--silent", "build", "--workspace", "service"];
if (spawnSync("npm", build, { cwd: root, stdio: "inherit" }).status !== 0) process.exit(1);

const opened = await openGateways(flags.soak ? ["service"] : ["service", ...peers]);
try {
  const [service] = opened.gateways;
  if (service === undefined) throw new Error("the service was not started");
  const { command, parts, missed } = await (flags.soak ? soaked : besidePeers)(opened, service);
  for (const part of parts) console.log(typeof part === "string" ? part : `\n${asText(part)}\n`);
  for (const one of missed.aim) console.log(`missed the aim: ${one}`);
  for (const one of missed.floor) console.log(`BELOW THE FLOOR: ${one}`);
  if (missed.aim.length === 0) console.log("within the aims");
  if (flags.write)
    writeFindings(command, [machine(), ...parts.map((part) => (typeof part === "string" ? part : asMarkdown(part)))]);
  process.exitCode = missed.floor.length === 0 ? 0 : 1;
} finally {
  await opened.close();
}
