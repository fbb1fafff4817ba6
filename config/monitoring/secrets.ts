import { asNode, childOf, isTree, namesSecret, type SchemaNode } from "../walk.js";
import { type Receivers, receivers } from "./receivers.js";
import { type MonitoringSettings, monitoring } from "./schema.js";

/** Every secret that monitoring names: wherever its schema takes the name of one. */
export const monitoringSecrets = (settings: MonitoringSettings): readonly string[] =>
  once(namesIn(asNode(monitoring), settings));

/** Those of its receivers. */
export const receiverSecrets = (settings: Receivers): readonly string[] => once(namesIn(asNode(receivers), settings));

const once = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();

function namesIn(node: SchemaNode, value: unknown): readonly string[] {
  const inside = (key: string | number, item: unknown): readonly string[] => {
    const child = childOf(node, key, value);
    return child === undefined ? [] : namesIn(child, item);
  };
  if (Array.isArray(value)) return value.flatMap((item, index) => inside(index, item));
  if (isTree(value)) return Object.entries(value).flatMap(([key, item]) => inside(key, item));
  return typeof value === "string" && namesSecret(node) ? [value] : [];
}
