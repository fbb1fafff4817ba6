import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Api } from "../../engine/cluster/api.js";
import { addresses, nodeName } from "./addresses.js";
import { pause } from "./life.js";

/** A loaded machine takes several times as long as a free one. */
const DEADLINE_MS = 180_000;
const POLL_MS = 100;

/** Until the question has no answer any more, which says what is not yet as it should be. */
export async function until(
  what: string,
  missing: () => Promise<string | undefined>,
  check: () => void,
): Promise<void> {
  for (const began = Date.now(); ; await pause(POLL_MS)) {
    check();
    const answer = await missing().catch((error: Error) => error.message);
    if (answer === undefined) return;
    if (Date.now() - began > DEADLINE_MS)
      throw new Error(`${what}: not within ${DEADLINE_MS / 1000} s: ${answer.trim()}`);
  }
}

interface Conditions {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** Undefined where the object says that it is. */
async function condition(api: Api, path: string, type: string): Promise<string | undefined> {
  const object = await api.get<Conditions>(path);
  const said = object?.status?.conditions?.find((one) => one.type === type);
  return said?.status === "True" ? undefined : (said?.message ?? "nothing is said yet");
}

export const apiAnswers = async (api: Api): Promise<string | undefined> =>
  (await api.text("/readyz")) === undefined ? "not yet" : undefined;

/** Made by a controller; without it no pod is taken. */
export const accountsAreMade = async (api: Api): Promise<string | undefined> =>
  (await api.text("/api/v1/namespaces/default/serviceaccounts/default")) === undefined ? "not yet" : undefined;

export const nodeIsReady = (api: Api): Promise<string | undefined> =>
  condition(api, `/api/v1/nodes/${nodeName}`, "Ready");

export const isAvailable = (api: Api, namespace: string, name: string): Promise<string | undefined> =>
  condition(api, `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`, "Available");

const ask = `
  const resolver = new (require("node:dns").promises.Resolver)({ timeout: 1000, tries: 1 });
  resolver.setServers([${JSON.stringify(addresses.names)}]);
  resolver.resolve4("kubernetes.default.svc.cluster.local").then(
    ([address]) => { if (address !== ${JSON.stringify(addresses.api)}) throw new Error(address); },
  ).catch((error) => { console.error(error.message); process.exit(1); });
`;

/** Asked from outside the node, through the service: so that the proxy's rules are there as well. */
export async function namesAreKnown(outside: string): Promise<string | undefined> {
  await promisify(execFile)("nsenter", [`--net=${outside}`, process.execPath, "-e", ask]);
  return undefined;
}
