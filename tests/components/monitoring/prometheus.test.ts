import assert from "node:assert/strict";
import { createPrometheus, type PrometheusArgs, scrapeClasses } from "../../../components/monitoring/prometheus.js";
import { createForwarding } from "../../../components/monitoring/remote.js";
import type { Tree } from "../../../config/walk.js";
import type { RecordedResource } from "../../../plan/record.js";
import { all, deploy, inventory, only } from "../../support/deploy.js";
import { entry, type Staged, staged } from "../../support/scene.js";
import { watchedElsewhere } from "../../support/services.js";
import { awsProduction, awsStack, localStack, receivers, settingsOf } from "../../support/settings.js";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const CHART = "kubernetes:helm.sh/v4:Chart";
const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim";
const SERVICE = "kubernetes:core/v1:Service";
const EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret";

const production = { ...awsProduction, monitoring: { receivers } };
const told = { configSecret: "routes-1", secrets: ["keys-1"] };
const alone: PrometheusArgs = {
  alertmanager: told,
  grafana: { replicas: 1 },
  archive: undefined,
  forwarding: undefined,
  after: [],
};

const run = (said: Tree, args: (stage: Staged) => Partial<PrometheusArgs> = () => ({}), preview = false) =>
  deploy(
    () => {
      const stage = staged(settingsOf(said), {
        secrets: { PROMETHEUS_TOKEN: entry("token"), ALERTS: entry("alerts") },
      });
      createPrometheus("test-prometheus", stage.scene, { ...alone, ...args(stage) }, stage.parent);
    },
    { preview },
  );

const existing = (over: object = {}) => ({ ...localStack, monitoring: { ...watchedElsewhere, ...over } });
const forwarded = (stage: Staged) => ({
  grafana: undefined,
  alertmanager: undefined,
  forwarding: createForwarding("test-forwarding", stage.scene, stage.parent),
});

type Section = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
const valuesIn = (resources: readonly RecordedResource[]) =>
  only(resources, RELEASE).inputs["values"] as Readonly<Record<"prometheus" | "alertmanager" | "grafana", Section>>;
const specIn = async (...given: Parameters<typeof run>) =>
  valuesIn((await run(...given)).resources).prometheus["prometheusSpec"] ?? {};

const claimsIn = (resources: readonly RecordedResource[]) =>
  all(resources, CLAIM).map(({ inputs, protect }) => {
    const { metadata, spec } = inputs as {
      metadata: { name: string };
      spec: { storageClassName: string; resources: { requests: { storage: string } } };
    };
    return [metadata.name, spec.resources.requests.storage, spec.storageClassName, protect];
  });

describe("Prometheus and what goes with it", () => {
  it("is one release with its definitions, volumes and addresses, in a preview too", async () => {
    for (const preview of [false, true]) {
      const { resources } = await run({ ...awsStack }, undefined, preview);
      const names = inventory(resources).filter(([type]) => [RELEASE, CHART, CLAIM, SERVICE].includes(type));
      assert.deepEqual(names, [
        [CLAIM, "data-alertmanager-agents-development-alertmanager-0"],
        [CLAIM, "data-prometheus-agents-development-prometheus-0"],
        [SERVICE, "test-prometheus-address"],
        [SERVICE, "test-prometheus-alerts-address"],
        [RELEASE, "test-prometheus"],
        [CHART, "test-prometheus-definitions"],
      ]);
    }
  });

  it("is looked for where others know it to be", async () => {
    const { resources } = await run({ ...awsStack });
    assert.deepEqual(
      all(resources, SERVICE).map(({ inputs }) => {
        const { metadata, spec } = inputs as { metadata: { name: string; namespace: string }; spec: object };
        return [metadata.name, metadata.namespace, spec];
      }),
      (
        [
          ["prometheus", 9090],
          ["alertmanager", 9093],
        ] as const
      ).map(([name, port]) => [
        name,
        "agents-development-monitoring",
        {
          selector: { "app.kubernetes.io/name": name },
          ports: [{ name: "http-web", port, targetPort: "http-web" }],
          sessionAffinity: "ClientIP",
        },
      ]),
    );
  });

  it("scrapes everything that the stack names, every 15 seconds, and says of which environment it is", async () => {
    const spec = await specIn({ ...awsStack });
    const relabelings = [{ action: "replace", targetLabel: "environment", replacement: "development" }];
    const account = "/var/run/secrets/kubernetes.io/serviceaccount";
    assert.deepEqual(
      [spec["scrapeInterval"], spec["evaluationInterval"], spec["scrapeTimeout"], spec["externalLabels"]],
      ["15s", "15s", "10s", { environment: "development", cloud: "aws", name: "agents" }],
    );
    assert.deepEqual(spec["scrapeClasses"], [
      { name: "default", default: true, relabelings },
      {
        name: "kubelet",
        relabelings,
        authorization: { type: "Bearer", credentialsFile: `${account}/token` },
        tlsConfig: { caFile: `${account}/ca.crt` },
      },
    ]);
    assert.deepEqual(spec["arbitraryFSAccessThroughSMs"], { deny: true });
    assert.deepEqual(spec["enableFeatures"], ["exemplar-storage"]);
    for (const kind of ["rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig"])
      assert.equal(spec[`${kind}SelectorNilUsesHelmValues`], false, kind);
  });

  it("takes a kubelet's word for who it is only where nodes sign for themselves", () => {
    const tlsOf = (nodeCertificates: boolean) => scrapeClasses("production", { nodeCertificates })[1]?.tlsConfig;
    assert.deepEqual(
      [tlsOf(true), tlsOf(false)],
      [{ caFile: "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt" }, { insecureSkipVerify: true }],
    );
  });

  it("keeps two days on 5 GiB in one pod while somebody develops", async () => {
    const { resources } = await run({ ...localStack });
    const spec = valuesIn(resources).prometheus["prometheusSpec"];
    assert.deepEqual(
      [spec?.["replicas"], spec?.["podAntiAffinity"], spec?.["retention"], spec?.["retentionSize"]],
      [1, "soft", "2d", `${Math.floor(5 * 0.85 * 1024)}MiB`],
    );
    assert.deepEqual(claimsIn(resources), [
      ["data-prometheus-agents-development-prometheus-0", "5Gi", "ssd", false],
      ["data-alertmanager-agents-development-alertmanager-0", "1Gi", "ssd", false],
    ]);
    assert.deepEqual(valuesIn(resources).prometheus["podDisruptionBudget"], { enabled: false });
  });

  it("keeps 90 days twice in production, of which one may go, and three tell people", async () => {
    const { resources } = await run(production);
    const { prometheus, alertmanager } = valuesIn(resources);
    const spec = prometheus["prometheusSpec"] ?? {};
    assert.deepEqual(
      [spec["replicas"], spec["retention"], spec["podAntiAffinity"], prometheus["podDisruptionBudget"]],
      [2, "90d", "hard", { enabled: true, minAvailable: 1 }],
    );
    assert.deepEqual(spec["storageSpec"], {
      volumeClaimTemplate: {
        metadata: { name: "data" },
        spec: {
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: "40Gi" } },
          storageClassName: "ssd",
        },
      },
    });
    assert.deepEqual(claimsIn(resources), [
      ...[0, 1].map((pod) => [`data-prometheus-agents-production-prometheus-${pod}`, "40Gi", "ssd", true]),
      ...[0, 1, 2].map((pod) => [`data-alertmanager-agents-production-alertmanager-${pod}`, "1Gi", "ssd", false]),
    ]);
    assert.equal(alertmanager["alertmanagerSpec"]?.["replicas"], 3);
    assert.deepEqual(alertmanager["podDisruptionBudget"], { enabled: true, minAvailable: 2 });
  });

  it("tells the Alertmanager whose configuration and keys are Secrets, by each of its pods", async () => {
    const { resources } = await run({ ...awsStack });
    const { prometheus, alertmanager } = valuesIn(resources);
    const { useExistingSecret, configSecret, secrets, automountServiceAccountToken } =
      alertmanager["alertmanagerSpec"] ?? {};
    assert.deepEqual(
      [useExistingSecret, configSecret, secrets, automountServiceAccountToken],
      [true, "routes-1", ["keys-1"], false],
    );
    assert.deepEqual(prometheus["prometheusSpec"]?.["alertingEndpoints"], [
      { namespace: "agents-development-monitoring", name: "alertmanager", port: "http-web", apiVersion: "v2" },
    ]);
    assert.equal(prometheus["serviceAccount"]?.["createTokenSecret"], false);
  });

  it("comes after its volumes, its definitions and what it may call", async () => {
    const { resources } = await run({ ...awsStack }, ({ definitions }) => ({ after: [definitions] }));
    const { dependsOn } = only(resources, RELEASE);
    const claims = all(resources, CLAIM);
    for (const { urn } of [
      ...claims,
      only(resources, CHART),
      only(resources, "random:index/randomId:RandomId", "definitions"),
    ])
      assert.ok(
        dependsOn.some((one) => one === urn || one.startsWith(urn)),
        urn,
      );
  });

  it("has Grafana of the name that others know, with no dashboards but the stack's", async () => {
    const { grafana } = valuesIn((await run({ ...awsStack })).resources);
    assert.deepEqual(grafana, {
      enabled: true,
      fullnameOverride: "grafana",
      defaultDashboardsEnabled: false,
      sidecar: { dashboards: { enabled: false }, datasources: { enabled: false } },
      replicas: 1,
    });
  });

  it("may go with its data where the stack lifts the locks", async () => {
    const { resources } = await run({ ...production, deletionProtection: false });
    assert.deepEqual([...new Set(claimsIn(resources).map(([, , , protect]) => protect))], [false]);
  });
});

describe("a Prometheus that exists", () => {
  it("gets everything as it is scraped, by a token that only the pod has", async () => {
    const { resources } = await run(existing({ alertmanagerToken: "ALERTS" }), forwarded);
    const { prometheus, alertmanager, grafana } = valuesIn(resources);
    assert.deepEqual([alertmanager, grafana], [{ enabled: false }, { enabled: false }]);
    const spec = prometheus["prometheusSpec"] ?? {};
    const { metadata } = only(resources, EXTERNAL, "test-forwarding-tokens").inputs as { metadata: { name: string } };
    assert.deepEqual(spec["remoteWrite"], [
      {
        url: "https://prometheus.example.com/api/v1/write",
        sendExemplars: true,
        authorization: { type: "Bearer", credentials: { name: metadata.name, key: "token" } },
      },
    ]);
    assert.deepEqual(spec["additionalAlertManagerConfigs"], [
      {
        scheme: "https",
        path_prefix: "/",
        api_version: "v2",
        static_configs: [{ targets: ["alertmanager.example.com"] }],
        authorization: {
          type: "Bearer",
          credentials_file: `/etc/prometheus/secrets/${metadata.name}/alertmanager-token`,
        },
      },
    ]);
    assert.deepEqual(spec["secrets"], [metadata.name]);
    assert.deepEqual(spec["alertingEndpoints"], []);
  });

  it("leaves a day here, on a disk that needs no lock", async () => {
    const { resources } = await run({ ...production, monitoring: { ...watchedElsewhere } }, forwarded);
    const spec = valuesIn(resources).prometheus["prometheusSpec"] ?? {};
    assert.deepEqual([spec["replicas"], spec["retention"]], [1, "1d"]);
    assert.deepEqual(claimsIn(resources), [["data-prometheus-agents-production-prometheus-0", "5Gi", "ssd", false]]);
  });

  it("wants no Secret where nobody asks for a token, and no Alertmanager where none is said", async () => {
    const { token: _, alertmanager: __, ...open } = watchedElsewhere;
    const { resources } = await run({ ...localStack, monitoring: open }, forwarded);
    const spec = valuesIn(resources).prometheus["prometheusSpec"] ?? {};
    assert.deepEqual(all(resources, EXTERNAL), []);
    assert.deepEqual(spec["remoteWrite"], [
      { url: "https://prometheus.example.com/api/v1/write", sendExemplars: true },
    ]);
    assert.equal(spec["additionalAlertManagerConfigs"], undefined);
  });
});
