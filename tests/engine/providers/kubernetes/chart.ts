import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Child } from "../components.js";
import type { Props, Subject } from "../serve.js";
import { at, isObject, nameOf } from "./objects.js";

export const CHART = "kubernetes:helm.sh/v4:Chart";

/** Where what is kept of charts is, and where it may be noted as it was read. */
export interface Kept {
  readonly folder: string | undefined;
  readonly notes: string | undefined;
}

export const keptBy = ({ STANDIN_CRDS: folder, STANDIN_CLOUD: cloud }: NodeJS.ProcessEnv): Kept => ({
  folder,
  notes: cloud === undefined ? undefined : join(cloud, "charts"),
});

/** What is kept of a chart in tests: the objects in its folder. Undefined where there is none. */
export function objectsOf(chart: string, { folder, notes }: Kept): readonly Props[] | undefined {
  const name = chart.slice(chart.lastIndexOf("/") + 1);
  if (folder === undefined || !existsSync(join(folder, name))) return undefined;
  const read = () => objectsIn(join(folder, name));
  return notes === undefined ? read() : noted(join(notes, `${name}.json`), read);
}

function objectsIn(folder: string): readonly Props[] {
  const files = readdirSync(folder).filter((file) => /\.ya?ml$/.test(file));
  const documents = files.flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), "utf8")));
  return documents.map((document) => undescribed(document.toJS())).filter(isObject);
}

/** Megabytes of YAML take a second to read, and each operation begins with a provider that knows nothing. */
function noted(file: string, read: () => readonly Props[]): readonly Props[] {
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as readonly Props[];
  const objects = read();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(objects));
  renameSync(`${file}.${process.pid}`, file);
  return objects;
}

/** Most of a definition is for people. */
function undescribed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(undescribed);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => key !== "description" || typeof inner !== "string")
      .map(([key, inner]) => [key, undescribed(inner)]),
  );
}

export const isDefinition = ({ kind }: Props): boolean => kind === "CustomResourceDefinition";

/** The official provider registers each object that the chart renders to, by the chart's name and its own. */
export function childrenOf({ name, type }: Pick<Subject, "name" | "type">, inputs: Props, kept: Kept) {
  const chart = String(inputs["chart"]);
  const objects = objectsOf(chart, kept);
  if (objects === undefined || objects.length === 0)
    throw new Error(`${type} ${name}: nothing is kept here of the chart ${chart}: add it to tests/tools/crds.ts`);
  return objects.map(
    (object): Child => ({
      type: tokenOf(object),
      name: `${name}:${nameOf(object)}`,
      inputs: shortened({
        ...object,
        metadata: { ...(object["metadata"] as Props), annotations: annotated(object, chart) },
      }),
    }),
  );
}

/** The core group has a name here, and none in an object. */
function tokenOf({ apiVersion, kind }: Props): string {
  const group = String(apiVersion);
  return `kubernetes:${group.includes("/") ? group : `core/${group}`}:${kind}`;
}

const OF_CHART = "stand-in/chart";
const annotated = (object: Props, chart: string): Props => ({
  ...(at(object, "metadata", "annotations") as Props | undefined),
  [OF_CHART]: chart.slice(chart.lastIndexOf("/") + 1),
});

/**
 * A definition without its schemas, which the API server gets all the same. A real state holds them, twice: 8 MB for
 * the Gateway API's, and every operation of the engine would be about reading and writing them.
 */
export function shortened(object: Props): Props {
  const versions = at(object, "spec", "versions");
  if (!isDefinition(object) || !Array.isArray(versions)) return object;
  const short = versions.map(({ schema: _, ...version }: Props) => version);
  return { ...object, spec: { ...(object["spec"] as Props), versions: short } };
}

/** What was shortened, as its chart has it. */
export function whole(object: Props, kept: Kept): Props {
  const chart = at(object, "metadata", "annotations", OF_CHART);
  if (!isDefinition(object) || typeof chart !== "string") return object;
  const found = objectsOf(chart, kept)?.find((one) => isDefinition(one) && nameOf(one) === nameOf(object));
  return found === undefined ? object : { ...object, spec: found["spec"] };
}
