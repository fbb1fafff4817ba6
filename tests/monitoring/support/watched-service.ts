import { freePorts } from "../../engine/cluster/process.js";
import { type FakeProvider, startFakeProvider } from "../../service/support/fake-provider.js";
import { startAlone } from "../../service/support/process.js";
import { eventually } from "./eventually.js";
import { type LoadKind, load } from "./load.js";
import { type Prometheus, type PrometheusOptions, startPrometheus } from "./prometheus.js";

/** Calls that one key may make in the test's time; the kind `reads` goes beyond it. */
export const CALLS_OF_A_KEY = 300;

/** What each of the service's series has from where it is found: what a PodMonitor's relabelings give. */
export const targetLabels = {
  service: "api",
  namespace: "agents-production",
  pod: "api-6d5f7c9b8-x2x4z",
  container: "api",
  environment: "production",
} as const;

export interface WatchedService {
  readonly url: string;
  readonly prometheus: Prometheus;
  /** Asked first, and the one that stands in when it fails; tests play faults on them. */
  readonly providers: { readonly first: FakeProvider; readonly second: FakeProvider };
  /** Does something that many times; what it changed has been scraped when this is done. */
  load(kind: LoadKind, count?: number): Promise<void>;
  /** Waits until Prometheus has looked twice more, so that rates see what came before. */
  looked(): Promise<void>;
  /** Ends the process without a word. */
  kill(): Promise<void>;
  /** Starts another one, with data of its own, on the same ports. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface WatchOptions extends Omit<PrometheusOptions, "targets"> {
  /** Of the service's environment, beside what it is started with. */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * The real agent service with its embedded parts and two providers of models that are played, and a real Prometheus
 * that scrapes it every second.
 */
export async function startWatchedService({ variables = {}, ...options }: WatchOptions = {}): Promise<WatchedService> {
  const [port, metricsPort] = await freePorts(2);
  const [first, second] = await Promise.all([startFakeProvider("openai"), startFakeProvider("anthropic")]);
  const models = (name: string) => [{ name, price: { input: 3, output: 15 } }];
  const settings = {
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
    LIMIT_API: String(CALLS_OF_A_KEY),
    LIMIT_AI: "0",
    FIRST_KEY: "k",
    SECOND_KEY: "k",
    AI_PROVIDERS_CONFIG: JSON.stringify({
      providers: [
        {
          name: "first",
          kind: "openai",
          baseUrl: first.url,
          apiKeyEnv: "FIRST_KEY",
          models: [...models("m1"), "embed"],
        },
        { name: "second", kind: "anthropic", baseUrl: second.url, apiKeyEnv: "SECOND_KEY", models: models("m2") },
      ],
      routes: {
        auto: [
          { provider: "first", model: "m1" },
          { provider: "second", model: "m2" },
        ],
      },
    }),
    ...variables,
  };
  const stops: (() => Promise<void>)[] = [first.stop, second.stop];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  let service: Awaited<ReturnType<typeof startAlone>>;
  let prometheus: Prometheus;
  try {
    service = await startAlone(settings);
    stops.push(() => service.remove());
    prometheus = await startPrometheus({
      ...options,
      targets: [{ job: "api", address: `127.0.0.1:${metricsPort}`, labels: targetLabels }],
    });
    stops.push(prometheus.stop);
    await prometheus.data('up{job="api"} == 1');
  } catch (error) {
    await stop();
    throw error;
  }
  const looks = async (): Promise<number> => {
    const [scrapes] = await prometheus.query('count_over_time(up{job="api"}[1h])');
    return scrapes?.value ?? 0;
  };
  const looked = async (): Promise<void> => {
    const before = await looks();
    await eventually("two looks more", async () => ((await looks()) >= before + 2 ? true : undefined));
  };
  return {
    get url() {
      return service.url;
    },
    prometheus,
    providers: { first, second },
    async load(kind, count = 20) {
      await load(service.url, kind, count);
      await looked();
    },
    looked,
    async kill() {
      await service.remove();
    },
    async start() {
      service = await startAlone(settings);
    },
    stop,
  };
}
