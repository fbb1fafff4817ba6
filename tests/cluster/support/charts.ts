import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import { at, isObject, nameOf } from "../../engine/providers/kubernetes/objects.js";
import type { Props } from "../../engine/providers/serve.js";
import { filesIn, fillWhole, placeOf } from "../../tools/place.js";

/** The module that pins where charts come from; a registry of charts is asked for none. */
const source = join(import.meta.dirname, "charts");

/** How each chart is had, by its name. */
const charts: Readonly<Record<string, (place: string) => void>> = {
  "gateway-helm": (place) => {
    copy("github.com/envoyproxy/gateway", "charts/gateway-helm", place);
    // What a release of it is given when it is made; the program says both.
    const values = readFileSync(join(place, "values.tmpl.yaml"), "utf8");
    writeFileSync(join(place, "values.yaml"), values.replaceAll(/\$\{Gateway\w+\}/g, "unsaid"));
  },
  "metrics-server": (place) => copy("sigs.k8s.io/metrics-server", "charts/metrics-server", place),
  "cloudnative-pg": (place) => {
    const manifest = join(folderOf("github.com/cloudnative-pg/cloudnative-pg"), "releases/cnpg-1.30.0.yaml");
    asChart("cloudnative-pg", readFileSync(manifest, "utf8"), place);
  },
};

/** A folder with a folder for each chart: from the cache, or out of its module, which may be fetched for it. */
export async function chartsThere(): Promise<string> {
  const place = placeOf("charts", Object.keys(charts), [...filesIn(source), import.meta.filename]);
  if (!existsSync(place))
    await fillWhole(place, async (unfinished) => {
      for (const [name, bring] of Object.entries(charts)) bring(join(unfinished, name));
    });
  return place;
}

function folderOf(module: string): string {
  const { status, stdout, stderr } = spawnSync("go", ["mod", "download", "-json", module], {
    cwd: source,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${module} could not be fetched:\n${stdout}${stderr}`);
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}

/** Files of Go's cache are read-only, and so would be their copies. */
function copy(module: string, within: string, place: string): void {
  const { status, stderr } = spawnSync("cp", ["-R", "--no-preserve=mode", join(folderOf(module), within), place]);
  if (status !== 0) throw new Error(`${module} could not be copied: ${stderr}`);
}

/** What the project's chart takes of the program, in the places of the project's manifest: the rest of it is the same. */
const filled = {
  replicas: "{{ .Values.replicaCount }}",
  resources: "{{ toJson .Values.resources }}",
  pullPolicy: "{{ .Values.image.pullPolicy }}",
  image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}",
  mutating: "{{ .Values.webhook.mutating.failurePolicy }}",
  validating: "{{ .Values.webhook.validating.failurePolicy }}",
} as const;
const marks = Object.keys(filled) as (keyof typeof filled)[];
const mark = (what: keyof typeof filled): string => `mark-${what}-mark`;

/**
 * The objects of a manifest as templates, without its namespace and definitions: the program makes the one, and the
 * provider in tests the others.
 */
function asChart(name: string, manifest: string, place: string): void {
  const objects = parseAllDocuments(manifest)
    .map((document) => document.toJS() as unknown)
    .filter(isObject)
    .filter(({ kind }) => kind !== "Namespace" && kind !== "CustomResourceDefinition");
  mkdirSync(join(place, "templates"), { recursive: true });
  writeFileSync(join(place, "Chart.yaml"), stringify({ apiVersion: "v2", name, version: "0.0.1" }));
  for (const object of objects)
    writeFileSync(join(place, "templates", `${object["kind"]}-${nameOf(object)}.yaml`), templateOf(object));
}

function templateOf(object: Props): string {
  const text = stringify(marking[String(object["kind"])]?.(object) ?? object).replaceAll("{{", '{{ "{{" }}');
  return marks.reduce((filling, what) => filling.replaceAll(mark(what), filled[what]), text);
}

const withPolicy = (configuration: Props, failurePolicy: string): Props => ({
  ...configuration,
  webhooks: (configuration["webhooks"] as readonly Props[]).map((webhook) => ({ ...webhook, failurePolicy })),
});

const marking: Readonly<Record<string, (object: Props) => Props>> = {
  Deployment: marked,
  MutatingWebhookConfiguration: (object) => withPolicy(object, mark("mutating")),
  ValidatingWebhookConfiguration: (object) => withPolicy(object, mark("validating")),
};

function marked(deployment: Props): Props {
  const [container] = at(deployment, "spec", "template", "spec", "containers") as readonly Props[];
  const image = String(container?.["image"]);
  const whole = {
    ...deployment,
    spec: {
      ...(deployment["spec"] as Props),
      replicas: mark("replicas"),
      template: {
        ...(at(deployment, "spec", "template") as Props),
        spec: {
          ...(at(deployment, "spec", "template", "spec") as Props),
          containers: [{ ...container, resources: mark("resources"), imagePullPolicy: mark("pullPolicy") }],
        },
      },
    },
  };
  // It stands in a variable as well: the image that the operator's own helpers run.
  return JSON.parse(JSON.stringify(whole).replaceAll(image, mark("image"))) as Props;
}
