import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { createLogs } from "../../../components/monitoring/logs/logs.js";
import { renderConfig, renderNodes, type renderPolicy } from "../../../components/monitoring/logs/open-search.js";
import { renderRetention, renderTemplate, setupFiles } from "../../../components/monitoring/logs/open-search-setup.js";
import type { Tree } from "../../../config/walk.js";
import { all, deploy, inventory, only } from "../../support/deploy.js";
import { staged } from "../../support/scene.js";
import { awsStack, settingsOf } from "../../support/settings.js";

const SEARCH = "agent-platform:monitoring:OpenSearch";
const SET = "kubernetes:apps/v1:StatefulSet";
const JOB = "kubernetes:batch/v1:Job";
const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim";
const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const CONFIG = "kubernetes:core/v1:ConfigMap";

const run = (openSearch: Tree = {}, preview = false, logs: Tree = {}) =>
  deploy(
    () => {
      const settings = settingsOf({ ...awsStack, monitoring: { logs: { to: "openSearch", ...logs, openSearch } } });
      const { scene, parent, definitions, identities } = staged(settings);
      createLogs("logs", { ...scene, definitions }, parent);
      return identities;
    },
    { preview },
  );

const made = [
  [SEARCH, "logs-opensearch"],
  [SET, "logs-opensearch"],
  [JOB, "logs-opensearch-setup"],
  [CONFIG, "logs-opensearch"],
  [CONFIG, "logs-opensearch-setup"],
  ["kubernetes:core/v1:Service", "logs-opensearch"],
  ["kubernetes:core/v1:Service", "logs-opensearch-nodes"],
  [CLAIM, "data-opensearch-0"],
  [POLICY, "logs-opensearch"],
  [POLICY, "logs-opensearch-setup"],
];
const sorted = (rows: string[][]) => rows.sort((a, b) => (a.join() < b.join() ? -1 : 1));
const searchOf = ({ resources }: Awaited<ReturnType<typeof run>>) =>
  inventory(resources.filter(({ urn }) => urn.includes(SEARCH)));

const nodes = (over: Tree = {}) =>
  renderNodes({
    namespace: "monitoring",
    settings: { nodes: 1, memory: 2, storage: 25, perDay: 0.5, ...over },
    mirror: undefined,
    storageClass: "ssd",
    config: "opensearch-1",
  });

describe("OpenSearch in the cluster", () => {
  it("is a node with its disk, and a Job that says how lines are kept, in a preview too", async () => {
    assert.deepEqual(searchOf(await run()), sorted([...made]));
    assert.deepEqual(searchOf(await run({}, true)), sorted([...made]));
  });

  it("of three nodes has three disks, and one node at a time may be moved", async () => {
    const ran = await run({ nodes: 3, storage: 40 });
    assert.deepEqual(
      searchOf(ran),
      sorted([
        ...made,
        [CLAIM, "data-opensearch-1"],
        [CLAIM, "data-opensearch-2"],
        ["kubernetes:policy/v1:PodDisruptionBudget", "logs-opensearch"],
      ]),
    );
    for (const { inputs } of all(ran.resources, CLAIM))
      assert.deepEqual(inputs["spec"], {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "40Gi" } },
        storageClassName: "ssd",
      });
  });

  it("Fluent Bit writes there once it is ready, and is nobody towards the cloud", async () => {
    const { resources, result } = await run();
    assert.deepEqual(result, {});
    const { data } = only(resources, CONFIG, "logs-node").inputs as { data: Record<string, string> };
    const { pipeline } = parse(data["fluent-bit.yaml"] ?? "") as { pipeline: { outputs: unknown[] } };
    assert.deepEqual(pipeline.outputs, [
      {
        name: "opensearch",
        host: "opensearch.agents-development-monitoring.svc",
        port: "9200",
        logstash_format: "on",
        logstash_prefix: "logs",
        time_key: "@timestamp",
        time_key_nanos: "on",
        generate_id: "on",
        suppress_type_name: "on",
        buffer_size: "256k",
        match: "kube.*",
        alias: "logs",
        retry_limit: 100,
        "storage.total_limit_size": "1G",
      },
    ]);
    const job = only(resources, JOB);
    assert.ok(job.dependsOn.includes(only(resources, SET).urn));
    assert.ok(only(resources, CONFIG, "logs-node").propertyDependencies["data"]?.includes(job.urn));
  });

  it("is called by Fluent Bit, the Job and Grafana, and calls only its own nodes", async () => {
    const { resources } = await run();
    const { spec } = only(resources, POLICY, "logs-opensearch").inputs as {
      spec: ReturnType<typeof renderPolicy>["spec"];
    };
    const pods = (namespace: string, name: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": `agents-development-${namespace}` } },
      podSelector: { matchLabels: { "app.kubernetes.io/name": name } },
    });
    const own = [pods("monitoring", "opensearch")];
    assert.deepEqual(spec, {
      podSelector: { matchLabels: { "app.kubernetes.io/name": "opensearch" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [
            pods("nodes", "fluent-bit"),
            pods("monitoring", "fluent-bit"),
            pods("monitoring", "opensearch-setup"),
            pods("monitoring", "grafana"),
          ],
          ports: [{ protocol: "TCP", port: 9200 }],
        },
        { from: own, ports: [{ protocol: "TCP", port: 9300 }] },
      ],
      egress: [{ to: own, ports: [{ protocol: "TCP", port: 9300 }] }],
    });
    assert.deepEqual((only(resources, POLICY, "logs-node").inputs["spec"] as { egress: unknown[] }).egress.at(-1), {
      to: own,
      ports: [{ protocol: "TCP", port: 9200 }],
    });
    assert.deepEqual(
      (only(resources, POLICY, "logs-opensearch-setup").inputs["spec"] as { egress: unknown[] }).egress,
      [{ to: own, ports: [{ protocol: "TCP", port: 9200 }] }],
    );
  });

  it("one node stands alone, and three find each other", () => {
    const one = parse(renderConfig("agents", { nodes: 1 })) as object;
    assert.deepEqual(one, {
      "cluster.name": "agents-logs",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of OpenSearch's own
      "node.name": "${POD_NAME}",
      "network.host": "0.0.0.0",
      "http.port": 9200,
      "transport.port": 9300,
      "path.data": "/usr/share/opensearch/data",
      "path.logs": "/usr/share/opensearch/logs",
      "node.store.allow_mmap": false,
      "action.destructive_requires_name": true,
      "plugins.security.disabled": true,
      "discovery.type": "single-node",
    });
    const { "discovery.type": _, ...shared } = one as Record<string, unknown>;
    assert.deepEqual(parse(renderConfig("agents", { nodes: 3 })), {
      ...shared,
      "discovery.seed_hosts": ["opensearch-nodes"],
      "cluster.initial_cluster_manager_nodes": ["opensearch-0", "opensearch-1", "opensearch-2"],
    });
  });

  it("runs hardened, on a disk of its own and with half of its memory for the heap", () => {
    const { spec } = nodes({ memory: 8 }).spec.template;
    assert.deepEqual(spec.securityContext, {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    });
    const [container] = spec.containers;
    assert.equal(container?.image, "docker.io/opensearchproject/opensearch:3.8.0");
    assert.deepEqual(container?.command, ["/usr/share/opensearch/bin/opensearch"]);
    assert.deepEqual(container?.env?.[1], {
      name: "OPENSEARCH_JAVA_OPTS",
      value: "-Xms4096m -Xmx4096m -Dopensearch.cgroups.hierarchy.override=/",
    });
    assert.deepEqual(container?.resources, {
      requests: { cpu: "250m", memory: "8Gi", "ephemeral-storage": "512Mi" },
      limits: { memory: "8Gi", "ephemeral-storage": "512Mi" },
    });
    for (const one of [container, ...spec.initContainers])
      assert.deepEqual(one?.securityContext, {
        allowPrivilegeEscalation: false,
        privileged: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
  });

  it("forgets a day's lines when they are old enough, and knows what lines are", async () => {
    assert.deepEqual(renderRetention(14).policy.states[0]?.transitions, [
      { state_name: "gone", conditions: { min_index_age: "14d" } },
    ]);
    assert.equal(renderTemplate(1).template.settings.number_of_replicas, 0);
    assert.equal(renderTemplate(3).template.settings.number_of_replicas, 1);
    assert.deepEqual(renderTemplate(1).template.mappings.properties, {
      "@timestamp": { type: "date_nanos" },
      message: { type: "text" },
      level: { type: "keyword" },
      stack: { type: "keyword" },
      environment: { type: "keyword" },
      service: { type: "keyword" },
      namespace: { type: "keyword" },
      pod: { type: "keyword" },
      container: { type: "keyword" },
      node: { type: "keyword" },
      stream: { type: "keyword" },
      requestId: { type: "keyword" },
      traceId: { type: "keyword" },
      spanId: { type: "keyword" },
      fields: { type: "flat_object" },
    });
    const names = async (logs: Tree) =>
      all((await run({ storage: 100 }, false, logs)).resources, JOB).map(({ inputs }) => inputs["metadata"]);
    // Another number of days is another Job, which runs.
    assert.notDeepEqual(await names({ retention: 14 }), await names({ retention: 30 }));
  });
});

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** OpenSearch, as far as the Job asks it. */
function standIn(policy: object | undefined): { readonly server: Server; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      asked.push({
        method: request.method ?? "",
        path: request.url ?? "",
        body: text === "" ? undefined : (JSON.parse(text) as unknown),
      });
      const missing = request.method === "GET" && policy === undefined;
      response.writeHead(missing ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(missing ? { error: { reason: "Policy not found" }, status: 404 } : (policy ?? {})));
    });
  });
  return { server, asked };
}

async function runSetup(policy: object | undefined): Promise<readonly Asked[]> {
  const { server, asked } = standIn(policy);
  const folder = mkdtempSync(join(tmpdir(), "opensearch-setup-"));
  try {
    for (const [file, text] of Object.entries(setupFiles(30, 1))) writeFileSync(join(folder, file), text);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const code = await new Promise<number | null>((resolve) => {
      const child = spawn("sh", [join(folder, "run.sh")], {
        env: { PATH: process.env["PATH"], URL: `http://127.0.0.1:${port}`, FILES: folder, INDEX: "logs" },
        stdio: "ignore",
      });
      child.on("close", resolve);
    });
    assert.equal(code, 0);
    return asked;
  } finally {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  }
}

describe("the Job that makes OpenSearch ready", () => {
  const template = { method: "PUT", path: "/_index_template/logs", body: renderTemplate(1) };
  const look = { method: "GET", path: "/_plugins/_ism/policies/logs", body: undefined };

  it("says at first what lines are and how long they stay", async () => {
    assert.deepEqual(await runSetup(undefined), [
      template,
      look,
      { method: "PUT", path: "/_plugins/_ism/policies/logs", body: renderRetention(30) },
    ]);
  });

  it("changes later what is there, and tells the indexes that are there", async () => {
    const there = { _id: "logs", _version: 3, _primary_term: 2, _seq_no: 17, policy: { policy_id: "logs" } };
    assert.deepEqual(await runSetup(there), [
      template,
      look,
      {
        method: "PUT",
        path: "/_plugins/_ism/policies/logs?if_seq_no=17&if_primary_term=2",
        body: renderRetention(30),
      },
      { method: "POST", path: "/_plugins/_ism/change_policy/logs-*", body: { policy_id: "logs" } },
    ]);
  });
});
