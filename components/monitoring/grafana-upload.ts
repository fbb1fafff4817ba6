import type * as kubernetes from "@pulumi/kubernetes";
import { Job, type JobArgs } from "@pulumi/kubernetes/batch/v1/job.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import type * as pulumi from "@pulumi/pulumi";
import { images } from "../../config/versions.js";
import { contentName } from "../content-name.js";
import { createExternalSecret } from "../external-secret.js";
import { hardenedContainer, hardenedPod } from "../hardened.js";
import { imageOf } from "../image.js";
import { inside } from "../inside.js";
import { ANYWHERE, type Policy, portOf, tcp } from "../peers.js";
import { dashboardsOf } from "./dashboards/index.js";
import type { DashboardScope } from "./dashboards/scope.js";
import { FOLDER } from "./grafana.js";
import type { MonitoringScene } from "./scene.js";

/** The stack's dashboards in a Grafana that exists. */

export interface UploadArgs {
  readonly url: string;
  /** Which of the stack's secrets is the token of a service account there. */
  readonly token: string;
  readonly dashboards: DashboardScope;
}

const TIMEOUT = "10m";

/**
 * A Job that puts every dashboard into its folder there, over what is there of it; it runs again when one changes, or
 * the token. What somebody changed in one of them there is gone then: each says that it is the stack's own. The
 * dashboards of a stack that goes stay.
 */
export function createDashboardUpload(
  name: string,
  scene: MonitoringScene,
  { url, token, dashboards }: UploadArgs,
  parent: pulumi.Resource,
): Job {
  const { settings, cluster, namespace, store, secrets } = scene;
  const entry = secrets[token];
  if (entry === undefined) throw new Error(`the secret ${token} is named and not there`);
  const secret = createExternalSecret(
    `${name}-token`,
    name,
    {
      cluster,
      namespace,
      store,
      fields: { token: { entry, property: "value" } },
      // A file of headers, so that the token is no argument of a program.
      templates: { [HEADERS]: "Authorization: Bearer {{ .token }}" },
    },
    parent,
  );
  const data = renderFiles(dashboards);
  const files = new ConfigMap(
    name,
    { metadata: { name: contentName(name, data), namespace, labels: uploadLabels }, data },
    inside(cluster, parent),
  );
  const policy = new NetworkPolicy(name, renderUploadPolicy(name, namespace, url), inside(cluster, parent));
  return new Job(
    name,
    renderUpload({
      name: secret.apply((one) => contentName(name, [data, url, one])),
      namespace,
      image: imageOf(images.curl, settings.mirror.images),
      url,
      files: files.metadata.name,
      secret,
    }),
    {
      ...inside(cluster, parent),
      dependsOn: [...cluster.ready, policy],
      customTimeouts: { create: TIMEOUT, update: TIMEOUT, delete: "5m" },
    },
  );
}

/** What policies know the Job's pods by. */
export const uploadLabels = { "app.kubernetes.io/name": "dashboard-upload" };

const SCRIPT = "run.sh";
const HEADERS = "headers";
const FILES = "/etc/upload/files";
const TOKEN = "/etc/upload/token";
const UID = 10_001;
const FOLDER_FILE = "folder.json";

/** A folder that is there already is what is wanted: Grafana says so by 409, and older ones by 412. */
const script = (names: readonly string[]): string => `set -eu
send() {
  curl --silent --show-error --max-time 30 --retry 5 --retry-connrefused --output /tmp/answer --write-out '%{http_code}' \\
    --header "@${TOKEN}/${HEADERS}" --header 'Content-Type: application/json' --data "@$1" "$GRAFANA_URL$2"
}
fail() {
  echo "$GRAFANA_URL$1 answered $2:" >&2
  cat /tmp/answer >&2
  exit 1
}
status=$(send ${FILES}/${FOLDER_FILE} /api/folders)
case $status in
  200 | 409 | 412) ;;
  *) fail /api/folders "$status" ;;
esac
for file in ${names.join(" ")}; do
  status=$(send "${FILES}/$file" /api/dashboards/db)
  [ "$status" = 200 ] || fail /api/dashboards/db "$status"
done
`;

export function renderFiles(scope: DashboardScope): Readonly<Record<string, string>> {
  const dashboards = Object.fromEntries(
    dashboardsOf(scope).map((dashboard) => [
      `${dashboard.uid}.json`,
      // Without a number it is found by its address.
      JSON.stringify({ dashboard: { ...dashboard, id: null }, folderUid: FOLDER.uid, overwrite: true }),
    ]),
  );
  return { [SCRIPT]: script(Object.keys(dashboards)), [FOLDER_FILE]: JSON.stringify(FOLDER), ...dashboards };
}

/** Nobody knows where a name leads: its port is what is open. */
export const renderUploadPolicy = (name: string, namespace: pulumi.Input<string>, url: string): Policy => ({
  metadata: { name, namespace, labels: uploadLabels },
  spec: {
    podSelector: { matchLabels: uploadLabels },
    policyTypes: ["Ingress", "Egress"],
    ingress: [],
    egress: [{ to: [{ ipBlock: ANYWHERE }], ports: tcp(portOf(url)) }],
  },
});

export interface Upload {
  readonly name: pulumi.Input<string>;
  readonly namespace: pulumi.Input<string>;
  readonly image: string;
  readonly url: string;
  /** The ConfigMap with what is sent. */
  readonly files: pulumi.Input<string>;
  /** The Secret with the token. */
  readonly secret: pulumi.Input<string>;
}

export function renderUpload({ name, namespace, image, url, files, secret }: Upload) {
  return {
    metadata: {
      name,
      namespace,
      labels: uploadLabels,
      // Otherwise the next `up` would wait for a Job that has failed already.
      annotations: { "pulumi.com/replaceUnready": "true" },
    },
    // It is kept when it is done: one that removed itself would be made, and run, again.
    spec: {
      backoffLimit: 2,
      activeDeadlineSeconds: 480,
      template: {
        metadata: { labels: uploadLabels },
        spec: {
          restartPolicy: "Never",
          ...hardenedPod(UID),
          containers: [
            {
              name: "upload",
              image,
              command: ["sh", `${FILES}/${SCRIPT}`],
              env: [{ name: "GRAFANA_URL", value: url.replace(/\/$/, "") }],
              // The pod's status then says why it failed, for whoever has no logs.
              terminationMessagePolicy: "FallbackToLogsOnError",
              resources: {
                requests: { cpu: "10m", memory: "32Mi", "ephemeral-storage": "16Mi" },
                limits: { memory: "64Mi", "ephemeral-storage": "64Mi" },
              },
              ...hardenedContainer,
              volumeMounts: [
                { name: "files", mountPath: FILES, readOnly: true },
                { name: "token", mountPath: TOKEN, readOnly: true },
                { name: "tmp", mountPath: "/tmp" },
              ],
            },
          ],
          volumes: [
            { name: "files", configMap: { name: files } },
            { name: "token", secret: { secretName: secret, defaultMode: 0o440 } },
            { name: "tmp", emptyDir: { sizeLimit: "16Mi" } },
          ],
        } satisfies kubernetes.types.input.core.v1.PodSpec,
      },
    },
  } satisfies JobArgs;
}
