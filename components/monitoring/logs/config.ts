import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Settings } from "../../../config/settings.js";

/** What Fluent Bit is told: https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/yaml */

export const FILES = "/etc/fluent-bit";
export const STATE = "/var/lib/fluent-bit";
export const CONFIG = "fluent-bit.yaml";
const SCRIPT = "lines.lua";
export const HTTP_PORT = 2020;

/** Where containerd leaves what pods say, by links to where it is. */
export const CONTAINERS = "/var/log/containers";

/** Keys of one plugin: texts, as Fluent Bit reads them all. */
export type Section = Readonly<Record<string, string>>;

export interface Lines {
  readonly stack: Pick<Settings, "prefix" | "environment">;
  /** An entry of `outputs`, less what it matches. */
  readonly output: Section;
}

/** Containers, as `NAMESPACE_CONTAINER`; a `*` in it is anything. */
export type Whose = `${string}_${string}`;

export interface NodeLines extends Lines {
  readonly reads: readonly Whose[];
  /** Of these, whose lines somebody else takes there, and its own, which would tell of themselves. */
  readonly passes: readonly Whose[];
}

export interface EventLines extends Lines {
  /** Whose events are read; of all where there are none. */
  readonly namespaces: readonly string[];
}

/**
 * A chunk that cannot be sent waits on the disk and is tried again, at last every five minutes, for some hours: one that
 * the other side refuses for what is in it goes then. Where there is no more room the oldest lines are lost.
 */
const RETRIES = 100;
const ON_NODE = "1G";
/** Of the pod that reads events, whose disk is a part of its node's. */
const IN_POD = "128M";

const service = {
  flush: 5,
  grace: 30,
  log_level: "warn",
  http_server: "on",
  http_listen: "0.0.0.0",
  http_port: HTTP_PORT,
  hot_reload: "off",
  health_check: "on",
  hc_errors_count: 5,
  hc_retry_failure_count: 5,
  hc_period: 60,
  "scheduler.base": 5,
  "scheduler.cap": 300,
  "storage.path": `${STATE}/chunks`,
  "storage.sync": "normal",
  "storage.checksum": "off",
  // Of 2 MB each, in memory at once.
  "storage.max_chunks_up": 32,
  "storage.backlog.mem_limit": "16M",
  "storage.metrics": "on",
  "storage.delete_irrecoverable_chunks": "on",
};

/** Go, Java and Python are known; what Node prints of an error that nobody caught is not. */
const multilineParsers = [
  {
    name: "node",
    type: "regex",
    flush_timeout: 1000,
    rules: [
      { state: "start_state", regex: "/^(Uncaught )?[A-Za-z0-9_$.]*Error\\b/", next_state: "stack" },
      { state: "stack", regex: "/^\\s+(at |\\[cause\\])/", next_state: "stack" },
    ],
  },
];

/** Of each node: what its pods say. */
export const renderNodeConfig = ({ output, reads, passes }: NodeLines): string =>
  yaml({
    service,
    multiline_parsers: multilineParsers,
    pipeline: {
      inputs: [
        {
          name: "tail",
          alias: "pods",
          tag: "kube.*",
          path: reads.map(filesOfContainer).join(","),
          exclude_path: passes.map(filesOfContainer).join(","),
          "multiline.parser": "cri",
          // From where it was before it started again; of what it has never seen all.
          db: `${STATE}/pods.db`,
          "db.sync": "normal",
          "db.locking": "on",
          read_from_head: "on",
          refresh_interval: 10,
          rotate_wait: 30,
          skip_empty_lines: "on",
          skip_long_lines: "on",
          buffer_chunk_size: "64k",
          buffer_max_size: "256k",
          "storage.type": "filesystem",
        },
      ],
      filters: [
        // Before all others; without a buffer, so that no line comes by twice.
        {
          name: "multiline",
          match: "kube.*",
          "multiline.key_content": "log",
          "multiline.parser": "go,java,python,node",
          buffer: "off",
        },
        {
          name: "kubernetes",
          match: "kube.*",
          kube_tag_prefix: "kube.var.log.containers.",
          merge_log: "on",
          merge_log_key: "parsed",
          keep_log: "off",
          labels: "on",
          annotations: "off",
          // A pod does not say what becomes of its lines.
          "k8s-logging.parser": "off",
          "k8s-logging.exclude": "off",
          // As large as the pod is.
          buffer_size: 0,
          kube_meta_cache_ttl: "5m",
          "tls.verify": "on",
        },
        { name: "lua", match: "kube.*", script: `${FILES}/${SCRIPT}`, call: "shape_line", protected_mode: "on" },
      ],
      outputs: [sendTo("kube.*", output, ON_NODE)],
    },
  });

/** Of the cluster: what happens to its objects, as the API server tells of it. */
export const renderEventsConfig = ({ output, namespaces }: EventLines): string =>
  yaml({
    service,
    pipeline: {
      inputs: (namespaces.length === 0 ? [undefined] : namespaces).map((namespace, index) => ({
        name: "kubernetes_events",
        alias: namespace === undefined ? "events" : `events-${namespace}`,
        tag: "events",
        ...(namespace === undefined ? {} : { kube_namespace: namespace }),
        db: `${STATE}/events-${index}.db`,
        kube_retention_time: "1h",
        "tls.verify": "on",
        "storage.type": "filesystem",
      })),
      filters: [
        { name: "lua", match: "events", script: `${FILES}/${SCRIPT}`, call: "shape_event", protected_mode: "on" },
      ],
      outputs: [sendTo("events", output, IN_POD)],
    },
  });

/** A text is never broken over lines. */
const yaml = (content: object): string => stringify(content, { lineWidth: 0 });

const sendTo = (match: string, output: Section, room: string) => ({
  ...output,
  match,
  alias: "logs",
  retry_limit: RETRIES,
  "storage.total_limit_size": room,
});

/** `POD_NAMESPACE_CONTAINER-ID.log`: none of the names has a `_`. */
const filesOfContainer = (whose: Whose): string => `${CONTAINERS}/*_${whose}-*.log`;

const lua = (file: string): string => readFileSync(join(import.meta.dirname, file), "utf8");

/** What makes lines the same everywhere, and takes secrets out of them. */
export const renderScript = ({ prefix, environment }: Lines["stack"]): string =>
  `local STACK, ENVIRONMENT = "${prefix}", "${environment}"\n\n${lua("mask.lua")}\n${lua("shape.lua")}`;

/** The files of a pod, by name. */
export const filesOfNode = (lines: NodeLines): Readonly<Record<string, string>> => ({
  [CONFIG]: renderNodeConfig(lines),
  [SCRIPT]: renderScript(lines.stack),
});
export const filesOfEvents = (lines: EventLines): Readonly<Record<string, string>> => ({
  [CONFIG]: renderEventsConfig(lines),
  [SCRIPT]: renderScript(lines.stack),
});
