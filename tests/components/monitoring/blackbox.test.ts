import assert from "node:assert/strict";
import * as random from "@pulumi/random";
import { parse } from "yaml";
import { proxyLabels } from "../../../components/gateway/proxies.js";
import { blackboxReach, blackboxRecordings, createBlackbox } from "../../../components/monitoring/blackbox.js";
import type { Tree } from "../../../config/walk.js";
import { all, deploy, inventory, only } from "../../support/deploy.js";
import { madeCluster } from "../../support/inside.js";
import { awsStack, localStack, settingsOf } from "../../support/settings.js";
import { platform } from "./parent.js";

const PREFIX = "agents-development";
const NAMESPACE = `${PREFIX}-monitoring`;
const NAME = `${PREFIX}-blackbox`;
const CONFIG = "kubernetes:core/v1:ConfigMap";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const SERVICE = "kubernetes:core/v1:Service";
const PROBE = "kubernetes:monitoring.coreos.com/v1:Probe";
const image = "ghcr.io/acme/api:1.4.2";
const services = { api: { image, probes: { live: "/health" }, routes: [{}, { path: "/v1" }] } };
const labels = { "app.kubernetes.io/name": "blackbox" };

const blackboxOf = async (said: Tree, preview = false) => {
  const settings = settingsOf(said);
  const { resources } = await deploy(
    () => {
      const parent = platform();
      const cluster = madeCluster(parent);
      const definitions = new random.RandomId("definitions", { byteLength: 4 }, { parent });
      createBlackbox(NAME, { settings, cluster, namespace: NAMESPACE }, { definitions }, parent);
    },
    { preview },
  );
  return resources.filter(({ name }) => name.startsWith(NAME) || name === "definitions");
};
type Resources = Awaited<ReturnType<typeof blackboxOf>>;
const modulesOf = (resources: Resources) =>
  parse((only(resources, CONFIG).inputs["data"] as Record<string, string>)["blackbox.yml"] ?? "").modules;

const rows = [
  [DEPLOYMENT, NAME],
  [CONFIG, NAME],
  [SERVICE, NAME],
  [PROBE, `${NAME}-api`],
  ["random:index/randomId:RandomId", "definitions"],
];

describe("uptime inside the cluster", () => {
  it("asks the gateway for each page, in a preview too", async () => {
    for (const preview of [false, true])
      assert.deepEqual(inventory(await blackboxOf({ ...localStack, services }, preview)), rows);
    const resources = await blackboxOf({ ...localStack, services });
    assert.deepEqual(only(resources, PROBE).inputs["spec"], {
      jobName: "uptime",
      interval: "60s",
      scrapeTimeout: "11s",
      module: "api",
      prober: { url: `blackbox.${NAMESPACE}.svc:9115`, scheme: "http", path: "/probe" },
      targets: {
        staticConfig: { static: [`https://${PREFIX}.envoy-gateway-system.svc/health`], labels: { check: "api" } },
      },
    });
    const definitions = only(resources, "random:index/randomId:RandomId", "definitions").urn;
    assert.ok(only(resources, PROBE).dependsOn.includes(definitions));
  });

  it("takes a certificate of the stack's own where there is no domain", async () => {
    assert.deepEqual(modulesOf(await blackboxOf({ ...localStack, services })), {
      api: {
        prober: "http",
        timeout: "10s",
        http: {
          method: "GET",
          preferred_ip_protocol: "ip4",
          follow_redirects: false,
          fail_if_not_ssl: true,
          tls_config: { insecure_skip_verify: true },
        },
      },
    });
  });

  it("wants the domain's certificate, and says for whom it asks", async () => {
    const said = { ...awsStack, domain: "agents.example.com", gateway: { internal: true }, services };
    const uptime = { timeout: 20, interval: 20, paths: { "api-v1": "/v1/hello" } };
    const resources = await blackboxOf({ ...said, monitoring: { mode: "inCluster", uptime } });
    const modules = modulesOf(resources);
    assert.deepEqual(Object.keys(modules), ["api", "api-v1"]);
    assert.equal(modules.api.timeout, "20s");
    assert.deepEqual(modules.api.http.headers, { Host: "agents.example.com" });
    assert.deepEqual(modules.api.http.tls_config, {
      insecure_skip_verify: false,
      server_name: "agents.example.com",
    });
    assert.deepEqual(
      all(resources, PROBE).map(({ inputs }) => (inputs["spec"] as Record<string, unknown>)["scrapeTimeout"]),
      ["20s", "20s"],
    );
  });

  it("runs as nobody, with no token, and writes nowhere", async () => {
    const { inputs, customTimeouts } = only(await blackboxOf({ ...localStack, services }), DEPLOYMENT);
    const config = only(await blackboxOf({ ...localStack, services }), CONFIG).inputs["metadata"] as { name: string };
    const { spec } = (inputs["spec"] as { template: { spec: Record<string, unknown> } }).template;
    const answers = { httpGet: { path: "/-/healthy", port: "http" }, periodSeconds: 10, timeoutSeconds: 5 };
    assert.deepEqual(spec, {
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
      containers: [
        {
          name: "blackbox",
          image: "quay.io/prometheus/blackbox-exporter:v0.29.1",
          imagePullPolicy: "IfNotPresent",
          args: ["--config.file=/etc/blackbox/blackbox.yml", "--web.listen-address=:9115", "--log.format=json"],
          ports: [{ name: "http", containerPort: 9115 }],
          readinessProbe: answers,
          livenessProbe: { ...answers, failureThreshold: 6 },
          resources: {
            requests: { cpu: "10m", memory: "32Mi", "ephemeral-storage": "128Mi" },
            limits: { memory: "32Mi", "ephemeral-storage": "128Mi" },
          },
          securityContext: {
            allowPrivilegeEscalation: false,
            privileged: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          volumeMounts: [{ name: "config", mountPath: "/etc/blackbox", readOnly: true }],
        },
      ],
      volumes: [{ name: "config", configMap: { name: config.name } }],
    });
    assert.match(config.name, /^blackbox-[0-9a-f]{10}$/);
    assert.equal(customTimeouts?.create, "10m");
  });

  it("calls the gateway's pods and nobody else, and tells what a cloud's check would", () => {
    const settings = settingsOf({ ...localStack, services });
    assert.deepEqual(blackboxReach(settings), [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "envoy-gateway-system" } },
            podSelector: { matchLabels: proxyLabels(settings) },
          },
        ],
        port: 10443,
      },
    ]);
    assert.deepEqual(blackboxRecordings(settings), {
      "cloud:uptime_success": 'avg by (environment, check) (probe_success{job="uptime"})',
    });
    assert.deepEqual(labels, { "app.kubernetes.io/name": "blackbox" });
  });

  it("is not there where the cloud asks, nor where nobody does", async () => {
    for (const said of [
      { ...awsStack, services },
      { ...localStack, services: { api: { image } } },
      { ...localStack, services, monitoring: { mode: "inCluster", uptime: { enabled: false } } },
    ]) {
      const settings = settingsOf(said);
      assert.deepEqual(inventory(await blackboxOf(said)), [["random:index/randomId:RandomId", "definitions"]]);
      assert.deepEqual([blackboxReach(settings), blackboxRecordings(settings)], [[], {}]);
    }
  });
});
