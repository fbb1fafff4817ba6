/** An ARM id in parts: `/subscriptions/S/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/V/subnets/N`. */
export interface ArmId {
  readonly subscription: string;
  readonly resourceGroup: string;
  /** The names along the path, the outermost first: `["V", "N"]`. */
  readonly names: readonly string[];
}

/**
 * Reads an ARM id of a type like `Microsoft.Network/virtualNetworks/subnets`. Azure itself writes them in changing
 * case, so it makes no difference here.
 */
export function parseArmId(id: string, type: string): ArmId {
  const match = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/([^/]+)\/(.+)$/i.exec(id);
  const [, subscription = "", resourceGroup = "", namespace = "", path = ""] = match ?? [];
  const words = path.split("/");
  const names = words.filter((_, index) => index % 2 === 1);
  const kinds = words.filter((_, index) => index % 2 === 0);
  if (match === null || names.some((name) => name === "") || !same([namespace, ...kinds].join("/"), type))
    throw new Error(`azure: ${id} is no ARM id of ${type}`);
  if (names.length !== kinds.length) throw new Error(`azure: ${id} is no ARM id of ${type}`);
  return { subscription, resourceGroup, names };
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
