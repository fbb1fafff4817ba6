import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineStack, State } from "./stack.js";

/**
 * What docs/troubleshooting.md tells a person whose `up` was killed: operations that the cloud has finished since become
 * resources of the state, with the id under which the cloud has them. `pulumi refresh --import-pending-creates`, whose
 * business it is, forgets them.
 */
export async function adopt(stack: EngineStack, ids: ReadonlyMap<string, string>): Promise<void> {
  const file = join(stack.folder, "state.json");
  await stack.must("stack", "export", "--file", file);
  const exported = JSON.parse(readFileSync(file, "utf8")) as { deployment: State };
  const { resources, pending_operations = [] } = exported.deployment;
  const found = pending_operations.flatMap(({ resource }) => {
    const id = ids.get(resource.urn);
    return id === undefined ? [] : [{ ...resource, id }];
  });
  const deployment = {
    ...exported.deployment,
    // What was in flight depends on what was there, and not on each other.
    resources: [...resources, ...found],
    pending_operations: pending_operations.filter(({ resource }) => !ids.has(resource.urn)),
  };
  writeFileSync(file, JSON.stringify({ ...exported, deployment }));
  await stack.must("stack", "import", "--file", file);
}
