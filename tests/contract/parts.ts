import { cloudNames } from "../../config/names.js";
import type { Settings } from "../../config/settings.js";
import type { RecordedResource } from "../../plan/record.js";
import { type Case, cases, type Ran, run, settingsOfCase } from "./cases.js";
import { below } from "./graph.js";

function byCloud(noun: string): readonly string[] {
  return cloudNames.map((cloud) => `agent-platform:${cloud}:${noun}`);
}

/** The components that make each part, whoever makes it. A part without one is plain values. */
export const components = {
  network: byCloud("Network"),
  cluster: byCloud("Cluster"),
  databases: [...byCloud("Database"), "agent-platform:stores:Postgres", "agent-platform:stores:ExistingDatabase"],
  caches: [...byCloud("Cache"), "agent-platform:stores:Valkey", "agent-platform:stores:ExistingCache"],
  buckets: byCloud("Bucket"),
  secretStore: byCloud("SecretStore"),
  identity: byCloud("Identity"),
  registry: byCloud("Registry"),
  domain: byCloud("Dns"),
  observe: byCloud("Observe"),
} as const;

export type Part = keyof typeof components;

/** The modes of a part in a case; a map has as many as it has keys. */
export function modesOf(settings: Settings, part: Part): readonly string[] {
  switch (part) {
    case "network":
    case "cluster":
    case "secretStore":
    case "registry":
    case "domain":
      return [settings[part].mode];
    case "databases":
    case "caches":
    case "buckets":
      return Object.values(settings[part]).map(({ mode }) => mode);
    case "identity":
    case "observe":
      return ["managed"];
  }
}

export interface PartCase {
  readonly one: Case;
  readonly settings: Settings;
  readonly ran: () => Promise<Ran>;
  /** The part's components and all that is below them. */
  readonly resources: () => Promise<readonly RecordedResource[]>;
}

/** One suite of a part, run over every case that has the part in one of these modes. */
export function eachCase(part: Part, modes: readonly string[] | "any", suite: (given: PartCase) => void): void {
  for (const one of cases) {
    const settings = settingsOfCase(one);
    const has = modesOf(settings, part);
    if (has.length === 0 || (modes !== "any" && !has.every((mode) => modes.includes(mode)))) continue;
    describe(`${part} of ${one.name}`, () => {
      const ran = () => run(one);
      suite({ one, settings, ran, resources: async () => below((await ran()).resources, ...components[part]) });
    });
  }
}

/** Whether a URN is inside the cluster that some cloud makes. */
export const isInCluster = (urn: string): boolean => components.cluster.some((component) => urn.includes(component));

/** Nothing of it is made: components that read, what they read, and providers. */
export const isOnlyRead = ({ custom, read, type }: RecordedResource): boolean =>
  !custom || read || type.startsWith("pulumi:providers:");
