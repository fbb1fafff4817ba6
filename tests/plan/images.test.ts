import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planAsImages, pulledBy } from "../../plan/images.js";
import type { Plan } from "../../plan/plan.js";
import { verifyImages } from "../../plan/verify-images.js";
import { planOfFew, resource, root } from "./small.js";

const object = (type: string, inputs: object) =>
  resource({ name: JSON.stringify(inputs), type: `kubernetes:${type}`, inputs: { ...inputs } }, root);
const release = (values: object, more: object = {}) =>
  object("helm.sh/v3:Release", {
    name: "keda",
    chart: "keda",
    version: "2.21.0",
    namespace: "keda-system",
    repositoryOpts: { repo: "https://kedacore.github.io/charts" },
    values,
    ...more,
  });
const imagesOfValues = (values: object): readonly string[] => pulledBy(planOfFew([release(values)])).images;

describe("the images of a plan", () => {
  it("are those of every pod template and custom resource, and of every release, once and sorted", () => {
    const template = { spec: { initContainers: [{ image: "z/init:1" }], containers: [{ image: "a/app:1" }] } };
    const plan = planOfFew([
      object("apps/v1:Deployment", { spec: { template } }),
      object("batch/v1:CronJob", { spec: { jobTemplate: { spec: { template } } } }),
      object("postgresql.cnpg.io/v1:Cluster", { spec: { imageName: "pg:17@sha256:1" } }),
      object("core/v1:Pod", { spec: { volumes: [{ image: { reference: "ext:1", pullPolicy: "IfNotPresent" } }] } }),
      object("core/v1:ConfigMap", { data: { image: "no/image:1" } }),
      release({ image: { repository: "ghcr.io/kedacore/keda", tag: "2.21.0" } }),
    ]);
    assert.equal(
      planAsImages(plan),
      `chart keda 2.21.0 https://kedacore.github.io/charts
image a/app:1
image ext:1
image ghcr.io/kedacore/keda:2.21.0
image pg:17@sha256:1
image z/init:1
`,
    );
  });

  it("are beside charts that are made object by object, like those that Helm installs", () => {
    const definitions = resource(
      {
        name: "definitions",
        type: "kubernetes:helm.sh/v4:Chart",
        custom: false,
        inputs: { name: "gateway-crds-helm", chart: "oci://docker.io/envoyproxy/gateway-crds-helm", version: "v1.9.1" },
      },
      root,
    );
    assert.equal(planAsImages(planOfFew([definitions])), "chart oci://docker.io/envoyproxy/gateway-crds-helm v1.9.1\n");
  });

  it("are put together of the parts that a chart asks for", () => {
    assert.deepEqual(imagesOfValues({ a: { registry: "ghcr.io", repository: "x/y", tag: "1" } }), ["ghcr.io/x/y:1"]);
    assert.deepEqual(imagesOfValues({ a: { registry: "", repository: "x/y", tag: "", digest: "sha256:1" } }), [
      "x/y@sha256:1",
    ]);
    assert.deepEqual(imagesOfValues({ global: { images: { envoy: { image: "docker.io/e:1" } } } }), ["docker.io/e:1"]);
    assert.deepEqual(imagesOfValues({ image: { repository: "no/tag" }, other: { image: "" } }), []);
  });

  it("are beside charts, by their whole address where the registry is an OCI one", () => {
    const oci = release({}, { chart: "oci://docker.io/envoyproxy/gateway-helm", version: "1.9.0", repositoryOpts: {} });
    assert.deepEqual(pulledBy(planOfFew([oci])).charts, ["oci://docker.io/envoyproxy/gateway-helm 1.9.0"]);
  });
});

describe("the images of a plan, held against what charts render", () => {
  let folder: string;
  const path = process.env["PATH"];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "helm-"));
    process.env["PATH"] = `${folder}:${path}`;
  });
  afterEach(() => {
    process.env["PATH"] = path;
    rmSync(folder, { recursive: true });
  });

  /** A helm that notes what it is asked, and does as it is told. */
  const helm = (pull: string, template: string): void => {
    const script = [
      "#!/bin/sh",
      `echo "$*" >> ${folder}/asked`,
      "case $1 in",
      "version) ;;",
      `pull) while [ "$1" != --destination ]; do shift; done; touch "$2/chart.tgz"; ${pull} ;;`,
      `template) cat > ${folder}/values; ${template} ;;`,
      "esac",
    ];
    writeFileSync(join(folder, "helm"), `${script.join("\n")}\n`);
    chmodSync(join(folder, "helm"), 0o755);
  };
  const rendering = (image: string): string => `echo 'spec: {containers: [{image: "${image}"}]}'`;
  const plan: Plan = planOfFew([release({ image: { repository: "keda", tag: "1" }, replicas: 2 })]);

  it("are right where every image is listed; helm renders what would be installed", () => {
    helm("true", rendering("keda:1"));
    assert.deepEqual(verifyImages(plan), {
      text: "ok keda: 1 of its images, all in the list\n",
      wrong: 0,
      unanswered: 0,
      releases: 1,
    });
    const asked = readFileSync(join(folder, "asked"), "utf8").replaceAll(/\/\S*\/chart-\w+/g, "FOLDER");
    assert.deepEqual(asked.trimEnd().split("\n"), [
      "version --short",
      "pull keda --version 2.21.0 --destination FOLDER --repo https://kedacore.github.io/charts",
      "template keda FOLDER/chart.tgz --namespace keda-system --kube-version 1.36 --values -",
    ]);
    assert.deepEqual(JSON.parse(readFileSync(join(folder, "values"), "utf8")), {
      image: { repository: "keda", tag: "1" },
      replicas: 2,
    });
  });

  it("are wrong where a chart makes pods of another", () => {
    helm("true", rendering("docker.io/keda:2"));
    const { text, wrong } = verifyImages(plan);
    assert.deepEqual([text, wrong], ["!! keda: not in the list: docker.io/keda:2\n", 1]);
  });

  it("are wrong where a chart does not take its values", () => {
    helm("true", "echo 'Error: no such value' >&2; exit 1");
    const { text, wrong } = verifyImages(plan);
    assert.deepEqual([text, wrong], ["!! keda: does not render: Error: no such value\n", 1]);
  });

  it("are not known where the registry does not answer", () => {
    helm("echo 'Error: no such host' >&2; exit 1", "true");
    const { text, wrong, unanswered } = verifyImages(plan);
    assert.deepEqual([text, wrong, unanswered], ["?  keda: no answer: Error: no such host\n", 0, 1]);
  });

  it("need helm", () => {
    process.env["PATH"] = folder;
    assert.throws(() => verifyImages(plan), {
      name: "StackFileError",
      message:
        "--verify renders charts with helm, and no helm is on PATH; get it from https://helm.sh/docs/intro/install/",
    });
  });
});
