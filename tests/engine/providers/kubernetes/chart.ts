import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Child } from "../components.js";
import type { Props, Subject } from "../serve.js";
import { at, nameOf } from "./objects.js";

export const CHART = "kubernetes:helm.sh/v4:Chart";

/** Where what is kept of charts is: `CHART.json`, as `support/charts.ts` writes it. */
export type Kept = string | undefined;
export const keptBy = ({ STANDIN_CRDS: folder }: NodeJS.ProcessEnv): Kept => folder;

/** What is kept of a chart in tests. Undefined where there is nothing. */
export function objectsOf(chart: string, folder: Kept): readonly Props[] | undefined {
  const file = join(folder ?? "", `${chart.slice(chart.lastIndexOf("/") + 1)}.json`);
  return folder === undefined || !existsSync(file) ? undefined : (JSON.parse(readFileSync(file, "utf8")) as Props[]);
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
