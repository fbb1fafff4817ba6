import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { type RecordOptions, record } from "../../plan/record.js";

/**
 * One measured run, in a process of its own: `measure.ts platform|flat CLOUD SERVICES [FLAT.json]`. Prints milliseconds
 * from the start of the process to the settled recording, and the most memory that the process held.
 */
const [kind, cloud = "", services = "", flatFile = ""] = process.argv.slice(2);

const resources = kind === "platform" ? await platform() : await flat();
const ms = performance.now();
console.log(JSON.stringify({ ms, megabytes: process.resourceUsage().maxRSS / 1024, resources }));

async function platform(): Promise<number> {
  const { planStack } = await import("../../plan/plan.js");
  const { benchSource } = await import("./source.js");
  const plan = await planStack({ source: benchSource(cloud, Number(services)), stack: "bench", stackOutputs: {} });
  return plan.resources.length;
}

/** The same resources, by the same SDK classes, as a program without settings, contract or components would have them. */
async function flat(): Promise<number> {
  const { registerFlat } = await import("./flat.js");
  const rows = JSON.parse(readFileSync(flatFile, "utf8")) as Parameters<typeof registerFlat>[0];
  const options: RecordOptions = {
    stack: "bench",
    project: "agent-platform",
    organization: "organization",
    preview: true,
    config: {},
    secretConfig: [],
    outputs: () => undefined,
    call: () => undefined,
  };
  const { resources: recorded } = await record(() => registerFlat(rows), options);
  return recorded.length;
}
