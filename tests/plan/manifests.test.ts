import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { fillFolder } from "../../plan/folder.js";
import { manifestsOf } from "../../plan/manifests.js";
import { type RecordedResource, UNKNOWN } from "../../plan/record.js";
import { PLANTED, planOfCase } from "../matrix/cases.js";
import { planOfFew, resource, root } from "./small.js";

const object = (type: string, inputs: object, more: Partial<RecordedResource> = {}): RecordedResource =>
  resource({ name: JSON.stringify(inputs), type: `kubernetes:${type}`, inputs: { ...inputs }, ...more }, root);
const filesOf = (...resources: RecordedResource[]) => manifestsOf(planOfFew(resources));
const pathsOf = (...resources: RecordedResource[]) => filesOf(...resources).map(({ path }) => path);
const only = (...resources: RecordedResource[]): string => {
  const files = filesOf(...resources);
  assert.equal(files.length, 1);
  return files[0]?.text ?? "";
};

describe("the manifests of a plan", () => {
  it("are a file an object, where a person looks for it, and one a release", () => {
    const paths = pathsOf(
      object("core/v1:Namespace", { metadata: { name: "apps" } }),
      object("apps/v1:Deployment", { metadata: { name: "api", namespace: "apps" } }),
      object("rbac.authorization.k8s.io/v1:ClusterRole", { metadata: { name: "Agents:read" } }),
      object("helm.sh/v3:Release", { name: "keda", chart: "keda", version: "2.21.0", namespace: "keda" }),
    );
    assert.deepEqual([...paths].sort(), [
      "cluster/clusterrole-agents-read.yaml",
      "cluster/namespace-apps.yaml",
      "namespaces/apps/deployment-api.yaml",
      "releases/keda.yaml",
    ]);
  });

  it("say what an object is first, whether or not the program said it", () => {
    const inputs = { spec: { replicas: 2 }, metadata: { labels: { app: "api" }, namespace: "apps", name: "api" } };
    const text = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: apps
  labels:
    app: api
spec:
  replicas: 2
`;
    assert.equal(only(object("apps/v1:Deployment", inputs)), text);
    const said = { kind: "Deployment", apiVersion: "apps/v1", ...inputs };
    assert.equal(only(object("apps/v1:Deployment", said)), text);
  });

  it("are those of charts that are made object by object, beside releases: what is in them only the chart knows", () => {
    const chart = object(
      "helm.sh/v4:Chart",
      {
        name: "gateway-crds-helm",
        chart: "oci://docker.io/envoyproxy/gateway-crds-helm",
        version: "v1.9.1",
        values: {},
      },
      { custom: false },
    );
    assert.deepEqual(filesOf(chart), [
      {
        path: "releases/gateway-crds-helm.yaml",
        text: `chart: oci://docker.io/envoyproxy/gateway-crds-helm
version: v1.9.1
namespace: default
values: {}
`,
      },
    ]);
  });

  it("say of a release what Helm is told", () => {
    const release = object(
      "helm.sh/v3:Release",
      {
        name: "keda",
        chart: "keda",
        version: "2.21.0",
        namespace: "keda-system",
        repositoryOpts: { repo: "https://kedacore.github.io/charts" },
        values: { replicas: 2, token: "open", cidr: UNKNOWN },
        atomic: true,
      },
      { secretInputs: ["values.token"] },
    );
    assert.equal(
      only(release),
      `chart: keda
version: "2.21.0"
repository: https://kedacore.github.io/charts
namespace: keda-system
values:
  replicas: 2
  token: "[secret]"
  cidr: "[unknown]"
`,
    );
    assert.doesNotMatch(
      only(
        object("helm.sh/v3:Release", { name: "gw", chart: "oci://docker.io/envoyproxy/gateway-helm", version: "1" }),
      ),
      /repository/,
    );
  });

  it("leave out what is only read, and what is not in a cluster", () => {
    const paths = pathsOf(
      object("core/v1:Secret", { metadata: { name: "read" } }, { read: true }),
      object("yaml/v2:ConfigGroup", {}, { custom: false }),
      resource({ name: "db", type: "aws:rds/instance:Instance" }, root),
      resource({ name: "k", type: "pulumi:providers:kubernetes" }, root),
    );
    assert.deepEqual(paths, []);
  });

  it("leave out annotations that only Pulumi reads", () => {
    const annotated = (annotations: object) =>
      parse(only(object("core/v1:Service", { metadata: { name: "x", namespace: "y", annotations } }))) as {
        metadata: object;
      };
    assert.deepEqual(annotated({ "pulumi.com/skipAwait": "true", kept: "yes" }).metadata, {
      name: "x",
      namespace: "y",
      annotations: { kept: "yes" },
    });
    assert.deepEqual(annotated({ "pulumi.com/skipAwait": "true" }).metadata, { name: "x", namespace: "y" });
  });

  it("name the keys of a Secret and no value, marked or not", () => {
    const secret = object("core/v1:Secret", {
      metadata: { name: "login", namespace: "apps" },
      stringData: { password: "planted", user: "planted" },
      data: { ca: "cGxhbnRlZA==" },
    });
    const text = only(secret);
    assert.deepEqual(parse(text), {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "login", namespace: "apps" },
      stringData: { password: "[secret]", user: "[secret]" },
      data: { ca: "[secret]" },
    });
  });

  it("keep the shape of what is marked as secret elsewhere", () => {
    const text = only(
      object(
        "core/v1:ConfigMap",
        { metadata: { name: "x", namespace: "y" }, data: { "a.conf": { deep: ["planted"] }, open: "text" } },
        { secretInputs: ["data.a.conf"] },
      ),
    );
    assert.deepEqual((parse(text) as { data: unknown }).data, { "a.conf": { deep: ["[secret]"] }, open: "text" });
  });

  it("have what a tool can read where a plan cannot know", () => {
    const text = only(
      object("networking.k8s.io/v1:NetworkPolicy", {
        metadata: { name: `api-${UNKNOWN}`, namespace: UNKNOWN, labels: { owner: UNKNOWN }, annotations: UNKNOWN },
        spec: {
          podSelector: { matchLabels: UNKNOWN },
          egress: [
            { to: UNKNOWN, ports: [{ port: UNKNOWN }] },
            { to: [{ ipBlock: { cidr: UNKNOWN, except: [UNKNOWN, "10.0.0.0/8"] } }, UNKNOWN] },
          ],
        },
      }),
    );
    const nowhere = { ipBlock: { cidr: "192.0.2.0/24" } };
    assert.deepEqual(parse(text), {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: {
        name: "api-unknown",
        namespace: "unknown",
        labels: { owner: "unknown" },
        annotations: { unknown: "[unknown]" },
      },
      spec: {
        podSelector: { matchLabels: { unknown: "unknown" } },
        egress: [
          { to: [nowhere], ports: [{ port: 1 }] },
          { to: [{ ipBlock: { cidr: "192.0.2.0/24", except: ["192.0.2.0/24", "10.0.0.0/8"] } }, nowhere] },
        ],
      },
    });
  });

  it("leave free text as the plan has it", () => {
    const data = { port: UNKNOWN, url: `redis://${UNKNOWN}:6379`, name: UNKNOWN };
    const text = only(object("core/v1:ConfigMap", { metadata: { name: "x", namespace: "y" }, data }));
    assert.deepEqual((parse(text) as { data: unknown }).data, data);
    const pod = { spec: { containers: [{ name: "api", image: UNKNOWN, env: [{ name: "HOST", value: UNKNOWN }] }] } };
    assert.deepEqual((parse(only(object("core/v1:Pod", pod))) as typeof pod).spec.containers, [
      {
        name: "api",
        image: `unknown.invalid/unknown@sha256:${"0".repeat(64)}`,
        env: [{ name: "HOST", value: "[unknown]" }],
      },
    ]);
  });

  it("never share a path: the group tells kinds of one name apart, and a number what is left", () => {
    const cluster = (group: string, name: string) =>
      object(`${group}/v1:Cluster`, { metadata: { name, namespace: "data" }, spec: { group } });
    const paths = pathsOf(cluster("a.io", "db"), cluster("b.io", "db"), cluster("a.io", "other"));
    assert.deepEqual([...paths].sort(), [
      "namespaces/data/cluster-other.yaml",
      "namespaces/data/cluster.a.io-db.yaml",
      "namespaces/data/cluster.b.io-db.yaml",
    ]);
    const unknown = (n: number) =>
      object("core/v1:Service", { metadata: { name: UNKNOWN, namespace: "x" }, spec: { n } });
    assert.deepEqual(pathsOf(unknown(1), unknown(2)), [
      "namespaces/x/service-unknown.yaml",
      "namespaces/x/service-unknown_2.yaml",
    ]);
  });

  it("read the same in every version of YAML", () => {
    const words = [
      "yes",
      "on",
      "n",
      "0o17",
      "017",
      "1e3",
      "1_000",
      "12:30",
      "2026-11-22",
      ".5",
      "=",
      "<<",
      "~",
      "null",
    ];
    const text = only(
      object("core/v1:ConfigMap", { metadata: { name: "x", namespace: "y" }, data: { words, "1": "x" } }),
    );
    for (const word of words) assert.ok(text.includes(`- "${word}"\n`), word);
    assert.ok(text.includes('"1": x'));
  });

  it("hold no secret of a whole stack, and are the same each time", async () => {
    const one = { name: "dev", stack: "dev", cloud: "local", sets: [] } as const;
    const first = manifestsOf(await planOfCase(one));
    assert.deepEqual(
      first.filter(({ text }) => text.includes(PLANTED)),
      [],
    );
    assert.ok(first.some(({ text }) => text.includes("[secret]")));
    assert.deepEqual(manifestsOf(await planOfCase(one)), first);
  });
});

describe("the folder of the manifests", () => {
  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "manifests-"));
  });
  afterEach(() => rmSync(parent, { recursive: true }));
  const place = (name = "out"): string => join(parent, name);
  const fill = (files: Readonly<Record<string, string>>, folder = place()): void =>
    fillFolder(
      "--manifests",
      folder,
      Object.entries(files).map(([path, text]) => ({ path, text })),
    );
  const filesIn = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => path.includes("."))
      .sort();

  it("is made with its parents, and every file says who wrote it", () => {
    fill({ "cluster/a.yaml": "a: 1\n" }, join(parent, "deep", "out"));
    assert.equal(
      readFileSync(join(parent, "deep", "out", "cluster", "a.yaml"), "utf8"),
      "# Written by npm run plan: what is changed here is lost when it is written again.\na: 1\n",
    );
  });

  it("is written anew: what is no longer in the plan goes", () => {
    fill({ "cluster/a.yaml": "a: 1\n", "releases/b.yaml": "b: 1\n" });
    fill({ "cluster/c.yaml": "c: 1\n" });
    assert.deepEqual(filesIn(place()), ["cluster/c.yaml"]);
    assert.deepEqual(readdirSync(parent), ["out"]);
  });

  it("stays as it is where it has a file of somebody else's", () => {
    fill({ "cluster/a.yaml": "a: 1\n" });
    writeFileSync(join(place(), "cluster", "mine.yaml"), "mine: 1\n");
    assert.throws(() => fill({ "cluster/b.yaml": "b: 1\n" }), {
      name: "StackFileError",
      message: `--manifests ${place()}: cluster/mine.yaml there was not written by it; give an empty folder, or a new one`,
    });
    assert.deepEqual(filesIn(place()), ["cluster/a.yaml", "cluster/mine.yaml"]);
  });

  it("is not put in place of a file", () => {
    writeFileSync(place(), "");
    assert.throws(() => fill({}), { message: `--manifests ${place()}: that is a file; give a folder` });
  });

  it("is filled where a link leads to, and the link stays", () => {
    mkdirSync(place("real"));
    symlinkSync(place("real"), place("link"));
    fill({ "a.yaml": "a: 1\n" }, place("link"));
    assert.deepEqual(filesIn(place("real")), ["a.yaml"]);
    assert.ok(existsSync(join(place("link"), "a.yaml")));
  });

  it("is not touched by a writing that fails half way, of which nothing stays", () => {
    fill({ "cluster/a.yaml": "a: 1\n" });
    // A folder in the place of a file.
    assert.throws(() => fill({ "b/c.yaml": "c: 1\n", b: "b: 1\n" }), {
      message: /^--manifests .*: EISDIR: .*; give a folder that can be made$/,
    });
    assert.deepEqual(filesIn(place()), ["cluster/a.yaml"]);
    assert.deepEqual(readdirSync(parent), ["out"]);
  });

  it("is filled by npm run plan, beside what is printed", () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx", "plan/command.ts", "--stack", "dev", "--manifests", place(), "--images"],
      { cwd: join(import.meta.dirname, "..", ".."), encoding: "utf8" },
    );
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /^(chart .+\n)+(image .+\n)+$/);
    assert.ok(existsSync(join(place(), "cluster", "namespace-agents-development.yaml")));
    assert.ok(existsSync(join(place(), "releases", "cloudnative-pg.yaml")));
  });
});
