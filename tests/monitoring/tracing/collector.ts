import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  asYaml,
  collectorConfig,
  metricsAt,
  type Tier,
} from "../../../components/monitoring/tracing/collector-config.js";
import { tracesOf } from "../../../config/monitoring/tracing.js";
import type { Settings } from "../../../config/settings.js";
import type { Tree } from "../../../config/walk.js";
import { freePorts } from "../../engine/cluster/process.js";
import { runFolder } from "../../service/real/run-folder.js";
import { startServer } from "../../service/real/server-process.js";
import { tool } from "../../tools/cache.js";
import { eventually } from "../support/eventually.js";

/** Components that no build here has: their modules are not to be had. Every other is run as it is configured. */
export const absent = ["k8s_attributes"] as const;

export type Config = ReturnType<typeof collectorConfig>;

/** The platform's own configuration of a tier, but for what is absent. */
export function configOf(tier: Tier, stack: Settings): Config {
  const traces = tracesOf(stack.monitoring);
  if (traces === undefined) throw new Error("the stack keeps no traces");
  const config = collectorConfig(tier, traces, stack);
  const here = (name: string) => !absent.some((one) => one === name);
  const { pipelines } = config.service;
  return {
    ...config,
    processors: Object.fromEntries(Object.entries(config.processors).filter(([name]) => here(name))),
    service: {
      ...config.service,
      pipelines: { traces: { ...pipelines.traces, processors: pipelines.traces.processors.filter(here) } },
    },
  };
}

const written = (config: object): string => {
  const file = join(mkdtempSync(join(runFolder(), "collector-")), "config.yaml");
  writeFileSync(file, asYaml(config));
  return file;
};

/** What the collector itself says of a configuration; nothing where it takes it. */
export function validate(config: object): string {
  const { status, stdout, stderr } = spawnSync(tool("otelcol"), ["validate", `--config=${written(config)}`], {
    encoding: "utf8",
  });
  return status === 0 ? "" : `${stdout}${stderr}`;
}

export interface RunningCollector {
  /** OTLP over HTTP; of one that only decides there is none. */
  readonly url: string;
  /** OTLP over gRPC. */
  readonly address: string;
  /** Its own metrics, by name and labels as they are written. */
  metrics(): Promise<string>;
  /** Traces of which it is decided whether they are kept. */
  decided(kept: boolean): Promise<number>;
  stop(): Promise<void>;
}

/** Where it sends: Jaeger, or those that decide. */
export type Targets = { readonly jaeger: string } | { readonly samplers: readonly string[] };

/**
 * A real collector with the platform's configuration. Replaced is what a cluster gives: ports, and names that only its
 * DNS knows; and how long it waits until it decides, so that nobody waits here.
 */
export async function startCollector(tier: Tier, stack: Settings, targets: Targets): Promise<RunningCollector> {
  const [grpc, http, health, metrics] = (await freePorts(4)).map((port) => `127.0.0.1:${port}`) as [
    string,
    string,
    string,
    string,
  ];
  const file = written(onThisMachine(configOf(tier, stack), { grpc, http, health, metrics }, targets));
  const running = await startServer({
    program: tool("otelcol"),
    options: [`--config=${file}`],
    log: join(file, "../log"),
    ready: /Everything is ready/,
  });
  const read = async () => (await fetch(`http://${metrics}/metrics`)).text();
  await eventually("the collector's health", async () =>
    (await fetch(`http://${health}/`)).status === 200 ? true : undefined,
  );
  return {
    url: `http://${http}`,
    address: grpc,
    metrics: read,
    decided: async (kept) => {
      const name = "otelcol_processor_tail_sampling_global_count_traces_sampled";
      const lines = (await read()).split("\n").filter((line) => line.startsWith(name));
      return lines
        .filter((line) => line.includes(`sampled="${kept}"`))
        .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    },
    stop: () => running.end("SIGTERM"),
  };
}

interface Addresses {
  readonly grpc: string;
  readonly http: string;
  readonly health: string;
  readonly metrics: string;
}

const onThisMachine = (config: Config, { grpc, http, health, metrics }: Addresses, targets: Targets) => ({
  ...config,
  extensions: { ...config.extensions, health_check: { endpoint: health } },
  receivers: {
    otlp: {
      protocols: replaced(config.receivers.otlp.protocols as Tree, {
        grpc: (one) => ({ ...one, endpoint: grpc }),
        http: (one) => ({ ...one, endpoint: http }),
      }),
    },
  },
  processors: replaced(config.processors as Tree, {
    tail_sampling: (one) => ({ ...one, decision_wait: "2s", decision_wait_after_root_received: "1s" }),
  }),
  exporters: replaced(config.exporters as Tree, {
    otlp_grpc: (one) => ({ ...one, endpoint: "jaeger" in targets ? targets.jaeger : "" }),
    load_balancing: (one) => ({
      ...one,
      resolver: { static: { hostnames: "samplers" in targets ? targets.samplers : [] } },
    }),
  }),
  service: {
    ...config.service,
    telemetry: {
      ...config.service.telemetry,
      metrics: metricsAt("127.0.0.1", Number(metrics.split(":")[1])),
    },
  },
});

/** Those of the parts that are there. */
const replaced = (parts: Tree, by: Readonly<Record<string, (one: Tree) => Tree>>): Tree =>
  Object.fromEntries(
    Object.entries(parts).map(([name, one]) => [name, by[name] === undefined ? one : by[name](one as Tree)]),
  );
