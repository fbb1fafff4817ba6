import type { Plan } from "./plan.js";
import type { RecordedResource } from "./record.js";

/** Every resource under its parent, as `up` would list it. */
export function planAsTree(plan: Plan): string {
  const children = new Map<string | undefined, RecordedResource[]>();
  for (const resource of plan.resources) {
    const siblings = children.get(resource.parent) ?? [];
    siblings.push(resource);
    children.set(resource.parent, siblings);
  }
  const lines: string[] = [`${plan.stack}`];
  const draw = (parent: string | undefined, indent: string): void => {
    const siblings = [...(children.get(parent) ?? [])].sort(byTypeAndName);
    siblings.forEach((resource, index) => {
      const last = index === siblings.length - 1;
      lines.push(`${indent}${last ? "└─ " : "├─ "}${resource.type}  ${resource.name}${marks(resource)}`);
      draw(resource.urn, `${indent}${last ? "   " : "│  "}`);
    });
  };
  draw(undefined, "");
  return `${lines.join("\n")}\n`;
}

const byTypeAndName = (a: RecordedResource, b: RecordedResource): number =>
  `${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1;

function marks({ read, protect, retainOnDelete, deletedWith }: RecordedResource): string {
  const words = [
    read ? "read" : "",
    protect ? "protected" : "",
    retainOnDelete ? "stays" : "",
    deletedWith === undefined ? "" : `gone with ${deletedWith.split("::").at(-1)}`,
  ].filter((word) => word !== "");
  return words.length === 0 ? "" : `  (${words.join(", ")})`;
}
