import assert from "node:assert/strict";
import { contentName } from "../../../components/content-name.js";
import {
  collectorConfig,
  renderCollectorConfig,
  tiersOf,
} from "../../../components/monitoring/tracing/collector-config.js";
import { renderDecisions } from "../../../components/monitoring/tracing/decisions.js";
import { tracingEnv, tracingReach } from "../../../components/monitoring/tracing/environment.js";
import { renderJaegerConfig } from "../../../components/monitoring/tracing/jaeger-config.js";
import { createTracing, Tracing } from "../../../components/monitoring/tracing/tracing.js";
import { tracesOf } from "../../../config/monitoring/tracing.js";
import type { Settings } from "../../../config/settings.js";
import type { Tree } from "../../../config/walk.js";
import type { RecordedResource } from "../../../plan/record.js";
import { all, deploy, inventory, only } from "../../support/deploy.js";
import { entry, staged } from "../../support/scene.js";
import { watchedElsewhere } from "../../support/services.js";
import { awsProduction, awsStack, localStack, receivers, settingsOf } from "../../support/settings.js";

const BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding";
const BUDGET = "kubernetes:policy/v1:PodDisruptionBudget";
const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim";
const CONFIG = "kubernetes:core/v1:ConfigMap";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret";
const ROLE = "kubernetes:rbac.authorization.k8s.io/v1:Role";
const ACCOUNT = "kubernetes:core/v1:ServiceAccount";
const SERVICE = "kubernetes:core/v1:Service";
const TRACING = "agent-platform:monitoring:Tracing";

const OTLP = "https://otlp.example.com:4318";
const production = { ...awsProduction, monitoring: { receivers } };
const traced = (tracing: object) => ({ ...awsStack, monitoring: { tracing } });

const run = (said: Tree, preview = false) =>
  deploy(
    () => {
      const stage = staged(settingsOf(said), { secrets: { OTLP_TOKEN: entry("otlp") } });
      return createTracing("test-tracing", stage.scene, stage.parent);
    },
    { preview },
  );

/** What is made for traces, without what the test stands on. */
const madeFor = (resources: readonly RecordedResource[]) =>
  inventory(resources.filter(({ name }) => name.startsWith("test-tracing")));

const withJaeger: [string, string][] = [
  [TRACING, "test-tracing"],
  [DEPLOYMENT, "test-tracing-collector"],
  [DEPLOYMENT, "test-tracing-jaeger"],
  [CONFIG, "test-tracing-collector"],
  [CONFIG, "test-tracing-jaeger"],
  [CLAIM, "test-tracing-jaeger"],
  [SERVICE, "test-tracing-collector"],
  [SERVICE, "test-tracing-jaeger"],
  [ACCOUNT, "test-tracing-collector"],
  [ROLE, "test-tracing-collector"],
  [BINDING, "test-tracing-collector"],
];
const sampler: [string, string][] = [
  [DEPLOYMENT, "test-tracing-sampler"],
  [CONFIG, "test-tracing-sampler"],
  [SERVICE, "test-tracing-sampler"],
  [BUDGET, "test-tracing-collector"],
  [BUDGET, "test-tracing-sampler"],
];
const sorted = (rows: readonly [string, string][]) => [...rows].sort((a, b) => (a.join() < b.join() ? -1 : 1));

interface Container {
  readonly image: string;
  readonly ports: readonly unknown[];
  readonly securityContext: unknown;
  readonly volumeMounts: readonly unknown[];
}
interface PodSpec extends Readonly<Record<string, unknown>> {
  readonly containers: readonly Container[];
  readonly volumes: readonly unknown[];
}
const podIn = (resources: readonly RecordedResource[], name: string): PodSpec =>
  (only(resources, DEPLOYMENT, name).inputs as { spec: { template: { spec: PodSpec } } }).spec.template.spec;
const textIn = (resources: readonly RecordedResource[], name: string): string =>
  (only(resources, CONFIG, name).inputs as { data: Record<string, string> }).data["config.yaml"] ?? "";

describe("what collects and keeps traces", () => {
  it("is one collector that decides by itself, and Jaeger with a disk", async () => {
    assert.deepEqual(madeFor((await run(awsStack)).resources), sorted(withJaeger));
    assert.deepEqual(madeFor((await run(localStack)).resources), sorted(withJaeger));
  });

  it("is in production two in front of two that decide", async () => {
    const { resources } = await run(production);
    assert.deepEqual(madeFor(resources), sorted([...withJaeger, ...sampler]));
    for (const name of ["collector", "sampler"]) {
      const { spec } = only(resources, DEPLOYMENT, `test-tracing-${name}`).inputs as { spec: { replicas: number } };
      assert.equal(spec.replicas, 2);
      assert.deepEqual(only(resources, BUDGET, `test-tracing-${name}`).inputs["spec"], {
        maxUnavailable: 1,
        selector: { matchLabels: { "app.kubernetes.io/name": name } },
      });
    }
  });

  it("shows the same in a preview", async () => {
    for (const said of [awsStack, production])
      assert.deepEqual(madeFor((await run(said, true)).resources), madeFor((await run(said)).resources));
  });

  it("is the collector alone where traces go elsewhere", async () => {
    const alone = withJaeger.filter(([, name]) => !name.endsWith("jaeger"));
    const { resources } = await run(traced({ otlp: OTLP }));
    assert.deepEqual(madeFor(resources), sorted(alone));
    const elsewhere = await run({
      ...awsStack,
      monitoring: { ...watchedElsewhere, otlp: OTLP, otlpToken: "OTLP_TOKEN" },
    });
    assert.deepEqual(madeFor(elsewhere.resources), sorted([...alone, [EXTERNAL, "test-tracing-token"]]));
  });

  it("is nothing where no traces are kept", async () => {
    const { otlp: _, otlpToken: __, ...metricsAlone } = watchedElsewhere as Tree;
    for (const monitoring of [{ tracing: { enabled: false } }, metricsAlone]) {
      const { result, resources } = await run({ ...awsStack, monitoring });
      assert.equal(result, undefined);
      assert.deepEqual(madeFor(resources), []);
    }
  });

  it("runs hardened: no root, nothing to write but Jaeger's disk, and a token only for who asks which pods there are", async () => {
    const { resources } = await run(production);
    for (const name of ["collector", "sampler", "jaeger"]) {
      const pod = podIn(resources, `test-tracing-${name}`);
      assert.deepEqual(pod["securityContext"], {
        runAsNonRoot: true,
        runAsUser: 10_001,
        runAsGroup: 10_001,
        fsGroup: 10_001,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      });
      assert.deepEqual(pod.containers[0]?.securityContext, {
        allowPrivilegeEscalation: false,
        privileged: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      assert.deepEqual(
        [pod["serviceAccountName"], pod["automountServiceAccountToken"], pod["enableServiceLinks"]],
        name === "collector" ? ["collector", true, false] : [undefined, false, false],
      );
    }
    assert.deepEqual(podIn(resources, "test-tracing-jaeger").containers[0]?.volumeMounts, [
      { name: "config", mountPath: "/etc/jaeger", readOnly: true },
      { name: "data", mountPath: "/data" },
      { name: "tmp", mountPath: "/tmp" },
    ]);
  });

  it("may see pods of services and nothing else", async () => {
    const { resources } = await run(awsStack);
    const { metadata, rules } = only(resources, ROLE).inputs;
    assert.deepEqual(metadata, {
      name: "collector",
      namespace: "agents-development",
      labels: { "app.kubernetes.io/name": "collector" },
    });
    assert.deepEqual(rules, [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }]);
    const binding = only(resources, BINDING).inputs;
    assert.deepEqual(binding["roleRef"], { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "collector" });
    assert.deepEqual(binding["subjects"], [
      { kind: "ServiceAccount", name: "collector", namespace: "agents-development-monitoring" },
    ]);
    assert.equal(only(resources, ACCOUNT).inputs["automountServiceAccountToken"], false);
  });

  it("is found by services at one address; of those that decide each pod has its own", async () => {
    const { resources } = await run(production);
    const specOf = (name: string) => only(resources, SERVICE, `test-tracing-${name}`).inputs["spec"];
    const grpc = { name: "otlp-grpc", port: 4317, targetPort: "otlp-grpc" };
    assert.deepEqual(specOf("collector"), {
      type: "ClusterIP",
      selector: { "app.kubernetes.io/name": "collector" },
      ports: [grpc, { name: "otlp-http", port: 4318, targetPort: "otlp-http" }],
    });
    assert.deepEqual(specOf("sampler"), {
      clusterIP: "None",
      selector: { "app.kubernetes.io/name": "sampler" },
      ports: [grpc],
    });
    assert.deepEqual(specOf("jaeger"), {
      type: "ClusterIP",
      selector: { "app.kubernetes.io/name": "jaeger" },
      ports: [{ name: "query", port: 16_686, targetPort: "query" }, grpc],
    });
  });

  it("serves on while one pod goes, but for Jaeger, whose store one process opens", async () => {
    const { resources } = await run(production);
    const strategyOf = (name: string) =>
      (only(resources, DEPLOYMENT, `test-tracing-${name}`).inputs as { spec: { strategy: unknown } }).spec.strategy;
    const rolling = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    assert.deepEqual([strategyOf("collector"), strategyOf("sampler")], [rolling, rolling]);
    assert.deepEqual(strategyOf("jaeger"), { type: "Recreate" });
  });

  it("has probes, a moment before it ends, and limits", async () => {
    const { resources } = await run(awsStack);
    const [collector] = podIn(resources, "test-tracing-collector").containers as unknown as Tree[];
    const well = (path: string) => ({ httpGet: { path, port: "health" }, timeoutSeconds: 3 });
    const { startupProbe, readinessProbe, livenessProbe, lifecycle, resources: limits, env } = collector ?? {};
    assert.deepEqual(
      [startupProbe, readinessProbe, livenessProbe],
      [
        { ...well("/"), periodSeconds: 2, failureThreshold: 60 },
        { ...well("/"), periodSeconds: 5, failureThreshold: 2 },
        { ...well("/"), periodSeconds: 10, failureThreshold: 6 },
      ],
    );
    assert.deepEqual(lifecycle, { preStop: { sleep: { seconds: 5 } } });
    assert.deepEqual(limits, {
      requests: { cpu: "100m", memory: "512Mi", "ephemeral-storage": "64Mi" },
      limits: { memory: "512Mi", "ephemeral-storage": "64Mi" },
    });
    assert.deepEqual(env, [{ name: "GOMEMLIMIT", value: "384MiB" }]);
    assert.equal(podIn(resources, "test-tracing-collector")["terminationGracePeriodSeconds"], 60);
    const [jaeger] = podIn(resources, "test-tracing-jaeger").containers as unknown as Tree[];
    assert.deepEqual(
      [jaeger?.["startupProbe"], jaeger?.["readinessProbe"], jaeger?.["livenessProbe"]],
      [
        { ...well("/status"), periodSeconds: 5, failureThreshold: 120 },
        { ...well("/status"), periodSeconds: 5, failureThreshold: 3 },
        { ...well("/status"), periodSeconds: 10, failureThreshold: 6 },
      ],
    );
  });

  it("keeps Jaeger's traces on a disk of the solid state class that outlives its pod", async () => {
    const { resources } = await run(traced({ storage: 30, retention: 10 }));
    const { metadata, spec } = only(resources, CLAIM).inputs as { metadata: unknown; spec: unknown };
    assert.deepEqual(metadata, {
      name: "jaeger",
      namespace: "agents-development-monitoring",
      labels: { "app.kubernetes.io/name": "jaeger" },
      annotations: { "pulumi.com/skipAwait": "true" },
    });
    assert.deepEqual(spec, {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "30Gi" } },
      storageClassName: "ssd",
    });
    assert.deepEqual(podIn(resources, "test-tracing-jaeger").volumes[1], {
      name: "data",
      persistentVolumeClaim: { claimName: "jaeger" },
    });
    assert.match(textIn(resources, "test-tracing-jaeger"), /spans: 240h/);
  });

  it("starts anew with another configuration: the name of what holds it says what is in it", async () => {
    const { resources } = await run(awsStack);
    for (const name of ["collector", "jaeger"]) {
      const { metadata } = only(resources, CONFIG, `test-tracing-${name}`).inputs as { metadata: { name: string } };
      assert.equal(metadata.name, contentName(name, textIn(resources, `test-tracing-${name}`)));
      assert.deepEqual(podIn(resources, `test-tracing-${name}`).volumes[0], {
        name: "config",
        configMap: { name: metadata.name },
      });
    }
  });

  it("has pinned images, and a mirror goes in front of them", async () => {
    const imagesOf = async (rest: Tree) => {
      const { resources } = await run({ ...awsStack, ...rest });
      return ["collector", "jaeger"].map((name) => podIn(resources, `test-tracing-${name}`).containers[0]?.image);
    };
    const [collector, jaeger] = [
      "docker.io/otel/opentelemetry-collector-contrib:0.161.0",
      "docker.io/jaegertracing/jaeger:2.20.0",
    ];
    assert.deepEqual(await imagesOf({}), [collector, jaeger]);
    const mirrored = await imagesOf({ mirror: { images: "registry.example.com" } });
    assert.deepEqual(mirrored, [`registry.example.com/${collector}`, `registry.example.com/${jaeger}`]);
  });

  it("shows a token from a file, only where traces leave, and it is in no configuration", async () => {
    const { resources } = await run(traced({ otlp: OTLP, token: "OTLP_TOKEN", replicas: 2 }));
    const { metadata, spec } = only(resources, EXTERNAL).inputs as { metadata: { name: string }; spec: Tree };
    assert.deepEqual(spec["data"], [{ secretKey: "token", remoteRef: { key: "otlp", property: "value" } }]);
    const volume = { name: "token", secret: { secretName: metadata.name, defaultMode: 0o440 } };
    const mount = { name: "token", mountPath: "/etc/otelcol/token", readOnly: true };
    const [front, decides] = ["collector", "sampler"].map((name) => podIn(resources, `test-tracing-${name}`));
    assert.deepEqual([front?.volumes.length, front?.containers[0]?.volumeMounts.length], [1, 1]);
    assert.deepEqual([decides?.volumes[1], decides?.containers[0]?.volumeMounts[1]], [volume, mount]);
    assert.match(textIn(resources, "test-tracing-sampler"), /filename: \/etc\/otelcol\/token\/token/);
    assert.doesNotMatch(textIn(resources, "test-tracing-collector"), /bearertokenauth/);
  });

  it("refuses a token that no store has", async () => {
    const failing = deploy(() => {
      const { scene, parent } = staged(settingsOf(traced({ otlp: OTLP, token: "OTLP_TOKEN" })));
      const traces = tracesOf(scene.watching) ?? assert.fail("no traces");
      return new Tracing("test-tracing", { ...scene, traces }, { parent });
    });
    await assert.rejects(failing, { message: "the token of traces, OTLP_TOKEN, is in no secret store" });
  });

  it("comes after what it sends to, and goes with the cluster", async () => {
    const { resources } = await run(production);
    const jaeger = only(resources, DEPLOYMENT, "test-tracing-jaeger");
    assert.ok(only(resources, DEPLOYMENT, "test-tracing-sampler").dependsOn.includes(jaeger.urn));
    assert.ok(only(resources, DEPLOYMENT, "test-tracing-collector").dependsOn.includes(only(resources, BINDING).urn));
    const cluster = only(resources, "random:index/randomId:RandomId", "made-cluster").urn;
    for (const { type, name, deletedWith } of resources.filter((one) => one.name.startsWith("test-tracing-")))
      assert.equal(deletedWith, cluster, `${type} ${name}`);
    assert.equal(all(resources, CLAIM)[0]?.protect, false);
  });
});

describe("the collector's configuration", () => {
  const probes = { live: "/health", ready: "/health/ready" };
  const services = {
    api: { image: "x.io/a/api:1.0.0", probes, metrics: {} },
    // Something else runs it.
    other: { probes: { live: "/alive" } },
  };
  const stackOf = (tracing: object, over: object = {}): Settings =>
    settingsOf({ ...awsStack, services: { ...services, ...over }, monitoring: { tracing } });
  const tracesIn = ({ monitoring }: Settings) => tracesOf(monitoring) ?? assert.fail("no traces");
  const pipelineOf = (tier: "all" | "front" | "sampler", stack: Settings) =>
    collectorConfig(tier, tracesIn(stack), stack).service.pipelines.traces;

  it("has the steps of its tier in their order: pods are told before anything is put together", () => {
    const stack = stackOf({ replicas: 2 });
    assert.deepEqual(pipelineOf("all", stack), {
      receivers: ["otlp"],
      processors: ["memory_limiter", "k8s_attributes", "redaction", "tail_sampling", "batch"],
      exporters: ["otlp_grpc"],
    });
    assert.deepEqual(pipelineOf("front", stack), {
      receivers: ["otlp"],
      processors: ["memory_limiter", "k8s_attributes", "redaction", "batch"],
      exporters: ["load_balancing"],
    });
    assert.deepEqual(pipelineOf("sampler", stack), {
      receivers: ["otlp"],
      processors: ["memory_limiter", "tail_sampling", "batch"],
      exporters: ["otlp_grpc"],
    });
    assert.deepEqual(tiersOf(tracesIn(stack)), ["front", "sampler"]);
    assert.deepEqual(tiersOf(tracesIn(stackOf({}))), ["all"]);
  });

  it("keeps what failed, what was slow and a share of the rest, once a trace is whole", () => {
    const stack = stackOf(
      { sampling: { percent: 25, slow: 2.5 }, memory: 2 },
      { slow: { image: "s:1", requestTimeout: 120, drain: 120, terminationGrace: 180 } },
    );
    assert.deepEqual(renderDecisions(tracesIn(stack), stack), {
      decision_wait: "130s",
      decision_wait_after_root_received: "10s",
      num_traces: 100_000,
      decision_cache: { sampled_cache_size: 400_000, non_sampled_cache_size: 400_000 },
      policies: [
        { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
        { name: "slow", type: "latency", latency: { threshold_ms: 2499 } },
        {
          name: "rest",
          type: "and",
          and: {
            and_sub_policy: [
              {
                name: "no-probe",
                type: "not",
                not: {
                  not_sub_policy: {
                    name: "probe",
                    type: "string_attribute",
                    string_attribute: { key: "url.path", values: ["/health", "/health/ready", "/metrics"] },
                  },
                },
              },
              { name: "share", type: "probabilistic", probabilistic: { sampling_percentage: 25 } },
            ],
          },
        },
      ],
    });
  });

  it("waits for the longest request, and no longer than ten minutes", () => {
    const waitFor = (service: object) => {
      const stack = settingsOf({
        ...awsStack,
        services: { api: { image: "a:1.0.0", ...service } },
        gateway: { idleTimeout: 3600 },
      });
      return renderDecisions(tracesIn(stack), stack).decision_wait;
    };
    assert.equal(waitFor({ requestTimeout: 5 }), "70s");
    assert.equal(waitFor({ requestTimeout: 3000, drain: 3000, terminationGrace: 3600 }), "610s");
  });

  it("is this, from end to end, for one pod", () => {
    const stack = settingsOf({ ...awsStack });
    const text = renderCollectorConfig("all", tracesIn(stack), stack);
    assert.match(
      text,
      /^ {2}k8s_attributes:\n {4}auth_type: serviceAccount\n {4}filter:\n {6}namespace: agents-development$/m,
    );
    assert.match(text, /^ {6}- sources:\n {10}- from: connection$/m);
    assert.match(text, /^ {4}endpoint: jaeger\.agents-development-monitoring\.svc:4317$/m);
    assert.match(text, /^ {6}sizer: bytes\n {6}queue_size: 107374182$/m);
    assert.match(text, /^ {6}max_elapsed_time: 600s$/m);
    assert.match(text, /^ {16}host: 0\.0\.0\.0\n {16}port: 8888$/m);
  });

  it("deals each trace to one pod, and again where that is gone", () => {
    const stack = stackOf({ replicas: 3 });
    const { load_balancing } = collectorConfig("front", tracesIn(stack), stack).exporters as { load_balancing: Tree };
    const { routing_key, protocol, resolver, retry_on_failure } = load_balancing;
    assert.equal(routing_key, "traceID");
    assert.deepEqual(resolver, {
      dns: { hostname: "sampler.agents-development-monitoring.svc", port: "4317", interval: "5s" },
    });
    assert.deepEqual(protocol, {
      otlp: {
        timeout: "10s",
        tls: { insecure: true },
        sending_queue: { enabled: false },
        retry_on_failure: { enabled: false },
      },
    });
    assert.deepEqual(retry_on_failure, {
      enabled: true,
      initial_interval: "1s",
      max_interval: "10s",
      max_elapsed_time: "600s",
    });
  });

  it("sends to an endpoint over HTTP, with a token where one is named", () => {
    const exportersOf = (tracing: object) => {
      const stack = stackOf(tracing);
      return collectorConfig("all", tracesIn(stack), stack).exporters as { otlp_http: Tree };
    };
    const plain = exportersOf({ otlp: `${OTLP}/v1/traces` }).otlp_http;
    assert.deepEqual([plain["endpoint"], plain["auth"]], [OTLP, undefined]);
    const shown = exportersOf({ otlp: `${OTLP}/`, token: "OTLP_TOKEN" }).otlp_http;
    assert.deepEqual([shown["endpoint"], shown["auth"]], [OTLP, { authenticator: "bearertokenauth" }]);
  });
});

describe("Jaeger's configuration", () => {
  it("keeps traces in a folder for the days that are said, and answers queries", () => {
    assert.equal(
      renderJaegerConfig({ retention: 7 }),
      `extensions:
  healthcheckv2:
    use_v2: true
    http:
      endpoint: 0.0.0.0:13133
  jaeger_storage:
    backends:
      badger:
        badger:
          ephemeral: false
          directories:
            keys: /data/keys
            values: /data/values
          ttl:
            spans: 168h
  jaeger_query:
    storage:
      traces: badger
    http:
      endpoint: 0.0.0.0:16686
receivers:
  otlp:
    protocols:
      grpc:
        endpoint: 0.0.0.0:4317
        max_recv_msg_size_mib: 16
processors:
  batch: {}
exporters:
  jaeger_storage_exporter:
    trace_storage: badger
service:
  extensions:
    - jaeger_storage
    - jaeger_query
    - healthcheckv2
  pipelines:
    traces:
      receivers:
        - otlp
      processors:
        - batch
      exporters:
        - jaeger_storage_exporter
  telemetry:
    logs:
      encoding: json
    metrics:
      readers:
        - pull:
            exporter:
              prometheus:
                host: 0.0.0.0
                port: 8888
`,
    );
  });
});

describe("what a service is told of traces", () => {
  it("is where the collector is, who it is, and to send all", () => {
    assert.deepEqual(tracingEnv("api", settingsOf(production)), {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector.agents-production-monitoring.svc:4318",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_SERVICE_NAME: "api",
      OTEL_RESOURCE_ATTRIBUTES: "service.namespace=agents-production,deployment.environment.name=production",
      OTEL_TRACES_SAMPLER: "always_on",
      OTEL_METRICS_EXPORTER: "none",
      OTEL_LOGS_EXPORTER: "none",
    });
    assert.deepEqual(tracingReach(settingsOf(production)), {
      to: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "agents-production-monitoring" } },
          podSelector: { matchLabels: { "app.kubernetes.io/name": "collector" } },
        },
      ],
      port: 4318,
    });
  });

  it("is nothing where no traces are kept", () => {
    for (const monitoring of [{ mode: "none" }, { tracing: { enabled: false } }]) {
      const stack = settingsOf({ ...awsStack, monitoring });
      assert.deepEqual(tracingEnv("api", stack), {});
      assert.equal(tracingReach(stack), undefined);
    }
  });
});
