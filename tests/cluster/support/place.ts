/** What each has on top of the one before is in `images/agent.ts`. */
export const agentVersions = ["first", "second", "failing"] as const;
export type AgentVersion = (typeof agentVersions)[number];

/** Where the suite runs: `run.ts` says it to the process of the scenarios. */
export interface Place {
  readonly kubeconfig: string;
  /** Where the node's ports answer. */
  readonly address: string;
  /** Whether the node's processes are this machine's, so that they can be looked at from here. */
  readonly here: boolean;
  /** A folder with a folder for each chart that can be had. */
  readonly charts: string;
  /** Versions of the agent service, as a stack names them: by digest. */
  readonly agents: Readonly<Record<AgentVersion, string>>;
  /** What answers model calls. */
  readonly model: string;
}

const VARIABLE = "CLUSTER_PLACE";

export const sayPlace = (place: Place): Readonly<Record<string, string>> => ({ [VARIABLE]: JSON.stringify(place) });

export function placeSaid(): Place | undefined {
  const said = process.env[VARIABLE];
  return said === undefined ? undefined : (JSON.parse(said) as Place);
}

export function thePlace(): Place {
  const place = placeSaid();
  if (place === undefined)
    throw new Error("no cluster: run it by npm run test:cluster -- tests/cluster/scenarios/FILE.ts");
  return place;
}
