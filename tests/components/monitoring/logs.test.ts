import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { renderEvents } from "../../../components/monitoring/logs/events.js";
import { createLogs } from "../../../components/monitoring/logs/logs.js";
import { renderNodeAgent } from "../../../components/monitoring/logs/node-agent.js";
import type { Tree } from "../../../config/walk.js";
import type { EgressRule, LogOutput } from "../../../providers/contract.js";
import { all, deploy, inventory, only, type Stubs } from "../../support/deploy.js";
import { staged } from "../../support/scene.js";
import { awsProduction, awsStack, localStack, receivers, settingsOf } from "../../support/settings.js";

const LOGS = "agent-platform:monitoring:Logs";
const DAEMONS = "kubernetes:apps/v1:DaemonSet";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const CONFIG = "kubernetes:core/v1:ConfigMap";
const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole";
const MONITOR = "kubernetes:monitoring.coreos.com/v1:PodMonitor";

const outputTo = (over: Partial<LogOutput> = {}): LogOutput => ({
  section: { name: "cloudwatch_logs", region: "eu-west-1", log_group_name: pulumi.output("/logs") },
  tokens: undefined,
  identity: pulumi.output("place"),
  collected: { namespaces: [], events: false },
  ...over,
});

interface Options extends Stubs {
  readonly output?: Partial<LogOutput> | "none";
  readonly credentials?: readonly EgressRule[];
}

const run = (said: Tree, { output = {}, credentials = [], ...stubs }: Options = {}) => {
  const settings = settingsOf(said);
  return deploy(() => {
    const observe = { logs: pulumi.output("logs"), logOutput: output === "none" ? undefined : outputTo(output) };
    const { scene, parent, definitions, identities } = staged(settings, { observe });
    const cluster = { ...scene.cluster, credentialEndpoint: credentials };
    const logs = createLogs("logs", { ...scene, cluster, definitions }, parent);
    return { logs, identities };
  }, stubs);
};

const within = (resources: Awaited<ReturnType<typeof run>>["resources"]) =>
  inventory(resources.filter(({ urn }) => urn.includes(LOGS)));

const account = (part: string) => [
  ["kubernetes:core/v1:ConfigMap", `logs-${part}`],
  ["kubernetes:core/v1:ServiceAccount", `logs-${part}`],
  [POLICY, `logs-${part}`],
  [ROLE, `logs-${part}`],
  ["kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", `logs-${part}`],
];
const sorted = (rows: string[][]) => rows.sort((a, b) => (a.join() < b.join() ? -1 : 1));
const onNodes = [
  [LOGS, "logs"],
  [DAEMONS, "logs-node"],
  ["kubernetes:scheduling.k8s.io/v1:PriorityClass", "logs-node"],
  [MONITOR, "logs-fluent-bit"],
  ...account("node"),
];
const ofEvents = [[DEPLOYMENT, "logs-events"], [MONITOR, "logs-fluent-bit-events"], ...account("events")];
const made = sorted([...onNodes, ...ofEvents]);

const configOf = (resources: Awaited<ReturnType<typeof run>>["resources"], part: string) => {
  const { data } = only(resources, CONFIG, `logs-${part}`).inputs as { data: Record<string, string> };
  return parse(data["fluent-bit.yaml"] ?? "") as { pipeline: Record<"inputs" | "outputs", Record<string, unknown>[]> };
};

const production = { ...awsProduction, monitoring: { mode: "inCluster", receivers } };

describe("logs on their way to the cloud", () => {
  it("are Fluent Bit on each node, and one that reads events, in a preview too", async () => {
    assert.deepEqual(within((await run(awsStack)).resources), made);
    assert.deepEqual(within((await run(awsStack, { preview: true })).resources), made);
    assert.deepEqual(within((await run(production)).resources), made);
  });

  it("are nothing where they go nowhere, and an error where the cloud has no place for them", async () => {
    for (const said of [localStack, { ...awsStack, monitoring: { logs: { to: "none" } } }]) {
      const { resources, result } = await run(said);
      assert.equal(result.logs, undefined);
      assert.deepEqual(within(resources), []);
    }
    await assert.rejects(run(awsStack, { output: "none" }), {
      message: "monitoring.logs.to cloud: the cloud has no log service to write to",
    });
  });

  it("events are left out where the stack does not want them, and where the cloud takes them by itself", async () => {
    const unwanted = await run({ ...awsStack, monitoring: { logs: { events: false } } });
    const taken = await run(awsStack, {
      output: { collected: { namespaces: ["kube-system", "gke-*"], events: true } },
    });
    for (const { resources } of [unwanted, taken]) assert.deepEqual(within(resources), sorted([...onNodes]));
    const [input] = configOf(taken.resources, "node").pipeline.inputs;
    assert.equal(
      input?.["exclude_path"],
      [
        "/var/log/containers/*_agents-development-nodes_fluent-bit-*.log",
        "/var/log/containers/*_kube-system_*-*.log",
        "/var/log/containers/*_gke-*_*-*.log",
      ].join(","),
    );
  });

  it("are sent as the cloud says, each by an account that may write there and nothing else", async () => {
    const { resources, result } = await run(awsStack);
    assert.deepEqual(
      Object.entries(result.identities).map(
        ([name, { serviceAccount, namespace, buckets, secrets, duties, logs }]) => ({
          name,
          serviceAccount,
          namespace,
          buckets,
          secrets,
          duties,
          section: logs?.section["name"],
        }),
      ),
      [
        { name: "logs-node", serviceAccount: "fluent-bit", namespace: "agents-development-nodes" },
        { name: "logs-events", serviceAccount: "fluent-bit-events", namespace: "agents-development-monitoring" },
      ].map((one) => ({ ...one, buckets: {}, secrets: [], duties: undefined, section: "cloudwatch_logs" })),
    );
    for (const part of ["node", "events"]) {
      const [output] = configOf(resources, part).pipeline.outputs;
      assert.equal(output?.["log_group_name"], "/logs");
      assert.deepEqual(only(resources, "kubernetes:core/v1:ServiceAccount", `logs-${part}`).inputs["metadata"], {
        name: part === "node" ? "fluent-bit" : "fluent-bit-events",
        namespace: `agents-development-${part === "node" ? "nodes" : "monitoring"}`,
        annotations: { "example.com/role": `logs-${part}` },
      });
    }
  });

  it("ask the API server only whose a line is, and what happened", async () => {
    const { resources } = await run(awsStack);
    assert.deepEqual(
      all(resources, ROLE).map(({ inputs }) => [inputs["metadata"], inputs["rules"]]),
      [
        [{ name: "agents-development-fluent-bit" }, [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }]],
        [
          { name: "agents-development-fluent-bit-events" },
          [{ apiGroups: [""], resources: ["events"], verbs: ["get", "list", "watch"] }],
        ],
      ],
    );
  });

  it("in somebody else's cluster are those of the stack's namespaces alone", async () => {
    const { resources } = await run({ ...awsStack, cluster: { mode: "existing", id: "theirs" } });
    const [pods] = configOf(resources, "node").pipeline.inputs;
    assert.equal(
      pods?.["path"],
      [
        "/var/log/containers/*_agents-development_*-*.log",
        "/var/log/containers/*_agents-development-*_*-*.log",
        "/var/log/containers/*_envoy-gateway-system_*-*.log",
      ].join(","),
    );
    const namespaces = ["agents-development", "agents-development-monitoring", "agents-development-nodes"];
    assert.deepEqual(
      configOf(resources, "events").pipeline.inputs.map(({ kube_namespace }) => kube_namespace),
      namespaces,
    );
    assert.deepEqual(
      all(resources, ROLE).map(({ name }) => name),
      ["logs-node"],
    );
    assert.deepEqual(
      all(resources, "kubernetes:rbac.authorization.k8s.io/v1:Role").map(({ inputs }) => inputs["metadata"]),
      namespaces.map((namespace) => ({ name: "fluent-bit-events", namespace })),
    );
  });

  it("are read by Prometheus, and call the API server, the cloud and what gives credentials", async () => {
    const { resources } = await run(awsStack, { credentials: [{ cidr: "169.254.170.23/32", ports: [80] }] });
    const anywhere = [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } }];
    const reader = {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "agents-development-monitoring" } },
      podSelector: { matchLabels: { "app.kubernetes.io/name": "prometheus" } },
    };
    for (const part of ["node", "events"])
      assert.deepEqual(only(resources, POLICY, `logs-${part}`).inputs["spec"], {
        podSelector: {
          matchLabels: { "app.kubernetes.io/name": "fluent-bit", "app.kubernetes.io/component": part },
        },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: [reader], ports: [{ protocol: "TCP", port: 2020 }] }],
        egress: [
          ...[443, 6443].map((port) => ({ to: anywhere, ports: [{ protocol: "TCP", port }] })),
          { to: [{ ipBlock: { cidr: "169.254.170.23/32" } }], ports: [{ protocol: "TCP", port: 80 }] },
        ],
      });
    const { spec } = only(resources, MONITOR, "logs-fluent-bit").inputs as {
      spec: { selector: unknown; namespaceSelector: unknown; podMetricsEndpoints: Record<string, unknown>[] };
    };
    assert.deepEqual(spec.namespaceSelector, { matchNames: ["agents-development-nodes"] });
    assert.equal(spec.podMetricsEndpoints[0]?.["path"], "/api/v2/metrics/prometheus");
    assert.equal(spec.podMetricsEndpoints[0]?.["portNumber"], 2020);
  });

  it("wait for nodes, for the pods' identity and for their rights", async () => {
    const { resources } = await run(awsStack);
    const urn = (type: string, name: string) => only(resources, type, name).urn;
    const { dependsOn } = only(resources, DAEMONS);
    for (const one of [
      urn("random:index/randomId:RandomId", "made-cluster"),
      urn("kubernetes:external-secrets.io/v1:ClusterSecretStore", "store"),
      urn("kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", "logs-node"),
      urn(POLICY, "logs-node"),
    ])
      assert.ok(dependsOn.includes(one), one);
  });

  it("another configuration is another ConfigMap", async () => {
    const names = async (said: Tree) =>
      all((await run(said)).resources, CONFIG).map(({ inputs }) => (inputs["metadata"] as { name: string }).name);
    const [before, after] = [await names(awsStack), await names({ ...awsStack, environment: "staging" })];
    assert.match(before[0] ?? "", /^fluent-bit-[0-9a-f]{10}$/);
    assert.notEqual(before[0], after[0]);
  });
});

const pod = {
  namespace: "nodes",
  mirror: undefined,
  identity: { podLabels: { "example.com/identity": "yes" } },
  files: "fluent-bit-1",
  tokens: undefined,
};
const tokens = {
  image: { repository: "mcr.example.com/proxy", tag: "v1", source: "a test" },
  command: ["/proxy", "--port=8000"],
  probe: ["/proxy", "--probe"],
  user: 65_532,
};

describe("the pods of Fluent Bit", () => {
  it("on a node are root without root's rights, see lines they cannot change, and come to every node", () => {
    const { spec } = renderNodeAgent({ ...pod, state: "/var/lib/agents-fluent-bit", priorityClass: "agents-logs" });
    const { containers, volumes, ...rest } = spec.template.spec;
    assert.deepEqual(rest, {
      serviceAccountName: "fluent-bit",
      automountServiceAccountToken: true,
      enableServiceLinks: false,
      priorityClassName: "agents-logs",
      tolerations: [{ operator: "Exists" }],
      terminationGracePeriodSeconds: 60,
      securityContext: { runAsNonRoot: false, runAsUser: 0, runAsGroup: 0, seccompProfile: { type: "RuntimeDefault" } },
      initContainers: [],
    });
    const [container] = containers;
    assert.deepEqual(container?.securityContext, {
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    assert.deepEqual(container?.volumeMounts, [
      { name: "files", mountPath: "/etc/fluent-bit", readOnly: true },
      { name: "state", mountPath: "/var/lib/fluent-bit" },
      { name: "containers", mountPath: "/var/log/containers", readOnly: true },
      { name: "pods", mountPath: "/var/log/pods", readOnly: true },
    ]);
    assert.deepEqual(volumes, [
      { name: "files", configMap: { name: "fluent-bit-1" } },
      { name: "state", hostPath: { path: "/var/lib/agents-fluent-bit", type: "DirectoryOrCreate" } },
      { name: "containers", hostPath: { path: "/var/log/containers", type: "Directory" } },
      { name: "pods", hostPath: { path: "/var/log/pods", type: "Directory" } },
    ]);
    assert.deepEqual(spec.template.metadata.labels, {
      "app.kubernetes.io/name": "fluent-bit",
      "app.kubernetes.io/component": "node",
      "example.com/identity": "yes",
    });
  });

  it("have probes, and what they ask for is what they get", () => {
    const [container] = renderEvents(pod).spec.template.spec.containers;
    assert.deepEqual(container?.livenessProbe, {
      httpGet: { path: "/api/v1/uptime", port: "metrics" },
      periodSeconds: 15,
      failureThreshold: 4,
    });
    assert.deepEqual(container?.readinessProbe.httpGet, { path: "/api/v1/health", port: "metrics" });
    assert.deepEqual(container?.resources, {
      requests: { cpu: "50m", memory: "192Mi", "ephemeral-storage": "256Mi" },
      limits: { memory: "192Mi", "ephemeral-storage": "256Mi" },
    });
    assert.deepEqual(container?.args, ["--config=/etc/fluent-bit/fluent-bit.yaml"]);
  });

  it("that read events are one, nobody in particular, and write to what goes with them", () => {
    const { spec } = renderEvents(pod);
    assert.equal(spec.replicas, 1);
    assert.deepEqual(spec.strategy, { type: "Recreate" });
    assert.deepEqual(spec.template.spec.securityContext, {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      fsGroup: 65_532,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    });
    assert.deepEqual(spec.template.spec.volumes, [
      { name: "files", configMap: { name: "fluent-bit-1" } },
      { name: "state", emptyDir: { sizeLimit: "192Mi" } },
    ]);
  });

  it("have beside them what gets tokens for them, where the cloud needs it: before them, and as nobody", () => {
    const mirrored = { ...pod, tokens, mirror: "registry.example.com" };
    const parts = [
      renderEvents(mirrored).spec.template.spec,
      renderNodeAgent({ ...mirrored, state: "/s", priorityClass: "p" }).spec.template.spec,
    ];
    for (const { initContainers, containers } of parts) {
      assert.deepEqual(initContainers, [
        {
          name: "tokens",
          image: "registry.example.com/mcr.example.com/proxy:v1",
          imagePullPolicy: "IfNotPresent",
          restartPolicy: "Always",
          command: ["/proxy", "--port=8000"],
          startupProbe: { exec: { command: ["/proxy", "--probe"] }, periodSeconds: 2, failureThreshold: 30 },
          resources: {
            requests: { cpu: "5m", memory: "32Mi", "ephemeral-storage": "16Mi" },
            limits: { memory: "32Mi", "ephemeral-storage": "16Mi" },
          },
          securityContext: {
            allowPrivilegeEscalation: false,
            privileged: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
            runAsNonRoot: true,
            runAsUser: 65_532,
            runAsGroup: 65_532,
          },
        },
      ]);
      assert.equal(containers[0]?.image, "registry.example.com/docker.io/fluent/fluent-bit:5.1.3");
    }
  });
});
