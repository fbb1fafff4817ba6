import { placeSaid } from "./place.js";

const processes = "the node's processes are another machine's";

/** A test that looks at the node's own processes, or at what else is known of it alone. Elsewhere it is pending, and says why. */
export function itHere(title: string, test: () => Promise<void>, otherwise = processes): void {
  if (placeSaid()?.here === false) it.skip(`${title} (${otherwise})`);
  else it(title, test);
}
