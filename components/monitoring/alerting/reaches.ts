import type { Receivers } from "../../../config/monitoring/receivers.js";
import { ANYWHERE, INTERNET, portOf, type Reach } from "../../peers.js";

const HTTPS = 443;

/**
 * What Alertmanager calls outside of the cluster, for its network policy. Names of one's own may lead anywhere; an
 * address that is secret is taken to be on the usual port: the program never sees it.
 */
export function receiverReaches({ pagerduty, slack, email, webhooks, deadman }: Receivers): readonly Reach[] {
  const hooks = [...Object.values(webhooks), ...(deadman === undefined ? [] : [deadman])];
  const ports = new Set([
    ...hooks.map(({ url }) => (url === undefined ? HTTPS : portOf(url))),
    ...(email === undefined ? [] : [email.port]),
  ]);
  const internet = (pagerduty !== undefined || slack !== undefined) && !ports.has(HTTPS);
  return [
    ...(internet ? [{ to: [{ ipBlock: INTERNET }], port: HTTPS }] : []),
    ...[...ports].sort((one, other) => one - other).map((port) => ({ to: [{ ipBlock: ANYWHERE }], port })),
  ];
}
