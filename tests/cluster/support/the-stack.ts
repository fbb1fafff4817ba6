import { thePlace } from "./place.js";
import { ClusterStack } from "./stack.js";

let opened: Promise<ClusterStack> | undefined;

/** One for all scenarios of a run: whoever asks first brings it up. */
export function theStack(): Promise<ClusterStack> {
  opened ??= ClusterStack.open(thePlace());
  return opened;
}

export async function closeTheStack(): Promise<void> {
  const stack = await opened?.catch(() => undefined);
  await stack?.close();
}
