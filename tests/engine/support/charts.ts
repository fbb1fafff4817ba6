import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { operators } from "../cluster/operators.js";
import { isDefinition } from "../providers/kubernetes/chart.js";
import { at, isObject, nameOf } from "../providers/kubernetes/objects.js";
import type { Props } from "../providers/serve.js";

const lists = join(import.meta.dirname, "../../identity/lists");

/**
 * `CHART/*.yaml` -> `CHART.json`: what stand-ins install in place of a chart. A definition of which neither a shipped
 * stack nor a played operator has an object is left out: each costs the API server a quarter of a second. A real operator
 * wants all of its chart's: `whole`.
 */
export function writeCharts(from: string, to: string, whole: readonly string[] = []): void {
  mkdirSync(to);
  const made = kindsOfStacks();
  for (const chart of readdirSync(from)) {
    const objects = objectsIn(join(from, chart)).filter(
      (object) => whole.includes(chart) || !isDefinition(object) || isUsed(object, made),
    );
    writeFileSync(join(to, `${chart}.json`), JSON.stringify(objects));
  }
}

const isUsed = (definition: Props, made: ReadonlySet<string>): boolean =>
  (nameOf(definition) ?? "") in operators ||
  made.has(`${at(definition, "spec", "group")} ${at(definition, "spec", "names", "kind")}`);

/** `gateway.networking.k8s.io Gateway`, of `kubernetes:gateway.networking.k8s.io/v1:Gateway NAME`. */
function kindsOfStacks(): ReadonlySet<string> {
  const lines = readdirSync(lists).flatMap((file) => readFileSync(join(lists, file), "utf8").split("\n"));
  return new Set(lines.map((line) => line.replace(/^kubernetes:([^/ ]+)\/\w+:(\w+) .*$/, "$1 $2")));
}

function objectsIn(folder: string): readonly Props[] {
  const files = readdirSync(folder).filter((file) => /\.ya?ml$/.test(file));
  const documents = files.flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), "utf8")));
  return documents.map((document) => undescribed(document.toJS())).filter(isObject);
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
