import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { GrafanaSettings } from "../../config/monitoring/grafana.js";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import type { SecretRef, SecretStore } from "../../providers/contract.js";
import { registryValues } from "../addons/pod-values.js";
import { contentName } from "../content-name.js";
import { createExternalSecret } from "../external-secret.js";
import { inside } from "../inside.js";
import { dashboardsOf, HOME } from "./dashboards/index.js";
import { JAEGER, PROMETHEUS } from "./dashboards/panel.js";
import type { DashboardScope } from "./dashboards/scope.js";
import { m } from "./metrics/names.js";
import { grafana } from "./places.js";
import type { MonitoringScene } from "./scene.js";

/** Where dashboards are looked at. */

const ADMIN = "admin";

/** The password of Grafana's own administrator: for the first look, and for when nobody can sign in elsewhere. */
export const createGrafanaAdmin = (name: string, secretStore: SecretStore, parent: pulumi.Resource): SecretRef =>
  secretStore.put(
    `${name}-admin`,
    {
      username: ADMIN,
      password: new random.RandomPassword(`${name}-admin`, { length: 32, special: false }, { parent }).result,
    },
    { parent },
  );

export interface GrafanaArgs {
  /** Of `createGrafanaAdmin`. */
  readonly admin: SecretRef;
  readonly dashboards: DashboardScope;
  readonly addresses: Addresses;
}

/** Where it asks. */
export interface Addresses {
  /** Prometheus, or what answers for it and for its archive. */
  readonly prometheus: pulumi.Input<string>;
  readonly alertmanager: pulumi.Input<string>;
  /** None where traces are kept elsewhere. */
  readonly jaeger: pulumi.Input<string> | undefined;
}

export interface Grafana {
  /** Of the chart's section for it. */
  readonly values: pulumi.Inputs;
  /** What its pod mounts: it comes after that. */
  readonly after: readonly pulumi.Resource[];
}

/**
 * What Grafana's pod stands on: its dashboards, which are all the stack's own, its administrator, and what it shows to
 * whoever signs people in. It is one pod; all that the stack says of it is mounted, so that one that starts anew is the
 * same, and only what people made in it goes where it has no disk. Costs a tenth of a core and 512 MiB.
 */
export function createGrafana(
  name: string,
  scene: MonitoringScene,
  args: GrafanaArgs,
  parent: pulumi.Resource,
): Grafana {
  const { settings, watching, cluster, namespace } = scene;
  if (watching.mode !== "inCluster") throw new Error(`monitoring of mode ${watching.mode} has no Grafana of its own`);
  const dashboards = new ConfigMap(
    `${name}-dashboards`,
    renderDashboards(`${name}-dashboards`, namespace, args.dashboards),
    inside(cluster, parent),
  );
  return {
    values: grafanaValues({
      settings,
      grafana: watching.grafana,
      scrapeInterval: watching.scrapeInterval,
      addresses: args.addresses,
      dashboards: dashboards.metadata.name,
      admin: createAdmin(name, scene, args.admin, parent),
      client: createClient(name, scene, watching.grafana, parent),
      storageClass: cluster.storageClasses.ssd,
    }),
    after: [dashboards],
  };
}

/** One file a dashboard, by its address. Another content is another object: a new pod has the new one from its start. */
export function renderDashboards(stem: string, namespace: pulumi.Input<string>, scope: DashboardScope) {
  const data = Object.fromEntries(dashboardsOf(scope).map((one) => [`${one.uid}.json`, JSON.stringify(one)]));
  return { metadata: { name: contentName(stem, data), namespace, labels: { ...grafana.labels } }, data };
}

const keys = { user: "admin-user", password: "admin-password", client: "client-secret" } as const;

const createAdmin = (
  name: string,
  { cluster, namespace, store }: MonitoringScene,
  entry: SecretRef,
  parent: pulumi.Resource,
): pulumi.Output<string> =>
  createExternalSecret(
    `${name}-admin`,
    `${name}-admin`,
    {
      cluster,
      namespace,
      store,
      fields: { username: { entry, property: "username" }, password: { entry, property: "password" } },
      templates: { [keys.user]: "{{ .username }}", [keys.password]: "{{ .password }}" },
    },
    parent,
  );

/** What it proves itself by to whoever signs people in. */
function createClient(
  name: string,
  { cluster, namespace, store, secrets }: MonitoringScene,
  { oidc }: GrafanaSettings,
  parent: pulumi.Resource,
): pulumi.Output<string> | undefined {
  if (oidc === undefined) return undefined;
  const entry = secrets[oidc.clientSecret];
  if (entry === undefined) throw new Error(`the secret ${oidc.clientSecret} is named and not there`);
  return createExternalSecret(
    `${name}-client`,
    `${name}-client`,
    {
      cluster,
      namespace,
      store,
      fields: { secret: { entry, property: "value" } },
      templates: { [keys.client]: "{{ .secret }}" },
    },
    parent,
  );
}

export interface GrafanaSpec {
  readonly settings: Pick<Settings, "mirror">;
  readonly grafana: GrafanaSettings;
  /** Seconds. */
  readonly scrapeInterval: number;
  readonly addresses: Addresses;
  /** The ConfigMap with its dashboards. */
  readonly dashboards: pulumi.Input<string>;
  /** The Secret with its administrator. */
  readonly admin: pulumi.Input<string>;
  /** The Secret with what it proves itself by, where people sign in elsewhere. */
  readonly client: pulumi.Input<string> | undefined;
  /** The cluster's default class where undefined. */
  readonly storageClass: pulumi.Input<string> | undefined;
}

/** The user `grafana` in the image. */
const UID = 472;
const CLIENT_DIRECTORY = "/etc/grafana/client";
/** The chart wants them there. */
const PROVIDER = "platform";
const DIRECTORY = `/var/lib/grafana/dashboards/${PROVIDER}`;

/** Values of the chart's section; no secret is in them. */
export function grafanaValues(spec: GrafanaSpec): pulumi.Inputs {
  const { settings, grafana: said, dashboards, admin, client } = spec;
  return {
    image: registryValues(images.grafana, settings.mirror.images),
    // Its own database is a file: a second pod would have another one.
    replicas: 1,
    deploymentStrategy: { type: said.storage === undefined ? "RollingUpdate" : "Recreate" },
    admin: { existingSecret: admin, userKey: keys.user, passwordKey: keys.password },
    // Nothing in it asks the API server.
    rbac: { create: false },
    serviceAccount: { automountServiceAccountToken: false },
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    testFramework: { enabled: false },
    service: { port: grafana.port, targetPort: grafana.port, portName: "http" },
    // What is scraped is the program's own.
    serviceMonitor: { enabled: false },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: UID,
      runAsGroup: UID,
      fsGroup: UID,
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
    persistence: persistenceValues(spec),
    // It would run as root; the group of the volume's files is the pod's own.
    initChownData: { enabled: false },
    datasources: { "datasources.yaml": renderDatasources(spec) },
    dashboardProviders: {
      "dashboardproviders.yaml": {
        apiVersion: 1,
        providers: [
          {
            name: PROVIDER,
            orgId: 1,
            folder: FOLDER.title,
            folderUid: FOLDER.uid,
            type: "file",
            disableDeletion: true,
            allowUiUpdates: false,
            options: { path: DIRECTORY },
          },
        ],
      },
    },
    dashboardsConfigMaps: { [PROVIDER]: dashboards },
    ...(client === undefined
      ? {}
      : {
          extraSecretMounts: [
            { name: "client", mountPath: CLIENT_DIRECTORY, secretName: client, defaultMode: 0o440, readOnly: true },
          ],
        }),
    "grafana.ini": renderIni(said),
  };
}

/** Where the stack's dashboards are, in every Grafana. */
export const FOLDER = { uid: "agent-platform", title: "Agent platform" };

const persistenceValues = ({ grafana: { storage }, storageClass }: GrafanaSpec): pulumi.Inputs =>
  storage === undefined
    ? { enabled: false }
    : {
        enabled: true,
        type: "pvc",
        size: `${storage}Gi`,
        ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
      };

/** `$$` is one `$` where Grafana reads it, which takes it for a variable of the environment otherwise. */
const ofSpan = "$$__tags";

function renderDatasources({ addresses, scrapeInterval }: GrafanaSpec): pulumi.Inputs {
  const { prometheus, alertmanager, jaeger } = addresses;
  const common = { access: "proxy", orgId: 1, editable: false };
  return {
    apiVersion: 1,
    prune: true,
    datasources: [
      {
        ...common,
        ...PROMETHEUS,
        name: "Prometheus",
        url: prometheus,
        isDefault: true,
        jsonData: {
          httpMethod: "POST",
          timeInterval: `${scrapeInterval}s`,
          manageAlerts: true,
          alertmanagerUid: "alertmanager",
          ...(jaeger === undefined
            ? {}
            : { exemplarTraceIdDestinations: [{ name: "trace_id", datasourceUid: JAEGER.uid }] }),
        },
      },
      {
        ...common,
        type: "alertmanager",
        uid: "alertmanager",
        name: "Alertmanager",
        url: alertmanager,
        jsonData: { implementation: "prometheus", handleGrafanaManagedAlerts: false },
      },
      ...(jaeger === undefined
        ? []
        : [
            {
              ...common,
              ...JAEGER,
              name: "Jaeger",
              url: jaeger,
              jsonData: {
                nodeGraph: { enabled: true },
                tracesToMetrics: {
                  datasourceUid: PROMETHEUS.uid,
                  spanStartTimeShift: "-15m",
                  spanEndTimeShift: "15m",
                  tags: [{ key: "service.name", value: "service" }],
                  queries: [
                    { name: "Calls a second", query: `sum(rate(${m.http_requests_total}{${ofSpan}}[5m]))` },
                    {
                      name: "95th percentile",
                      query: `histogram_quantile(0.95,sum by (le) (rate(${m.http_request_duration_seconds_bucket}{${ofSpan}}[5m])))`,
                    },
                  ],
                },
              },
            },
          ]),
    ],
  };
}

function renderIni({ host, oidc }: GrafanaSettings): pulumi.Inputs {
  return {
    // From inside the cluster it is reached by a forwarded port, and so under the name of one's own machine.
    server: host === undefined ? { domain: "localhost" } : { domain: host, root_url: `https://${host}/` },
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
    // Those of the image are all that is needed. An update would first stop one, and then find that it may not write.
    plugins: {
      preinstall_disabled: true,
      preinstall_auto_update: false,
      plugin_admin_enabled: false,
      public_key_retrieval_disabled: true,
    },
    // Prometheus' own are shown; none is made here that would go with the pod.
    unified_alerting: { execute_alerts: false },
    dashboards: { default_home_dashboard_path: `${DIRECTORY}/${HOME}.json` },
    log: { mode: "console" },
    "log.console": { format: "json" },
    ...(oidc === undefined ? {} : { "auth.generic_oauth": renderOidc(oidc) }),
  };
}

function renderOidc(oidc: NonNullable<GrafanaSettings["oidc"]>): pulumi.Inputs {
  return {
    enabled: true,
    name: oidc.title,
    client_id: oidc.clientId,
    client_secret: `$__file{${CLIENT_DIRECTORY}/${keys.client}}`,
    scopes: oidc.scopes.join(" "),
    auth_url: oidc.authUrl,
    token_url: oidc.tokenUrl,
    api_url: oidc.apiUrl,
    use_pkce: true,
    use_refresh_token: true,
    // Whoever the provider lets in is somebody; what they may do is what their groups say, each time anew.
    allow_sign_up: true,
    skip_org_role_sync: false,
    allow_assign_grafana_admin: false,
    role_attribute_strict: true,
    role_attribute_path: roleOf(oidc),
  };
}

/** A JMESPath expression; who has no role is not let in. A claim that is no list, or not there, names no group. */
function roleOf({ groupsClaim, adminGroup, editorGroup, viewerGroup }: NonNullable<GrafanaSettings["oidc"]>): string {
  const when = (group: string, role: string) => `contains(${groupsClaim}[*] || '', '${group}') && '${role}'`;
  return [
    when(adminGroup, "Admin"),
    ...(editorGroup === undefined ? [] : [when(editorGroup, "Editor")]),
    viewerGroup === undefined ? "'Viewer'" : when(viewerGroup, "Viewer"),
  ].join(" || ");
}
