import assert from "node:assert/strict";
import { parse } from "yaml";
import {
  filesOfEvents,
  filesOfNode,
  renderEventsConfig,
  renderNodeConfig,
} from "../../../components/monitoring/logs/config.js";
import { outputTo } from "../../../components/monitoring/logs/open-search.js";
import { type Config, unknownKeys } from "../../support/fluent-bit.js";

const stack = { prefix: "agents-production", environment: "production" } as const;
const output = { name: "cloudwatch_logs", region: "eu-west-1", log_group_name: "/logs" };
const node = () =>
  renderNodeConfig({ stack, output, reads: ["*_*"], passes: ["agents-production-nodes_fluent-bit", "gke-*_*"] });
const events = (namespaces: readonly string[] = []) => renderEventsConfig({ stack, output, namespaces });

const read = (text: string): Config => parse(text) as Config;

describe("the configuration of Fluent Bit", () => {
  it("on a node reads what containers write, joins, parses, says whose it is, masks and sends", () => {
    assert.equal(
      node(),
      `service:
  flush: 5
  grace: 30
  log_level: warn
  http_server: on
  http_listen: 0.0.0.0
  http_port: 2020
  hot_reload: off
  health_check: on
  hc_errors_count: 5
  hc_retry_failure_count: 5
  hc_period: 60
  scheduler.base: 5
  scheduler.cap: 300
  storage.path: /var/lib/fluent-bit/chunks
  storage.sync: normal
  storage.checksum: off
  storage.max_chunks_up: 32
  storage.backlog.mem_limit: 16M
  storage.metrics: on
  storage.delete_irrecoverable_chunks: on
multiline_parsers:
  - name: node
    type: regex
    flush_timeout: 1000
    rules:
      - state: start_state
        regex: /^(Uncaught )?[A-Za-z0-9_$.]*Error\\b/
        next_state: stack
      - state: stack
        regex: /^\\s+(at |\\[cause\\])/
        next_state: stack
pipeline:
  inputs:
    - name: tail
      alias: pods
      tag: kube.*
      path: /var/log/containers/*_*_*-*.log
      exclude_path: /var/log/containers/*_agents-production-nodes_fluent-bit-*.log,/var/log/containers/*_gke-*_*-*.log
      multiline.parser: cri
      db: /var/lib/fluent-bit/pods.db
      db.sync: normal
      db.locking: on
      read_from_head: on
      refresh_interval: 10
      rotate_wait: 30
      skip_empty_lines: on
      skip_long_lines: on
      buffer_chunk_size: 64k
      buffer_max_size: 256k
      storage.type: filesystem
  filters:
    - name: multiline
      match: kube.*
      multiline.key_content: log
      multiline.parser: go,java,python,node
      buffer: off
    - name: kubernetes
      match: kube.*
      kube_tag_prefix: kube.var.log.containers.
      merge_log: on
      merge_log_key: parsed
      keep_log: off
      labels: on
      annotations: off
      k8s-logging.parser: off
      k8s-logging.exclude: off
      buffer_size: 0
      kube_meta_cache_ttl: 5m
      tls.verify: on
    - name: lua
      match: kube.*
      script: /etc/fluent-bit/lines.lua
      call: shape_line
      protected_mode: on
  outputs:
    - name: cloudwatch_logs
      region: eu-west-1
      log_group_name: /logs
      match: kube.*
      alias: logs
      retry_limit: 100
      storage.total_limit_size: 1G
`,
    );
  });

  it("of events reads those of all namespaces", () => {
    const { pipeline } = read(events());
    assert.deepEqual(pipeline, {
      inputs: [
        {
          name: "kubernetes_events",
          alias: "events",
          tag: "events",
          db: "/var/lib/fluent-bit/events-0.db",
          kube_retention_time: "1h",
          "tls.verify": "on",
          "storage.type": "filesystem",
        },
      ],
      filters: [
        {
          name: "lua",
          match: "events",
          script: "/etc/fluent-bit/lines.lua",
          call: "shape_event",
          protected_mode: "on",
        },
      ],
      outputs: [{ ...output, match: "events", alias: "logs", retry_limit: 100, "storage.total_limit_size": "128M" }],
    });
  });

  it("of events of somebody else's cluster reads those of the stack's namespaces", () => {
    const { inputs } = read(events(["agents", "agents-nodes"])).pipeline;
    assert.deepEqual(
      inputs.map((input) => [input["alias"], input["kube_namespace"], input["db"]]),
      [
        ["events-agents", "agents", "/var/lib/fluent-bit/events-0.db"],
        ["events-agents-nodes", "agents-nodes", "/var/lib/fluent-bit/events-1.db"],
      ],
    );
  });

  it("has only keys that Fluent Bit knows", () => {
    const search = outputTo("opensearch.agents-monitoring.svc");
    const toSearch = renderNodeConfig({ stack, output: search, reads: ["*_*"], passes: ["a_b"] });
    for (const text of [node(), events(), events(["agents"]), toSearch]) assert.deepEqual(unknownKeys(read(text)), []);
    const wrong = renderNodeConfig({ stack, output: { ...output, retries: "1" }, reads: ["*_*"], passes: ["a_b"] });
    assert.deepEqual(unknownKeys(read(wrong)), ["cloudwatch_logs.retries"]);
  });

  it("the script is beside it, and knows whose lines they are", () => {
    const lines = { stack, output, reads: ["*_*"], passes: ["a_b"] } as const;
    for (const files of [filesOfNode(lines), filesOfEvents({ stack, output, namespaces: [] })]) {
      assert.deepEqual(Object.keys(files), ["fluent-bit.yaml", "lines.lua"]);
      assert.match(files["lines.lua"] ?? "", /^local STACK, ENVIRONMENT = "agents-production", "production"\n/);
    }
  });
});
