import type { Kind, Package, View } from "../kind.js";
import { account, LOCK } from "./account.js";
import { SUBSCRIPTION } from "./arm.js";
import { compute } from "./compute.js";
import { monitoring } from "./monitoring.js";
import { network } from "./network.js";
import { reads } from "./reads.js";
import { stores } from "./stores.js";
import { words } from "./words.js";

export const azure: Package = {
  kinds: guarded({ ...network, ...account, ...compute, ...stores, ...monitoring }),
  reads,
  words,
  where: (settings) => {
    const subscription = String(settings["subscriptionId"] ?? "");
    if (subscription !== SUBSCRIPTION)
      throw new Error(`SubscriptionNotFound: The subscription '${subscription}' could not be found.`);
    return { region: String(settings["location"] ?? ""), account: subscription };
  },
};

/** A lock holds whatever it is on, with all that is in it, and what it is in; it is what gives way itself. */
function guarded(kinds: Readonly<Record<string, Kind>>): Readonly<Record<string, Kind>> {
  const withLocks = (kind: Kind): Kind => ({
    ...kind,
    refuses: {
      ...kind.refuses,
      delete: (inputs, view, id) => lockedBy(view, id) ?? kind.refuses?.delete?.(inputs, view, id),
    },
  });
  return Object.fromEntries(
    Object.entries(kinds).map(([type, kind]) => [type, type === LOCK ? kind : withLocks(kind)]),
  );
}

function lockedBy(view: View, id: string): string | undefined {
  const scopes = view.all(LOCK).map(({ inputs }) => String(inputs["scope"]));
  const locked = scopes.filter((scope) => `${id}/`.startsWith(`${scope}/`) || `${scope}/`.startsWith(`${id}/`));
  return locked.length === 0
    ? undefined
    : `ScopeLocked: The scope '${id}' cannot perform delete operation because following scope(s) are locked: '${locked.join(", ")}'. Please remove the lock and try again.`;
}
