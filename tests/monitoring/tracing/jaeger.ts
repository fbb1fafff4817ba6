import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../../engine/cluster/process.js";
import { runFolder } from "../../service/real/run-folder.js";
import { startServer } from "../../service/real/server-process.js";
import { tool } from "../../tools/cache.js";
import { eventually } from "../support/eventually.js";

export interface KeptSpan {
  readonly service: string;
  readonly name: string;
  readonly id: string;
  readonly parent: string | undefined;
  readonly tags: Readonly<Record<string, unknown>>;
  /** Of the resource that it comes from. */
  readonly process: Readonly<Record<string, unknown>>;
}

export interface RunningJaeger {
  /** OTLP over gRPC. */
  readonly address: string;
  /** A trace's spans; none where it is not kept. */
  trace(id: string): Promise<readonly KeptSpan[]>;
  /** All its spans, once those names are among them. */
  spans(id: string, names: readonly string[]): Promise<readonly KeptSpan[]>;
  /** Ends it without a word. */
  kill(): Promise<void>;
  /** Another one at the same addresses. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Tag {
  readonly key: string;
  readonly value: unknown;
}
interface Answer {
  readonly data:
    | readonly {
        readonly spans: readonly {
          readonly spanID: string;
          readonly operationName: string;
          readonly processID: string;
          readonly references: readonly { readonly refType: string; readonly spanID: string }[];
          readonly tags: readonly Tag[];
        }[];
        readonly processes: Readonly<Record<string, { readonly serviceName: string; readonly tags?: readonly Tag[] }>>;
      }[]
    | null;
}

const asMap = (tags: readonly Tag[] = []) => Object.fromEntries(tags.map(({ key, value }) => [key, value]));

/** A real Jaeger that keeps what it gets in memory. It is of version 1: the queries asked here are the same in both. */
export async function startJaeger(): Promise<RunningJaeger> {
  const ports = await freePorts(11);
  const [query, grpc, admin, ...others] = ports.map((port) => `127.0.0.1:${port}`);
  const unused = [
    "--collector.otlp.http.host-port",
    "--collector.grpc-server.host-port",
    "--collector.http-server.host-port",
    "--query.grpc-server.host-port",
    "--http-server.host-port",
    "--processor.jaeger-binary.server-host-port",
    "--processor.jaeger-compact.server-host-port",
    "--processor.zipkin-compact.server-host-port",
  ].map((option, index) => `${option}=${others[index]}`);
  const begin = () =>
    startServer({
      program: tool("jaeger"),
      options: [
        `--query.http-server.host-port=${query}`,
        `--collector.otlp.grpc.host-port=${grpc}`,
        `--admin.http.host-port=${admin}`,
        ...unused,
      ],
      log: join(mkdtempSync(join(runFolder(), "jaeger-")), "log"),
      ready: /Health Check state change.*ready/,
    });
  let running = await begin();
  const trace: RunningJaeger["trace"] = async (id) => {
    const { data } = (await (await fetch(`http://${query}/api/traces/${id}`)).json()) as Answer;
    return (data ?? []).flatMap(({ spans, processes }) =>
      spans.map(({ spanID, operationName, processID, references, tags }) => ({
        service: processes[processID]?.serviceName ?? "",
        name: operationName,
        id: spanID,
        parent: references.find(({ refType }) => refType === "CHILD_OF")?.spanID,
        tags: asMap(tags),
        process: asMap(processes[processID]?.tags),
      })),
    );
  };
  return {
    address: grpc ?? "",
    trace,
    spans: (id, names) =>
      eventually(`the trace ${id} with ${names.join(", ")}`, async () => {
        const spans = await trace(id);
        const there = spans.map(({ name }) => name);
        return spans.length > 0 && names.every((name) => there.includes(name)) ? spans : undefined;
      }),
    kill: () => running.end("SIGKILL"),
    start: async () => {
      running = await begin();
    },
    stop: () => running.end("SIGTERM"),
  };
}
