import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { freePorts } from "../../engine/cluster/process.js";
import { runFolder } from "../../service/real/run-folder.js";
import { startServer } from "../../service/real/server-process.js";
import { tool } from "../../tools/cache.js";
import { eventually } from "./eventually.js";

/** What is looked at, and the labels that the operator would give it. */
export interface ScrapeTarget {
  readonly job: string;
  /** `127.0.0.1:9464` */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PrometheusOptions {
  readonly targets: readonly ScrapeTarget[];
  /** Groups of rules, as YAML. */
  readonly rules?: readonly string[];
  /** `127.0.0.1:9093` */
  readonly alertmanagers?: readonly string[];
  /** What it tells Alertmanager of itself. */
  readonly externalLabels?: Readonly<Record<string, string>>;
  /** Between two scrapes, and between two looks at the rules. @default 1 s */
  readonly interval?: string;
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Prometheus {
  readonly url: string;
  /** What an expression says now: a sample a series; a number is one without labels. */
  query(expression: string): Promise<readonly Sample[]>;
  /** The samples, once there are some. */
  data(expression: string): Promise<readonly Sample[]>;
  stop(): Promise<void>;
}

/** A real Prometheus on this machine, with data of its own, gone with the process that started it. */
export async function startPrometheus({
  targets,
  rules = [],
  alertmanagers = [],
  externalLabels = {},
  interval = "1s",
}: PrometheusOptions): Promise<Prometheus> {
  const folder = mkdtempSync(join(runFolder(), "prometheus-"));
  const [port] = await freePorts(1);
  for (const [index, text] of rules.entries()) writeFileSync(join(folder, `rules-${index}.yaml`), text);
  mkdirSync(join(folder, "data"));
  writeFileSync(
    join(folder, "prometheus.yaml"),
    stringify({
      global: { scrape_interval: interval, evaluation_interval: interval, external_labels: externalLabels },
      rule_files: [`${folder}/rules-*.yaml`],
      alerting: { alertmanagers: [{ static_configs: [{ targets: alertmanagers }] }] },
      scrape_configs: targets.map(({ job, address, labels }) => ({
        job_name: job,
        scrape_timeout: interval,
        static_configs: [{ targets: [address], labels }],
      })),
    }),
  );
  const running = await startServer({
    program: tool("prometheus"),
    options: [
      `--config.file=${folder}/prometheus.yaml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--enable-feature=exemplar-storage",
    ],
    log: join(folder, "log"),
    ready: /Server is ready to receive web requests/,
  });
  const url = `http://127.0.0.1:${port}`;
  const query = async (expression: string): Promise<readonly Sample[]> => {
    const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expression })}`);
    return samplesOf((await response.json()) as QueryAnswer);
  };
  return {
    url,
    query,
    data: (expression) =>
      eventually(`data of ${expression}`, async () => {
        const found = await query(expression);
        return found.length === 0 ? undefined : found;
      }),
    async stop() {
      await running.end("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Point = readonly [time: number, value: string];

interface QueryAnswer {
  readonly error?: string;
  readonly data?:
    | { readonly resultType: "vector"; readonly result: readonly { metric: Sample["metric"]; value: Point }[] }
    | { readonly resultType: "scalar"; readonly result: Point };
}

function samplesOf({ error, data }: QueryAnswer): readonly Sample[] {
  if (data === undefined) throw new Error(error);
  if (data.resultType === "scalar") return [{ metric: {}, value: Number(data.result[1]) }];
  return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}
