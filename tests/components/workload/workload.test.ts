import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import { gatewayRef } from "../../../components/gateway/listeners.js";
import { podsIn } from "../../../components/peers.js";
import { ServiceAccess } from "../../../components/workload/access.js";
import { queries } from "../../../components/workload/autoscaling.js";
import type { Wiring } from "../../../components/workload/wiring.js";
import { type WayIn, Workload, type WorkloadArgs } from "../../../components/workload/workload.js";
import type { ServiceSettings } from "../../../config/service-schema.js";
import type { Tree } from "../../../config/walk.js";
import { loadCloud } from "../../../providers/index.js";
import { deploy, only, type Stubs } from "../../support/deploy.js";
import { ground, madeCluster } from "../../support/inside.js";
import { within } from "../../support/rows.js";
import { settingsOf } from "../../support/settings.js";

const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const SERVICE = "kubernetes:core/v1:Service";
const AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
const BUDGET = "kubernetes:policy/v1:PodDisruptionBudget";
const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const CONFIG = "kubernetes:core/v1:ConfigMap";
const EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret";
const JOB = "kubernetes:batch/v1:Job";
const CRON = "kubernetes:batch/v1:CronJob";
const SCALED = "kubernetes:keda.sh/v1alpha1:ScaledObject";
const VOLUME = "kubernetes:core/v1:PersistentVolumeClaim";
const ROLE = "kubernetes:rbac.authorization.k8s.io/v1:Role";
const BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding";

const nothing: Wiring = { env: {}, secretEnv: {}, fields: {}, files: {}, reaches: [] };
const entry = (version: string) => ({
  store: pulumi.output("store"),
  key: pulumi.output("team-key"),
  identity: pulumi.output("arn:team-key"),
  label: "team-key",
  version: pulumi.output(version),
});

const ROUTE = "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute";
const TRAFFIC = "kubernetes:gateway.envoyproxy.io/v1alpha1:BackendTrafficPolicy";
const gateway = {
  ref: gatewayRef({ prefix: "agents" }, "gateways"),
  peer: podsIn("gateways", { app: "proxy" }),
  domain: "agents.example.com",
};

interface Around {
  readonly wiring?: Partial<Wiring>;
  readonly callers?: readonly string[];
  readonly pool?: WorkloadArgs["pool"];
  readonly gateway?: Omit<WayIn, "ready">;
  /** Address of a Prometheus that KEDA asks. */
  readonly query?: string;
  readonly watch?: WorkloadArgs["watch"];
  readonly deletionProtection?: boolean;
  readonly stubs?: Stubs;
}

/** One service on a cluster of the platform's own. */
async function workload(
  said: Tree,
  {
    wiring = {},
    callers = [],
    pool,
    gateway: wayIn,
    query,
    watch,
    deletionProtection = false,
    stubs = {},
  }: Around = {},
) {
  const stack = settingsOf({
    cloud: "local",
    services: { api: { image: "ghcr.io/acme/api:1.4.2", ...said } },
  });
  const open = await loadCloud("local");
  const recording = await deploy(() => {
    const { secrets: secretStore, parent } = ground(stack);
    const cluster = madeCluster(parent);
    const settings = stack.services["api"] as ServiceSettings;
    const image = settings.image ?? "";
    const cloud = open(stack).enter("platform", { parent });
    const inCluster = { parent, provider: cluster.provider };
    const store = new CustomResource(
      "store",
      { apiVersion: "external-secrets.io/v1", kind: "ClusterSecretStore", metadata: { name: "agents" } },
      inCluster,
    );
    const access = new ServiceAccess(
      "api",
      {
        service: "api",
        settings: { ...settings, uses: [] },
        cloud,
        cluster,
        namespace: "agents",
        secretStore,
        secrets: { REGISTRY: entry("1") },
        keys: {},
        sharesWith: undefined,
        caches: {},
        buckets: {},
      },
      { parent },
    );
    return new Workload(
      "the-api",
      {
        service: "api",
        settings,
        image: { ref: image, fixed: image },
        cluster,
        namespace: "agents",
        access,
        wiring: { ...nothing, ...wiring },
        secretStore: store,
        pool,
        callers,
        gateway: wayIn === undefined ? undefined : { ...wayIn, ready: [store] },
        scaler: query === undefined ? undefined : { query, ready: store },
        watch,
        deletionProtection,
        after: [store],
      },
      { parent },
    );
  }, stubs);
  const resources = within(recording.resources, "agent-platform:workload:Workload");
  const specOf = (type: string, name?: string) => only(resources, type, name).inputs["spec"] as Tree;
  return { ...recording, everything: recording.resources, resources, specOf };
}

const podOf = (spec: Tree) => (spec["template"] as { spec: Tree }).spec;
const containerOf = (spec: Tree) => (podOf(spec)["containers"] as readonly Tree[])[0] ?? {};
const dependenciesOf = (resource: { readonly dependsOn: readonly string[] }) =>
  resource.dependsOn.map((urn) => urn.split("::").at(-1)).sort();

describe("a service with an image", () => {
  it("is this, where it says no more than that", async () => {
    const { resources, specOf } = await workload({});
    assert.deepEqual(
      resources.map(({ type, name }) => [type, name]).sort(),
      [
        ["agent-platform:workload:Workload", "the-api"],
        [AUTOSCALER, "the-api"],
        [BUDGET, "the-api"],
        [CONFIG, "the-api-env"],
        [DEPLOYMENT, "the-api"],
        [POLICY, "the-api"],
        [SERVICE, "the-api"],
      ].sort(),
    );
    const config = (only(resources, CONFIG).inputs["metadata"] as { name: string }).name;
    assert.match(config, /^api-[0-9a-f]{10}$/);
    const labels = { "app.kubernetes.io/name": "api", "app.kubernetes.io/component": "serve" };
    assert.deepEqual(specOf(DEPLOYMENT), {
      revisionHistoryLimit: 3,
      progressDeadlineSeconds: 900,
      selector: { matchLabels: labels },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 10001,
            runAsGroup: 10001,
            fsGroup: 10001,
            fsGroupChangePolicy: "OnRootMismatch",
            seccompProfile: { type: "RuntimeDefault" },
          },
          serviceAccountName: "api",
          terminationGracePeriodSeconds: 90,
          topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
            topologyKey,
            maxSkew: 1,
            whenUnsatisfiable: "ScheduleAnyway",
            labelSelector: { matchLabels: { "app.kubernetes.io/name": "api" } },
            matchLabelKeys: ["pod-template-hash"],
          })),
          containers: [
            {
              name: "api",
              image: "ghcr.io/acme/api:1.4.2",
              imagePullPolicy: "IfNotPresent",
              ports: [{ name: "http", containerPort: 3000 }],
              startupProbe: { tcpSocket: { port: 3000 }, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 150 },
              readinessProbe: { tcpSocket: { port: 3000 }, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 2 },
              livenessProbe: { tcpSocket: { port: 3000 }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
              lifecycle: { preStop: { sleep: { seconds: 5 } } },
              envFrom: [{ configMapRef: { name: config } }],
              resources: {
                requests: { cpu: "500m", memory: "1024Mi", "ephemeral-storage": "1024Mi" },
                limits: { memory: "1024Mi", "ephemeral-storage": "1024Mi" },
              },
              securityContext: {
                allowPrivilegeEscalation: false,
                privileged: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
              volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
            },
          ],
          volumes: [{ name: "tmp", emptyDir: { sizeLimit: "1024Mi" } }],
        },
      },
    });
    assert.deepEqual(only(resources, CONFIG).inputs["data"], {
      PORT: "3000",
      REPLICAS: "10",
      REQUEST_TIMEOUT: "60000",
      SHUTDOWN_TIMEOUT: "80s",
    });
    assert.deepEqual(specOf(SERVICE), {
      type: "ClusterIP",
      selector: labels,
      ports: [{ name: "http", port: 3000, targetPort: "http" }],
    });
    assert.deepEqual(specOf(BUDGET), { maxUnavailable: 1, selector: { matchLabels: labels } });
    assert.deepEqual(specOf(POLICY), {
      podSelector: { matchLabels: { "app.kubernetes.io/name": "api" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [],
      egress: [],
    });
  });

  it("leaves the number of its pods to the autoscaler, where there is one", async () => {
    const scaled = await workload({ replicas: { min: 2, max: 5 }, autoscaling: { cpu: 60, downSeconds: 600 } });
    assert.ok(!("replicas" in scaled.specOf(DEPLOYMENT)));
    assert.deepEqual(scaled.specOf(AUTOSCALER), {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "api" },
      minReplicas: 2,
      maxReplicas: 5,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } },
        { type: "Resource", resource: { name: "memory", target: { type: "Utilization", averageUtilization: 80 } } },
      ],
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 0,
          selectPolicy: "Max",
          policies: [
            { type: "Percent", value: 100, periodSeconds: 30 },
            { type: "Pods", value: 4, periodSeconds: 30 },
          ],
        },
        scaleDown: {
          stabilizationWindowSeconds: 600,
          policies: [{ type: "Percent", value: 10, periodSeconds: 60 }],
        },
      },
    });
    const fixed = await workload({ replicas: { min: 3, max: 3 } });
    assert.equal(fixed.specOf(DEPLOYMENT)["replicas"], 3);
    assert.ok(!fixed.resources.some(({ type }) => type === AUTOSCALER));
    const off = await workload({ replicas: { min: 0, max: 1 } });
    assert.equal(off.specOf(DEPLOYMENT)["replicas"], 0);
    assert.ok(!off.resources.some(({ type }) => type === BUDGET));
  });

  it("is scaled by what it has to do, where something measures that", async () => {
    const said = { replicas: { min: 2, max: 5 }, autoscaling: { requestsPerSecond: 50, queueDepth: 2.5 } };
    const { resources, specOf } = await workload(said, { query: "http://prometheus:9090" });
    assert.ok(!resources.some(({ type }) => type === AUTOSCALER));
    assert.ok(!("replicas" in specOf(DEPLOYMENT)));
    const scaled = only(resources, SCALED);
    assert.deepEqual(dependenciesOf(scaled), ["store", "the-api"]);
    assert.deepEqual((scaled.inputs["metadata"] as Tree)["annotations"], { "pulumi.com/waitFor": "condition=Ready" });
    const { advanced, ...spec } = specOf(SCALED);
    const pods = 'namespace="agents",pod=~"api-[a-z0-9]+-[a-z0-9]{5}"';
    const asked = (query: string, threshold: string) => ({
      type: "prometheus",
      metricType: "AverageValue",
      metadata: { serverAddress: "http://prometheus:9090", query, threshold },
    });
    assert.deepEqual(spec, {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "api" },
      minReplicaCount: 2,
      maxReplicaCount: 5,
      pollingInterval: 15,
      fallback: { failureThreshold: 3, replicas: 2, behavior: "currentReplicasIfHigher" },
      triggers: [
        { type: "cpu", metricType: "Utilization", metadata: { value: "70" } },
        { type: "memory", metricType: "Utilization", metadata: { value: "80" } },
        asked(`sum(rate(http_requests_total{${pods}}[2m]))`, "50"),
        asked(`max(run_queue_depth{${pods}})`, "2.5"),
      ],
    });
    const { horizontalPodAutoscalerConfig } = advanced as { horizontalPodAutoscalerConfig: Tree };
    const plain = await workload({ replicas: { min: 2, max: 5 } });
    assert.deepEqual(horizontalPodAutoscalerConfig["behavior"], plain.specOf(AUTOSCALER)["behavior"]);
    // Nothing to ask for, or nobody to ask.
    assert.ok((await workload(said)).resources.some(({ type }) => type === AUTOSCALER));
    const unasked = await workload({ replicas: { min: 2, max: 5 } }, { query: "http://prometheus:9090" });
    assert.ok(unasked.resources.some(({ type }) => type === AUTOSCALER));
  });

  it("asks for metrics that the agent service has", () => {
    const { metrics } = JSON.parse(readFileSync("service/metrics.json", "utf8")) as { metrics: object };
    for (const query of Object.values(queries)) {
      const [, name = ""] = /([a-z_]+)\{/.exec(query("")) ?? [];
      assert.ok(Object.hasOwn(metrics, name), name);
    }
  });

  it("has one pod on its disks at a time, and its jobs beside it have none", async () => {
    const { resources, specOf } = await workload(
      {
        replicas: { min: 1, max: 1 },
        volumes: { data: { path: "/var/data", size: 20 }, logs: { path: "/var/logs", size: 1, storageClass: "cold" } },
        migrate: { command: ["migrate"] },
      },
      { deletionProtection: true },
    );
    const disk = only(resources, VOLUME, "the-api-data");
    assert.equal(disk.protect, true);
    assert.equal((disk.inputs["metadata"] as Tree)["name"], "api-data");
    assert.deepEqual(disk.inputs["spec"], {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "ssd",
      resources: { requests: { storage: "20480Mi" } },
    });
    assert.equal((only(resources, VOLUME, "the-api-logs").inputs["spec"] as Tree)["storageClassName"], "cold");
    assert.deepEqual(specOf(DEPLOYMENT)["strategy"], { type: "Recreate" });
    const { volumeMounts } = containerOf(specOf(DEPLOYMENT)) as { volumeMounts: readonly unknown[] };
    assert.deepEqual(volumeMounts.slice(1), [
      { name: "volume-data", mountPath: "/var/data" },
      { name: "volume-logs", mountPath: "/var/logs" },
    ]);
    assert.deepEqual((podOf(specOf(DEPLOYMENT))["volumes"] as readonly unknown[]).slice(1), [
      { name: "volume-data", persistentVolumeClaim: { claimName: "api-data" } },
      { name: "volume-logs", persistentVolumeClaim: { claimName: "api-logs" } },
    ]);
    assert.equal((podOf(specOf(JOB))["volumes"] as readonly unknown[]).length, 1);
  });

  it("may do in the cluster exactly what it says, and has a token only then", async () => {
    const { resources, specOf } = await workload({
      permissions: [
        { resources: ["configmaps"], names: ["flags"], verbs: ["get", "watch"] },
        { groups: ["batch"], resources: ["jobs"], verbs: ["create"] },
      ],
    });
    const role = only(resources, ROLE);
    assert.deepEqual(role.inputs["rules"], [
      { apiGroups: [""], resources: ["configmaps"], resourceNames: ["flags"], verbs: ["get", "watch"] },
      { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create"] },
    ]);
    const binding = only(resources, BINDING);
    assert.deepEqual(
      [binding.inputs["roleRef"], binding.inputs["subjects"]],
      [
        { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "api" },
        [{ kind: "ServiceAccount", name: "api", namespace: "agents" }],
      ],
    );
    assert.ok(only(resources, DEPLOYMENT).dependsOn.includes(binding.urn));
    assert.equal(podOf(specOf(DEPLOYMENT))["automountServiceAccountToken"], true);
    assert.equal(podOf((await workload({})).specOf(DEPLOYMENT))["automountServiceAccountToken"], false);
  });

  it("tells whoever measures where its metrics are, and what it promises", async () => {
    const { resources, specOf } = await workload({
      metrics: { port: 9000, path: "/m", business: ["orders_total", "refunds_total"] },
      slo: { p95: 2, p99: 5 },
    });
    const { metadata } = specOf(DEPLOYMENT)["template"] as { metadata: Tree };
    assert.deepEqual(metadata["annotations"], {
      "prometheus.io/scrape": "true",
      "prometheus.io/port": "9000",
      "prometheus.io/path": "/m",
    });
    assert.deepEqual((only(resources, DEPLOYMENT).inputs["metadata"] as Tree)["annotations"], {
      "agent-platform/slo": '{"availability":99.9,"errors":1,"p95":2,"p99":5,"agentHealth":0.95}',
      "agent-platform/business-metrics": "orders_total,refunds_total",
    });
  });

  it("is asked how it is by the paths that it says", async () => {
    const container = containerOf(
      (await workload({ probes: { live: "/health", ready: "/health/ready" } })).specOf(DEPLOYMENT),
    );
    const paths = ["startupProbe", "readinessProbe", "livenessProbe"].map(
      (probe) => (container[probe] as { httpGet: unknown }).httpGet,
    );
    assert.deepEqual(paths, [
      { path: "/health", port: 3000 },
      { path: "/health/ready", port: 3000 },
      { path: "/health", port: 3000 },
    ]);
  });

  it("answers nobody as a worker", async () => {
    const { resources, specOf } = await workload(
      { kind: "worker", metrics: {}, preStop: 0 },
      { callers: ["somebody"] },
    );
    assert.ok(!resources.some(({ type }) => type === SERVICE));
    const { ports, startupProbe, lifecycle } = containerOf(specOf(DEPLOYMENT));
    assert.deepEqual(
      [ports, startupProbe, lifecycle],
      [[{ name: "metrics", containerPort: 9464 }], undefined, undefined],
    );
    assert.deepEqual(specOf(POLICY)["ingress"], []);
    const { PORT, METRICS_PORT } = only(resources, CONFIG).inputs["data"] as Tree;
    assert.deepEqual([PORT, METRICS_PORT], [undefined, "9464"]);
  });

  it("runs as its settings say", async () => {
    const { specOf, resources } = await workload({
      command: ["python", "-m", "api"],
      args: ["--verbose"],
      uid: 1001,
      cpu: 0.25,
      memory: 0.5,
      disk: 2,
      scratch: { models: { path: "/var/models", size: 4 } },
      env: { LOG_LEVEL: "debug", PORT: "1" },
    });
    const pod = podOf(specOf(DEPLOYMENT));
    const container = containerOf(specOf(DEPLOYMENT));
    assert.deepEqual([container["command"], container["args"]], [["python", "-m", "api"], ["--verbose"]]);
    assert.equal((pod["securityContext"] as Tree)["runAsUser"], 1001);
    assert.deepEqual(container["resources"], {
      requests: { cpu: "250m", memory: "512Mi", "ephemeral-storage": "2048Mi" },
      limits: { memory: "512Mi", "ephemeral-storage": "6144Mi" },
    });
    assert.deepEqual(container["volumeMounts"], [
      { name: "tmp", mountPath: "/tmp" },
      { name: "scratch-models", mountPath: "/var/models" },
    ]);
    const { LOG_LEVEL, PORT } = only(resources, CONFIG).inputs["data"] as Tree;
    assert.deepEqual([LOG_LEVEL, PORT], ["debug", "3000"]);
  });

  it("lets in those who use it, and out to what it uses", async () => {
    const { specOf } = await workload(
      {},
      { callers: ["web"], wiring: { reaches: [{ to: [{ ipBlock: { cidr: "10.0.0.0/24" } }], port: 5432 }] } },
    );
    const { ingress, egress } = specOf(POLICY);
    assert.deepEqual(ingress, [
      {
        from: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": "web" } } }],
        ports: [{ protocol: "TCP", port: 3000 }],
      },
    ]);
    assert.deepEqual(egress, [
      { to: [{ ipBlock: { cidr: "10.0.0.0/24" } }], ports: [{ protocol: "TCP", port: 5432 }] },
    ]);
  });

  it("lets in the gateway where it has routes", async () => {
    const { specOf } = await workload({}, { callers: ["web"], gateway });
    assert.deepEqual(specOf(POLICY)["ingress"], [
      {
        from: [
          { podSelector: { matchLabels: { "app.kubernetes.io/name": "web" } } },
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "gateways" } },
            podSelector: { matchLabels: { app: "proxy" } },
          },
        ],
        ports: [{ protocol: "TCP", port: 3000 }],
      },
    ]);
  });

  it("shows its metrics to those who watch, and tells them its traces; what the stack says goes before that", async () => {
    const watch = {
      reader: podsIn("watchers", { app: "prometheus" }),
      traces: {
        env: { OTEL_SERVICE_NAME: "api", LOG_LEVEL: "info" },
        reach: { to: [podsIn("watchers", { app: "collector" })], port: 4318 },
      },
    };
    const from = (app: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "watchers" } },
      podSelector: { matchLabels: { app } },
    });
    const watched = await workload({ metrics: { port: 9000 }, env: { LOG_LEVEL: "debug" } }, { watch });
    assert.deepEqual(watched.specOf(POLICY)["ingress"], [
      { from: [from("prometheus")], ports: [{ protocol: "TCP", port: 9000 }] },
    ]);
    assert.deepEqual(watched.specOf(POLICY)["egress"], [
      { to: [from("collector")], ports: [{ protocol: "TCP", port: 4318 }] },
    ]);
    const { OTEL_SERVICE_NAME, LOG_LEVEL } = only(watched.resources, CONFIG).inputs["data"] as Tree;
    assert.deepEqual([OTEL_SERVICE_NAME, LOG_LEVEL], ["api", "debug"]);

    const job = await workload({ kind: "job", metrics: {}, replicas: { min: 1, max: 1 } }, { watch });
    assert.deepEqual(job.specOf(POLICY)["ingress"], []);

    const silent = await workload({}, { watch: { ...watch, traces: undefined } });
    assert.deepEqual([silent.specOf(POLICY)["ingress"], silent.specOf(POLICY)["egress"]], [[], []]);
  });

  it("gets secrets by External Secrets, under another name for another value", async () => {
    const secretly = (version: string) =>
      workload(
        {},
        {
          wiring: {
            secretEnv: { TEAM_KEY: "{{ .team }}" },
            fields: { team: { entry: entry(version), property: "value" } },
          },
        },
      );
    const [one, same, other] = [await secretly("1"), await secretly("1"), await secretly("2")];
    const named = ({ resources }: Awaited<ReturnType<typeof secretly>>) =>
      (only(resources, EXTERNAL).inputs["metadata"] as { name: string }).name;
    assert.equal(named(one), named(same));
    assert.notEqual(named(one), named(other));
    assert.deepEqual(one.specOf(EXTERNAL), {
      refreshInterval: "1h",
      secretStoreRef: { kind: "ClusterSecretStore", name: "agents" },
      target: {
        name: named(one),
        creationPolicy: "Owner",
        template: { engineVersion: "v2", mergePolicy: "Replace", data: { TEAM_KEY: "{{ .team }}" } },
      },
      data: [{ secretKey: "team", remoteRef: { key: "team-key", property: "value" } }],
    });
    const { envFrom } = containerOf(one.specOf(DEPLOYMENT)) as { envFrom: readonly unknown[] };
    assert.deepEqual(envFrom[1], { secretRef: { name: named(one) } });
  });

  it("is pulled with a secret of its own where it names one", async () => {
    const { specOf } = await workload({ pullSecret: "REGISTRY" });
    const { target, data } = specOf(EXTERNAL) as { target: { name: string; template: Tree }; data: unknown };
    assert.match(target.name, /^api-pull-[0-9a-f]{10}$/);
    assert.equal(target.template["type"], "kubernetes.io/dockerconfigjson");
    assert.deepEqual(target.template["data"], { ".dockerconfigjson": "{{ .config }}" });
    assert.deepEqual(data, [{ secretKey: "config", remoteRef: { key: "team-key", property: "value" } }]);
    assert.deepEqual(podOf(specOf(DEPLOYMENT))["imagePullSecrets"], [{ name: target.name }]);
  });

  it("starts again where its settings changed, and only then", async () => {
    const config = async (env: Tree) =>
      (only((await workload({ env })).resources, CONFIG).inputs["metadata"] as { name: string }).name;
    assert.equal(await config({ A: "1" }), await config({ A: "1" }));
    assert.notEqual(await config({ A: "1" }), await config({ A: "2" }));
  });

  it("mounts certificates where it is told that they are", async () => {
    const { specOf, resources } = await workload({}, { wiring: { files: { "database-main.pem": "PEM" } } });
    assert.deepEqual(only(resources, CONFIG, "the-api-trust").inputs["data"], { "database-main.pem": "PEM" });
    const { volumeMounts } = containerOf(specOf(DEPLOYMENT)) as { volumeMounts: readonly unknown[] };
    assert.deepEqual(volumeMounts[1], { name: "trust", mountPath: "/etc/agent-platform/trust", readOnly: true });
  });

  it("runs on the pool that it names", async () => {
    const taint = { key: "spot", value: "true", effect: "NoSchedule" as const };
    const { specOf } = await workload({}, { pool: { labels: { role: "spot" }, taints: [taint] } });
    const { nodeSelector, tolerations, containers } = podOf(specOf(DEPLOYMENT));
    assert.deepEqual([nodeSelector, tolerations], [{ role: "spot" }, [{ ...taint, operator: "Equal" }]]);
    assert.equal((containers as readonly unknown[]).length, 1);
  });
});

describe("a service with routes", () => {
  it("is reached once it serves, by what the gateway is told of it before", async () => {
    const { resources } = await workload(
      { routes: [{ path: "/api", affinity: "cookie" }, { host: "a.example.com" }] },
      { gateway },
    );
    const routes = resources.filter(({ type }) => type === ROUTE);
    assert.deepEqual(
      routes.map(({ name, dependsOn }) => [name, dependenciesOf({ dependsOn })]),
      routes.map(({ name }) => [name, ["store", name, "the-api", "the-api"].sort()]),
    );
    const [route] = routes.map(({ inputs }) => inputs as { metadata: Tree; spec: Tree });
    assert.ok(route !== undefined);
    assert.equal(route.metadata["namespace"], "agents");
    assert.deepEqual(route.spec["hostnames"], ["agents.example.com"]);
    assert.deepEqual((route.spec["rules"] as readonly Tree[])[0]?.["backendRefs"], [
      { group: "", kind: "Service", name: "api", port: 3000, weight: 100 },
    ]);
    assert.equal(resources.filter(({ type }) => type === TRAFFIC).length, 2);
  });
});

describe("a migration", () => {
  const migrate = { command: ["node", "dist/migrate.js"], timeout: 300 };

  it("is done before pods of its image start, with all that the service has", async () => {
    const { resources, specOf } = await workload(
      { migrate },
      { wiring: { secretEnv: { KEY: "{{ .k }}" }, fields: { k: { entry: entry("1"), property: "value" } } } },
    );
    const job = only(resources, JOB);
    assert.match(job.name, /^the-api-migrate-[0-9a-f]{10}$/);
    assert.ok(only(resources, DEPLOYMENT).dependsOn.includes(job.urn));
    assert.ok(dependenciesOf(job).includes("store"));
    const spec = specOf(JOB);
    assert.deepEqual([spec["backoffLimit"], spec["activeDeadlineSeconds"]], [2, 300]);
    assert.deepEqual(spec["podFailurePolicy"], {
      rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [3] } }],
    });
    const pod = podOf(spec);
    assert.equal(pod["restartPolicy"], "Never");
    const container = containerOf(spec);
    assert.deepEqual(container["command"], ["node", "dist/migrate.js"]);
    assert.equal((container["envFrom"] as readonly unknown[]).length, 2);
    assert.equal((container["securityContext"] as Tree)["readOnlyRootFilesystem"], true);
    const { metadata } = spec["template"] as { metadata: { labels: Tree } };
    assert.deepEqual(metadata.labels, { "app.kubernetes.io/name": "api", "app.kubernetes.io/component": "migrate" });
  });

  it("is the same for the same image and command, and another for others", async () => {
    const named = async (said: Tree) => only((await workload({ migrate, ...said })).resources, JOB).name;
    assert.equal(await named({}), await named({ env: { A: "1" } }));
    assert.notEqual(await named({}), await named({ image: "ghcr.io/acme/api:1.4.3" }));
    assert.notEqual(await named({}), await named({ migrate: { command: ["node", "other.js"] } }));
  });
});

describe("a service that ends", () => {
  const named = ({ resources }: Awaited<ReturnType<typeof workload>>) =>
    (only(resources, JOB).inputs["metadata"] as { name: string }).name;

  it("is one Job, with its disks, and nothing that serves", async () => {
    const { resources, specOf } = await workload({
      kind: "job",
      args: ["seed"],
      replicas: { min: 1, max: 1 },
      volumes: { data: { path: "/data", size: 1 } },
    });
    assert.deepEqual(
      resources.map(({ type }) => type).sort(),
      ["agent-platform:workload:Workload", CONFIG, JOB, POLICY, VOLUME].sort(),
    );
    const spec = specOf(JOB);
    assert.deepEqual([spec["backoffLimit"], spec["activeDeadlineSeconds"]], [2, 3600]);
    assert.deepEqual(containerOf(spec)["args"], ["seed"]);
    assert.equal((podOf(spec)["volumes"] as readonly unknown[]).length, 2);
  });

  it("runs again for whatever changes in it", async () => {
    const job = async (said: Tree) => named(await workload({ kind: "job", ...said }));
    const name = await job({});
    assert.match(name, /^api-[0-9a-f]{10}$/);
    assert.equal(await job({}), name);
    assert.notEqual(await job({ env: { A: "1" } }), name);
    assert.notEqual(await job({ image: "ghcr.io/acme/api:1.4.3" }), name);
  });
});

describe("what runs at times", () => {
  it("is one at a time, in UTC, with what the service has", async () => {
    const { specOf } = await workload({ cron: { report: { schedule: "0 3 * * *", command: ["node", "report.js"] } } });
    const { jobTemplate, ...spec } = specOf(CRON, "the-api-report");
    assert.deepEqual(spec, {
      schedule: "0 3 * * *",
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 300,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
    });
    const job = (jobTemplate as { spec: Tree }).spec;
    assert.equal(job["activeDeadlineSeconds"], 3600);
    assert.deepEqual(containerOf(job)["command"], ["node", "report.js"]);
  });
});

describe("a preview of a service", () => {
  it("shows what will be made, before any name is known", async () => {
    const said = { migrate: { command: ["migrate"] }, cron: { x: { schedule: "@daily", command: ["x"] } } };
    const wiring = { secretEnv: { K: "{{ .k }}" }, fields: { k: { entry: entry("1"), property: "value" } } };
    const rows = async (stubs: Stubs) =>
      (await workload(said, { wiring, stubs })).resources.map(({ type, name }) => `${type} ${name}`).sort();
    assert.deepEqual(await rows({ preview: true }), await rows({}));
  });
});
