import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { cloudMetricsReach, createCloudMetrics, measureOf } from "../../../components/monitoring/cloud-metrics.js";
import { images } from "../../../config/versions.js";
import type { Cloud, Cluster, IdentityArgs, Measure, MeasureArgs, SecretStore } from "../../../providers/contract.js";
import { deploy, inventory, only, valueOf } from "../../support/deploy.js";
import { madeCluster } from "../../support/inside.js";
import { awsStack, settingsOf } from "../../support/settings.js";
import { platform } from "./parent.js";

const NAMESPACE = "agents-development-monitoring";
const NAME = "agents-development-cloud-metrics";
const ACCOUNT = "kubernetes:core/v1:ServiceAccount";
const CONFIG = "kubernetes:core/v1:ConfigMap";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const MONITOR = "kubernetes:monitoring.coreos.com/v1:PodMonitor";
const RANDOM_ID = "random:index/randomId:RandomId";
const labels = { "app.kubernetes.io/name": "cloud-metrics" };

const measure: Measure = {
  image: images.cloudMetrics.aws,
  args: ["--listen-address=:5000"],
  env: { AWS_REGION: "eu-west-1" },
  files: { "yace.yml": "jobs: []\n" },
  port: 5000,
  healthPath: "/healthz",
  scrapes: [{ path: "/metrics" }],
  interval: 120,
  namings: [],
  recordings: { "cloud:database_cpu_ratio": "aws_rds_cpuutilization_average" },
};

const deployed = async (more: Partial<Measure> = {}, mirror = {}, preview = false) => {
  const asked: IdentityArgs[] = [];
  const { resources } = await deploy(
    () => {
      const settings = settingsOf({ ...awsStack, mirror });
      const parent = platform();
      const cluster = madeCluster(parent);
      const definitions = new random.RandomId("definitions", { byteLength: 4 }, { parent });
      const cloud = {
        identity: (name: string, args: IdentityArgs, opts: pulumi.ComponentResourceOptions) => {
          asked.push(args);
          return {
            principal: pulumi.output("role"),
            serviceAccountAnnotations: { "example.com/role": "role" },
            podLabels: { "example.com/use": "true" },
            ready: [new random.RandomId(`${name}-role`, { byteLength: 4 }, opts)],
          };
        },
      } as unknown as Cloud;
      const scene = { settings, cloud, cluster, namespace: NAMESPACE, secretStore: {} as SecretStore };
      createCloudMetrics(NAME, scene, { measure: { ...measure, ...more }, definitions }, parent);
    },
    { preview },
  );
  return { resources, asked };
};

const specOf = (inputs: Readonly<Record<string, unknown>>) => inputs["spec"] as Record<string, unknown>;
const rows = [
  [DEPLOYMENT, NAME],
  [CONFIG, NAME],
  [ACCOUNT, NAME],
  [MONITOR, NAME],
];

describe("measurements of the cloud", () => {
  it("are read by one pod of an account of its own, in a preview too", async () => {
    for (const preview of [false, true]) {
      const { resources } = await deployed({}, {}, preview);
      assert.deepEqual(
        inventory(resources).filter(([type]) => type.startsWith("kubernetes:")),
        rows,
      );
    }
  });

  it("are all that its identity may touch", async () => {
    const { asked, resources } = await deployed();
    const [{ namespace, serviceAccount, buckets, secrets, duties, zones, logs } = {} as IdentityArgs] = asked;
    assert.deepEqual(
      { namespace, serviceAccount, buckets, secrets, duties, zones, logs },
      {
        namespace: NAMESPACE,
        serviceAccount: "cloud-metrics",
        buckets: {},
        secrets: [],
        duties: ["read metrics"],
        zones: undefined,
        logs: undefined,
      },
    );
    assert.deepEqual(only(resources, ACCOUNT).inputs, {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: {
        name: "cloud-metrics",
        namespace: NAMESPACE,
        labels,
        annotations: { "example.com/role": "role" },
      },
      automountServiceAccountToken: false,
    });
    const role = only(resources, RANDOM_ID, `${NAME}-role`).urn;
    assert.ok(only(resources, DEPLOYMENT).dependsOn.includes(role));
  });

  it("are read as nobody, with no token, by what writes nowhere", async () => {
    const { resources } = await deployed();
    const config = only(resources, CONFIG).inputs;
    const { name } = config["metadata"] as { name: string };
    assert.match(name, /^cloud-metrics-[0-9a-f]{10}$/);
    assert.deepEqual(config["data"], { "yace.yml": "jobs: []\n" });
    const answers = { httpGet: { path: "/healthz", port: "metrics" }, periodSeconds: 10, timeoutSeconds: 5 };
    assert.deepEqual(specOf(only(resources, DEPLOYMENT).inputs), {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: { ...labels, "example.com/use": "true" } },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65534,
            runAsGroup: 65534,
            fsGroup: 65534,
            fsGroupChangePolicy: "OnRootMismatch",
            seccompProfile: { type: "RuntimeDefault" },
          },
          serviceAccountName: "cloud-metrics",
          containers: [
            {
              name: "exporter",
              image: "quay.io/prometheuscommunity/yet-another-cloudwatch-exporter:v0.67.0",
              imagePullPolicy: "IfNotPresent",
              args: ["--listen-address=:5000"],
              env: [{ name: "AWS_REGION", value: "eu-west-1" }],
              ports: [{ name: "metrics", containerPort: 5000 }],
              readinessProbe: answers,
              livenessProbe: { ...answers, failureThreshold: 6 },
              resources: {
                requests: { cpu: "20m", memory: "128Mi", "ephemeral-storage": "128Mi" },
                limits: { memory: "128Mi", "ephemeral-storage": "128Mi" },
              },
              securityContext: {
                allowPrivilegeEscalation: false,
                privileged: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
              volumeMounts: [
                { name: "config", mountPath: "/etc/cloud-metrics", readOnly: true },
                { name: "scratch", mountPath: "/tmp" },
              ],
            },
          ],
          volumes: [
            { name: "config", configMap: { name } },
            { name: "scratch", emptyDir: { sizeLimit: "16Mi" } },
          ],
        },
      },
    });
  });

  it("come from a mirror, and need no file", async () => {
    const { resources } = await deployed({ files: {} }, { images: "registry.example.com" });
    assert.equal(resources.filter(({ type }) => type === CONFIG).length, 0);
    const { template } = specOf(only(resources, DEPLOYMENT).inputs) as {
      template: { spec: { containers: { image: string }[]; volumes: { name: string }[] } };
    };
    assert.equal(
      template.spec.containers[0]?.image,
      "registry.example.com/quay.io/prometheuscommunity/yet-another-cloudwatch-exporter:v0.67.0",
    );
    assert.deepEqual(
      template.spec.volumes.map(({ name }) => name),
      ["scratch"],
    );
  });

  it("are read seldom, page by page, and told by the stack's own names", async () => {
    const { resources } = await deployed({
      scrapes: [
        { path: "/probe", params: { name: ["azure_database"], metric: ["cpu", "disk"] } },
        { path: "/probe", params: { name: ["azure_uptime"] } },
      ],
      namings: [{ label: "dimension", value: pulumi.output("agents-api"), gets: "check", named: "api" }],
    });
    const { inputs, dependsOn } = only(resources, MONITOR);
    const page = (params: object, name: string) => ({
      portNumber: 5000,
      path: "/probe",
      params,
      interval: "120s",
      scrapeTimeout: "60s",
      honorTimestamps: false,
      relabelings: [
        { action: "replace", targetLabel: "job", replacement: "cloud-metrics" },
        { action: "replace", targetLabel: "page", replacement: name },
      ],
      metricRelabelings: [
        {
          action: "replace",
          sourceLabels: ["dimension"],
          regex: "agents-api",
          targetLabel: "check",
          replacement: "api",
        },
      ],
    });
    assert.deepEqual(specOf(inputs), {
      selector: { matchLabels: labels },
      namespaceSelector: { matchNames: [NAMESPACE] },
      podMetricsEndpoints: [
        page({ name: ["azure_database"], metric: ["cpu", "disk"] }, "azure_database"),
        page({ name: ["azure_uptime"] }, "azure_uptime"),
      ],
    });
    assert.ok(dependsOn.includes(only(resources, RANDOM_ID, "definitions").urn));
  });

  it("are none where the cloud measures nothing of the stack's", () => {
    const asked: MeasureArgs[] = [];
    const cluster = {} as Cluster;
    const given = { loadBalancer: true, uptime: undefined };
    const cloudOf = (recordings: Measure["recordings"] | undefined) =>
      ({
        measure:
          recordings === undefined
            ? undefined
            : (args: MeasureArgs) => {
                asked.push(args);
                return { ...measure, recordings };
              },
      }) as Cloud;
    assert.equal(measureOf({ cloud: cloudOf(undefined), cluster }, given), undefined);
    assert.equal(measureOf({ cloud: cloudOf({}), cluster }, given), undefined);
    assert.deepEqual(measureOf({ cloud: cloudOf(measure.recordings), cluster }, given), measure);
    assert.deepEqual(asked, [
      { cluster, ...given },
      { cluster, ...given },
    ]);
  });

  it("are asked for where the cloud is, with an identity that nodes tell", async () => {
    const cluster = { credentialEndpoint: [{ cidr: "169.254.170.23/32", ports: [80] }] } as unknown as Cluster;
    assert.deepEqual(await valueOf(pulumi.output([...cloudMetricsReach({ cluster })])), [
      { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } }], port: 443 },
      { to: [{ ipBlock: { cidr: "169.254.170.23/32" } }], port: 80 },
    ]);
  });
});
