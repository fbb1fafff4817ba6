import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type * as pulumi from "@pulumi/pulumi";
import { contentName } from "../../../components/content-name.js";
import { dashboardsOf } from "../../../components/monitoring/dashboards/index.js";
import type { DashboardScope } from "../../../components/monitoring/dashboards/scope.js";
import { createGrafana, createGrafanaAdmin, type GrafanaArgs } from "../../../components/monitoring/grafana.js";
import { images } from "../../../config/versions.js";
import type { Tree } from "../../../config/walk.js";
import type { RecordedResource } from "../../../plan/record.js";
import { refuses } from "../../config/refuses.js";
import { textsIn } from "../../contract/values.js";
import { drawn } from "../../monitoring/dashboards/panels.js";
import { deploy, inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { entry, type Staged, staged } from "../../support/scene.js";
import { awsStack, localStack, settingsOf } from "../../support/settings.js";

const CONFIG = "kubernetes:core/v1:ConfigMap";
const EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret";
const PASSWORD = "random:index/randomPassword:RandomPassword";
const SECRET = "kubernetes:core/v1:Secret";

const addresses: GrafanaArgs["addresses"] = {
  prometheus: "http://prometheus.agents-development-monitoring.svc:9090",
  alertmanager: "http://alertmanager.agents-development-monitoring.svc:9093",
  jaeger: "http://jaeger.agents-development-monitoring.svc:16686",
};

const scopeIn = ({ scene: { settings, watching, running } }: Staged, traces = true): DashboardScope =>
  drawn({ settings, watching, running, cloud: {} }, { traces });

type Values = Readonly<Record<string, unknown>>;

/** Its section of the chart's values, and all that was made. */
async function run(
  said: Tree = localStack,
  { over = {}, stubs = {} }: { readonly over?: Partial<GrafanaArgs["addresses"]>; readonly stubs?: Stubs } = {},
) {
  const { result, resources } = await deploy(() => {
    const stage = staged(settingsOf(said), { secrets: { GRAFANA_CLIENT_SECRET: entry("client") } });
    const admin = createGrafanaAdmin("test-grafana", stage.scene.secretStore, stage.parent);
    const args = { admin, dashboards: scopeIn(stage), addresses: { ...addresses, ...over } };
    return { ...createGrafana("test-grafana", stage.scene, args, stage.parent), stage };
  }, stubs);
  return { resources, values: result.values, stage: result.stage };
}
const valuesIn = async (...given: Parameters<typeof run>): Promise<Values> =>
  (await valueOf((await run(...given)).values as pulumi.Input<Values>)) as Values;

const nameOf = ({ inputs }: RecordedResource): string => (inputs as { metadata: { name: string } }).metadata.name;
const made = (resources: readonly RecordedResource[]) =>
  inventory(resources).filter(([type]) => [CONFIG, EXTERNAL, PASSWORD].includes(type));

const grafana = (said: Tree, stack: Tree = localStack): Tree => ({ ...stack, monitoring: { grafana: said } });
const oidc = {
  authUrl: "https://id.example.com/authorize",
  tokenUrl: "https://id.example.com/token",
  apiUrl: "https://id.example.com/userinfo",
  clientId: "grafana",
  clientSecret: "GRAFANA_CLIENT_SECRET",
  adminGroup: "platform-admins",
};
const image = "ghcr.io/acme/api:1.4.2";
const inDomain = { ...awsStack, domain: "agents.example.com", services: { api: { image, routes: [{}] } } };

describe("Grafana", () => {
  it("stands on its dashboards and its administrator, in a preview too", async () => {
    for (const preview of [false, true])
      assert.deepEqual(made((await run(localStack, { stubs: { preview } })).resources), [
        [CONFIG, "test-grafana-dashboards"],
        [EXTERNAL, "test-grafana-admin"],
        [PASSWORD, "test-grafana-admin"],
      ]);
    const { resources } = await run(grafana({ oidc }));
    assert.deepEqual(made(resources), [
      [CONFIG, "test-grafana-dashboards"],
      [EXTERNAL, "test-grafana-admin"],
      [EXTERNAL, "test-grafana-client"],
      [PASSWORD, "test-grafana-admin"],
    ]);
  });

  it("is one pod that nobody enters without a password, and that asks nobody outside", async () => {
    const { resources, values } = await run();
    const { datasources: _, ...rest } = (await valueOf(values as pulumi.Input<Values>)) as Values;
    assert.deepEqual(rest, {
      image: { registry: "docker.io", repository: "grafana/grafana", tag: images.grafana.tag },
      replicas: 1,
      deploymentStrategy: { type: "RollingUpdate" },
      admin: {
        existingSecret: nameOf(only(resources, EXTERNAL)),
        userKey: "admin-user",
        passwordKey: "admin-password",
      },
      rbac: { create: false },
      serviceAccount: { automountServiceAccountToken: false },
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      testFramework: { enabled: false },
      service: { port: 3000, targetPort: 3000, portName: "http" },
      serviceMonitor: { enabled: false },
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 472,
        runAsGroup: 472,
        fsGroup: 472,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      },
      containerSecurityContext: {
        allowPrivilegeEscalation: false,
        privileged: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
        seccompProfile: { type: "RuntimeDefault" },
      },
      extraEmptyDirMounts: [{ name: "tmp", mountPath: "/tmp" }],
      resources: {
        requests: { cpu: "100m", memory: "512Mi", "ephemeral-storage": "512Mi" },
        limits: { memory: "512Mi", "ephemeral-storage": "512Mi" },
      },
      readinessProbe: { httpGet: { path: "/api/health", port: "grafana" }, periodSeconds: 5, failureThreshold: 3 },
      livenessProbe: {
        httpGet: { path: "/api/health", port: "grafana" },
        initialDelaySeconds: 60,
        timeoutSeconds: 10,
        failureThreshold: 6,
      },
      persistence: { enabled: false },
      initChownData: { enabled: false },
      dashboardProviders: {
        "dashboardproviders.yaml": {
          apiVersion: 1,
          providers: [
            {
              name: "platform",
              orgId: 1,
              folder: "Agent platform",
              folderUid: "agent-platform",
              type: "file",
              disableDeletion: true,
              allowUiUpdates: false,
              options: { path: "/var/lib/grafana/dashboards/platform" },
            },
          ],
        },
      },
      dashboardsConfigMaps: { platform: nameOf(only(resources, CONFIG)) },
      "grafana.ini": {
        server: { domain: "localhost" },
        security: {
          cookie_secure: true,
          cookie_samesite: "lax",
          content_security_policy: true,
          disable_gravatar: true,
        },
        users: { allow_sign_up: false, allow_org_create: false },
        "auth.anonymous": { enabled: false },
        analytics: {
          reporting_enabled: false,
          check_for_updates: false,
          check_for_plugin_updates: false,
          feedback_links_enabled: false,
        },
        news: { news_feed_enabled: false },
        snapshots: { external_enabled: false },
        plugins: {
          preinstall_disabled: true,
          preinstall_auto_update: false,
          plugin_admin_enabled: false,
          public_key_retrieval_disabled: true,
        },
        unified_alerting: { execute_alerts: false },
        dashboards: { default_home_dashboard_path: "/var/lib/grafana/dashboards/platform/overview.json" },
        log: { mode: "console" },
        "log.console": { format: "json" },
      },
    });
  });

  it("asks Prometheus, Alertmanager and Jaeger, and leads from one to the other", async () => {
    const common = { access: "proxy", orgId: 1, editable: false };
    const { datasources } = await valuesIn({ ...localStack, monitoring: { scrapeInterval: 30 } });
    assert.deepEqual(datasources, {
      "datasources.yaml": {
        apiVersion: 1,
        prune: true,
        datasources: [
          {
            ...common,
            type: "prometheus",
            uid: "prometheus",
            name: "Prometheus",
            url: addresses.prometheus,
            isDefault: true,
            jsonData: {
              httpMethod: "POST",
              timeInterval: "30s",
              manageAlerts: true,
              alertmanagerUid: "alertmanager",
              exemplarTraceIdDestinations: [{ name: "trace_id", datasourceUid: "jaeger" }],
            },
          },
          {
            ...common,
            type: "alertmanager",
            uid: "alertmanager",
            name: "Alertmanager",
            url: addresses.alertmanager,
            jsonData: { implementation: "prometheus", handleGrafanaManagedAlerts: false },
          },
          {
            ...common,
            type: "jaeger",
            uid: "jaeger",
            name: "Jaeger",
            url: addresses.jaeger,
            jsonData: {
              nodeGraph: { enabled: true },
              tracesToMetrics: {
                datasourceUid: "prometheus",
                spanStartTimeShift: "-15m",
                spanEndTimeShift: "15m",
                tags: [{ key: "service.name", value: "service" }],
                queries: [
                  { name: "Calls a second", query: "sum(rate(http_requests_total{$$__tags}[5m]))" },
                  {
                    name: "95th percentile",
                    query:
                      "histogram_quantile(0.95,sum by (le) (rate(http_request_duration_seconds_bucket{$$__tags}[5m])))",
                  },
                ],
              },
            },
          },
        ],
      },
    });
  });

  it("has no Jaeger where traces are kept elsewhere", async () => {
    const { datasources } = await valuesIn(localStack, { over: { jaeger: undefined } });
    const text = JSON.stringify(datasources);
    assert.ok(!text.includes("jaeger") && !text.includes("exemplar"));
  });

  it("keeps what people make on a disk where that is said, and its pod stops before the next one starts", async () => {
    const { persistence, deploymentStrategy } = await valuesIn(grafana({ storage: 5 }));
    assert.deepEqual(persistence, { enabled: true, type: "pvc", size: "5Gi", storageClassName: "ssd" });
    assert.deepEqual(deploymentStrategy, { type: "Recreate" });
  });

  it("knows its own address", async () => {
    const values = await valuesIn(grafana({ host: "grafana.agents.example.com" }, inDomain));
    const { server } = values["grafana.ini"] as { server: object };
    assert.deepEqual(server, {
      domain: "grafana.agents.example.com",
      root_url: "https://grafana.agents.example.com/",
    });
  });

  it("lets people sign in elsewhere, by roles that their groups have there", async () => {
    const { resources, values } = await run(
      grafana({ oidc: { ...oidc, groupsClaim: "roles", editorGroup: "team a", viewerGroup: "acme/all" } }),
    );
    const { extraSecretMounts, ...rest } = (await valueOf(values as pulumi.Input<Values>)) as Values;
    assert.deepEqual(extraSecretMounts, [
      {
        name: "client",
        mountPath: "/etc/grafana/client",
        secretName: nameOf(only(resources, EXTERNAL, "test-grafana-client")),
        defaultMode: 0o440,
        readOnly: true,
      },
    ]);
    const ini = rest["grafana.ini"] as Values;
    assert.deepEqual(ini["auth.generic_oauth"], {
      enabled: true,
      name: "Single sign-on",
      client_id: "grafana",
      client_secret: "$__file{/etc/grafana/client/client-secret}",
      scopes: "openid profile email",
      auth_url: oidc.authUrl,
      token_url: oidc.tokenUrl,
      api_url: oidc.apiUrl,
      use_pkce: true,
      use_refresh_token: true,
      allow_sign_up: true,
      skip_org_role_sync: false,
      allow_assign_grafana_admin: false,
      role_attribute_strict: true,
      role_attribute_path:
        "contains(roles[*] || '', 'platform-admins') && 'Admin' || contains(roles[*] || '', 'team a') && 'Editor' || contains(roles[*] || '', 'acme/all') && 'Viewer'",
    });
    const everybody = (await valuesIn(grafana({ oidc })))["grafana.ini"] as Readonly<Record<string, Values>>;
    assert.equal(
      everybody["auth.generic_oauth"]?.["role_attribute_path"],
      "contains(groups[*] || '', 'platform-admins') && 'Admin' || 'Viewer'",
    );
  });

  it("gets its administrator's password and its own secret from the store, and no value shows one", async () => {
    const { resources } = await run(grafana({ oidc }));
    const template = (name: string) =>
      (only(resources, EXTERNAL, name).inputs as { spec: { target: { template: { data: object } }; data: object } })
        .spec;
    assert.deepEqual(template("test-grafana-admin").target.template.data, {
      "admin-user": "{{ .username }}",
      "admin-password": "{{ .password }}",
    });
    assert.deepEqual(template("test-grafana-client").target.template.data, { "client-secret": "{{ .secret }}" });
    assert.deepEqual(template("test-grafana-client").data, [
      { secretKey: "secret", remoteRef: { key: "client", property: "value" } },
    ]);
    const holder = only(resources, SECRET);
    assert.deepEqual(holder.secretInputs, ["stringData"]);
    const { inputs } = only(resources, PASSWORD);
    assert.deepEqual(inputs, { length: 32, special: false });
  });

  it("comes from the mirror of images", async () => {
    const { image: pulled } = await valuesIn({ ...localStack, mirror: { images: "registry.example.com/all" } });
    assert.deepEqual(pulled, {
      registry: "registry.example.com",
      repository: "all/docker.io/grafana/grafana",
      tag: images.grafana.tag,
    });
  });

  it("sets nothing that the chart does not know", async () => {
    const { keys, open } = JSON.parse(
      readFileSync(new URL("../../../components/addons/charts/grafana.json", import.meta.url), "utf8"),
    ) as { keys: readonly string[]; open: readonly string[] };
    const values = await valuesIn(grafana({ oidc, storage: 5, host: "grafana.agents.example.com" }, inDomain));
    const known = (path: string) =>
      keys.includes(path) || open.some((one) => path === one || path.startsWith(`${one}.`));
    assert.deepEqual(
      textsIn(leaves(values))
        .map(([path]) => path)
        .filter((path) => !known(path)),
      [],
    );
  });

  it("has each dashboard as a file, in an object that is another one when one of them changes", async () => {
    const { resources, stage } = await run(inDomain);
    const { inputs } = only(resources, CONFIG);
    const data = Object.fromEntries(
      dashboardsOf(scopeIn(stage)).map((dashboard) => [`${dashboard.uid}.json`, JSON.stringify(dashboard)]),
    );
    assert.deepEqual(inputs, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: contentName("test-grafana-dashboards", data),
        namespace: "agents-development-monitoring",
        labels: { "app.kubernetes.io/name": "grafana" },
      },
      data,
    });
    const other = await run({ ...inDomain, monitoring: { alerts: { nodeCpu: 50 } } });
    assert.notEqual(nameOf(only(other.resources, CONFIG)), nameOf(only(resources, CONFIG)));
  });

  it("is not made where there is one that exists, nor without what its settings name", async () => {
    const without = (said: Tree) =>
      deploy(() => {
        const stage = staged(settingsOf(said));
        const args = { admin: entry("admin"), dashboards: scopeIn(stage), addresses };
        createGrafana("test-grafana", stage.scene, args, stage.parent);
      });
    await assert.rejects(without(grafana({ oidc })), {
      message: "the secret GRAFANA_CLIENT_SECRET is named and not there",
    });
    const existing = { mode: "existing", query: "https://p.example.com", remoteWrite: "https://p.example.com/w" };
    await assert.rejects(without({ ...localStack, monitoring: existing }), {
      message: "monitoring of mode existing has no Grafana of its own",
    });
  });
});

/** Lists and what is not a map are leaves, and each is said by a text. */
const leaves = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, leaves(inner)]))
    : "leaf";

describe("settings of Grafana", () => {
  const at = (host: string, stack: Tree) => ({ ...stack, monitoring: { grafana: { host } } });
  const gone = "remove it with: pulumi config rm --path monitoring.grafana.host";

  it("take a host of its own", () => {
    const { monitoring } = settingsOf(at("grafana.agents.example.com", inDomain));
    assert.ok(monitoring.mode === "inCluster");
    assert.deepEqual(monitoring.grafana, { host: "grafana.agents.example.com" });
  });
  refuses(
    "refuse a host without a gateway",
    at("grafana.agents.example.com", { ...awsStack, domain: "agents.example.com" }),
    [
      `monitoring.grafana.host: grafana.agents.example.com, and there is no gateway: no service has routes; expected no host, or a service with routes; ${gone}`,
    ],
  );
  refuses(
    "refuse a host without a domain",
    at("grafana.agents.example.com", { ...awsStack, services: { api: { image, routes: [{}] } } }),
    [
      `monitoring.grafana.host: grafana.agents.example.com, and the stack has no domain, so nobody would find it; expected no host, or a domain; ${gone}`,
    ],
  );
  refuses("refuse a host for which there can be no certificate", at("grafana.example.org", inDomain), [
    "monitoring.grafana.host: grafana.example.org is outside of the domain agents.example.com, for which alone there is a certificate; expected a host under agents.example.com, or a certificate of your own in gateway.tls.secret; set it with: pulumi config set --path monitoring.grafana.host grafana.agents.example.com",
  ]);
  refuses("refuse the host of a service", at("agents.example.com", inDomain), [
    "monitoring.grafana.host: agents.example.com is where a route of services.api is; expected a host of its own; set it with: pulumi config set --path monitoring.grafana.host grafana.agents.example.com",
  ]);
  refuses("refuse a group that would be more than a name", grafana({ oidc: { ...oidc, adminGroup: "a' || 'b" } }), [
    `monitoring.grafana.oidc.adminGroup: "a' || 'b" will not do; expected 1 to 200 letters, digits, spaces and _ . : / @ -; set it with: pulumi config set --path monitoring.grafana.oidc.adminGroup platform-admins`,
  ]);
  const existing = {
    mode: "existing",
    query: "https://p.example.com",
    remoteWrite: "https://p.example.com/w",
    alertmanager: "https://a.example.com",
  };
  refuses(
    "refuse an address without a token",
    { ...localStack, monitoring: { ...existing, grafanaUrl: "https://g.example.com" } },
    [
      "monitoring.grafanaUrl: https://g.example.com, and no token by which it takes dashboards; expected grafanaToken too: the secret with a service account's token; set it with: pulumi config set --path monitoring.grafanaToken GRAFANA_TOKEN",
    ],
  );
  refuses(
    "refuse a token without an address",
    { ...localStack, monitoring: { ...existing, grafanaToken: "GRAFANA_TOKEN" } },
    [
      "monitoring.grafanaToken: GRAFANA_TOKEN, and no Grafana that it is for; expected grafanaUrl too, or no token; remove it with: pulumi config rm --path monitoring.grafanaToken",
    ],
  );
});
