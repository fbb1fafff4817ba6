import assert from "node:assert/strict";
import { contentName } from "../../../components/content-name.js";
import { createDashboardUpload, renderFiles } from "../../../components/monitoring/grafana-upload.js";
import { images } from "../../../config/versions.js";
import type { Tree } from "../../../config/walk.js";
import type { RecordedResource } from "../../../plan/record.js";
import { drawn } from "../../monitoring/dashboards/panels.js";
import { scopes } from "../../monitoring/scopes.js";
import { deploy, inventory, only } from "../../support/deploy.js";
import { entry, staged } from "../../support/scene.js";
import { watchedElsewhere } from "../../support/services.js";
import { localStack, settingsOf } from "../../support/settings.js";

const JOB = "kubernetes:batch/v1:Job";
const CONFIG = "kubernetes:core/v1:ConfigMap";
const EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret";
const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

const dashboards = drawn(scopes.existing, { traces: false });
const url = "https://grafana.example.com";

interface Run {
  readonly said?: Tree;
  readonly url?: string;
  readonly dashboards?: typeof dashboards;
  readonly token?: string;
  readonly preview?: boolean;
}
const run = ({ said = {}, preview = false, token = "token", ...over }: Run = {}) =>
  deploy(
    () => {
      const settings = settingsOf({ ...localStack, monitoring: watchedElsewhere, ...said });
      const stage = staged(settings, { secrets: { GRAFANA_TOKEN: entry(token) } });
      const args = { url, token: "GRAFANA_TOKEN", dashboards, ...over };
      createDashboardUpload("test-upload", stage.scene, args, stage.parent);
    },
    { preview },
  );
const nameOf = ({ inputs }: RecordedResource): string => (inputs as { metadata: { name: string } }).metadata.name;
const labels = { "app.kubernetes.io/name": "dashboard-upload" };
const namespace = "agents-development-monitoring";

describe("dashboards for a Grafana that exists", () => {
  it("are put there by a Job, in a preview too", async () => {
    for (const preview of [false, true])
      assert.deepEqual(
        inventory((await run({ preview })).resources).filter(([type]) =>
          [JOB, CONFIG, EXTERNAL, POLICY].includes(type),
        ),
        [
          [JOB, "test-upload"],
          [CONFIG, "test-upload"],
          [EXTERNAL, "test-upload-token"],
          [POLICY, "test-upload"],
        ],
      );
  });

  it("go by a pod that may do nothing else", async () => {
    const { resources } = await run();
    const { spec } = only(resources, JOB).inputs as { spec: { template: { spec: object } } };
    assert.deepEqual(spec, {
      backoffLimit: 2,
      activeDeadlineSeconds: 480,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: "Never",
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 10_001,
            runAsGroup: 10_001,
            fsGroup: 10_001,
            fsGroupChangePolicy: "OnRootMismatch",
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [
            {
              name: "upload",
              image: `docker.io/curlimages/curl:${images.curl.tag}`,
              command: ["sh", "/etc/upload/files/run.sh"],
              env: [{ name: "GRAFANA_URL", value: url }],
              terminationMessagePolicy: "FallbackToLogsOnError",
              resources: {
                requests: { cpu: "10m", memory: "32Mi", "ephemeral-storage": "16Mi" },
                limits: { memory: "64Mi", "ephemeral-storage": "64Mi" },
              },
              securityContext: {
                allowPrivilegeEscalation: false,
                privileged: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
              volumeMounts: [
                { name: "files", mountPath: "/etc/upload/files", readOnly: true },
                { name: "token", mountPath: "/etc/upload/token", readOnly: true },
                { name: "tmp", mountPath: "/tmp" },
              ],
            },
          ],
          volumes: [
            { name: "files", configMap: { name: nameOf(only(resources, CONFIG)) } },
            { name: "token", secret: { secretName: nameOf(only(resources, EXTERNAL)), defaultMode: 0o440 } },
            { name: "tmp", emptyDir: { sizeLimit: "16Mi" } },
          ],
        },
      },
    });
  });

  it("reach Grafana's port and nobody else's", async () => {
    const ports = async (address: string) => {
      const { spec } = only((await run({ url: address })).resources, POLICY).inputs as {
        spec: { egress: readonly { ports: readonly { port: number }[] }[] };
      };
      return spec.egress.flatMap((rule) => rule.ports.map(({ port }) => port));
    };
    assert.deepEqual(only((await run()).resources, POLICY).inputs["spec"], {
      podSelector: { matchLabels: labels },
      policyTypes: ["Ingress", "Egress"],
      ingress: [],
      egress: [
        {
          to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } }],
          ports: [{ protocol: "TCP", port: 443 }],
        },
      ],
    });
    assert.deepEqual(await ports("http://grafana.example.com"), [80]);
    assert.deepEqual(await ports("http://grafana.team:3000/g"), [3000]);
  });

  it("go over what is there, in a folder of their own, with a token that no argument shows", async () => {
    const { resources } = await run();
    const data = renderFiles(dashboards);
    assert.deepEqual(only(resources, CONFIG).inputs, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: contentName("test-upload", data), namespace, labels },
      data,
    });
    assert.deepEqual(JSON.parse(data["folder.json"] ?? ""), { uid: "agent-platform", title: "Agent platform" });
    const { dashboard, ...how } = JSON.parse(data["overview.json"] ?? "") as { dashboard: Record<string, unknown> };
    assert.deepEqual(how, { folderUid: "agent-platform", overwrite: true });
    assert.deepEqual([dashboard["uid"], dashboard["id"]], ["overview", null]);
    const { spec } = only(resources, EXTERNAL).inputs as { spec: { target: { template: { data: object } } } };
    assert.deepEqual(spec.target.template.data, { headers: "Authorization: Bearer {{ .token }}" });
  });

  it("go again when one changes, or where they go, or the token, and at no other time", async () => {
    const nameWith = async (over: Run) => nameOf(only((await run(over)).resources, JOB));
    const first = await nameWith({});
    assert.equal(await nameWith({}), first);
    assert.equal(await nameWith({ said: { tags: { owner: "a" } } }), first);
    const others = [
      await nameWith({ dashboards: drawn(scopes.existing, { traces: true }) }),
      await nameWith({ url: "https://other.example.com" }),
      await nameWith({ token: "other" }),
    ];
    assert.equal(new Set([first, ...others]).size, 4);
  });

  it("are not sent without a token", async () => {
    const without = deploy(() => {
      const stage = staged(settingsOf({ ...localStack, monitoring: watchedElsewhere }));
      createDashboardUpload("test-upload", stage.scene, { url, token: "GRAFANA_TOKEN", dashboards }, stage.parent);
    });
    await assert.rejects(without, { message: "the secret GRAFANA_TOKEN is named and not there" });
  });
});
