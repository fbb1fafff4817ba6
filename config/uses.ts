import type { ServiceSettings } from "./service-schema.js";

const parts = {
  database: "databases",
  cache: "caches",
  bucket: "buckets",
  service: "services",
  models: "models",
} as const;

export type UsedPart = (typeof parts)[keyof typeof parts];

/** What a service's role and schema in a database are called: SQL wants quotes around hyphens. */
export const roleName = (service: string): string => service.replaceAll("-", "_");

/** Who measures a database for the stack. It carries the stack's name: several stacks may have databases on one server. */
export const exporterRole = (prefix: string): string => `${roleName(prefix)}_exporter`;

/** `database:analytics` -> the part and the key that it means. */
export function partUsed(use: string): { readonly part: UsedPart; readonly key: string } {
  const [kind, key = "main"] = use.split(":");
  return { part: parts[kind as keyof typeof parts], key };
}

/** The keys of a part that some uses name, in their order. */
export const keysUsed = (uses: readonly string[], part: UsedPart): readonly string[] =>
  uses.map(partUsed).flatMap((used) => (used.part === part ? [used.key] : []));

/** Whether the platform runs it; other services get their access, and something else deploys them. */
export const runsHere = ({ image, build, agents }: Pick<ServiceSettings, "image" | "build" | "agents">): boolean =>
  image !== undefined || build !== undefined || agents?.of !== undefined;

/** How many pods there are is the autoscaler's to say, where there is one: the program says nothing then. */
export const scalesItself = ({ kind, replicas }: Pick<ServiceSettings, "kind" | "replicas">): boolean =>
  kind !== "job" && replicas.min > 0 && replicas.max > replicas.min;

/** What a service can be scaled by beside its processor time and memory. */
export const measures = ["requestsPerSecond", "queueDepth", "tokensPerSecond"] as const;
export type Measure = (typeof measures)[number];
export const measuresOf = (autoscaling: ServiceSettings["autoscaling"]): readonly Measure[] =>
  measures.filter((measure) => autoscaling[measure] !== undefined);

/** Whether that is asked of a Prometheus, where one is there. */
export const scalesByMeasures = (service: Pick<ServiceSettings, "kind" | "replicas" | "autoscaling">): boolean =>
  scalesItself(service) && measuresOf(service.autoscaling).length > 0;

/** While a rollout is under way: the most pods there may be, and one more. */
export const podsAtOnce = ({ replicas }: Pick<ServiceSettings, "replicas">): number => replicas.max + 1;

/** Connections that all of a service's pods may open to each of its databases. */
export const connectionsOf = (service: Pick<ServiceSettings, "replicas" | "connections">): number =>
  podsAtOnce(service) * service.connections;
