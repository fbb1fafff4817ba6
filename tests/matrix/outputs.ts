import { UNKNOWN } from "../../plan/record.js";
import { SECRET } from "../../plan/values.js";

/** What an output is, whatever the cloud: what docs/outputs.md says. A map with `each` has the stack's own keys. */
type Shape =
  | "text"
  | "number"
  | "flag"
  | "texts"
  | "secret"
  | { readonly each: Shape }
  | { readonly [key: string]: Shape };

const database = {
  version: "text",
  host: "text",
  port: "number",
  name: "text",
  readHosts: "texts",
  tls: "flag",
  ca: "text",
  ownerSecret: "text",
  ownerStore: "text",
  ownerIdentity: "text",
  identity: "text",
} as const;
const cache = {
  host: "text",
  port: "number",
  tls: "flag",
  ca: "text",
  authSecret: "text",
  authStore: "text",
  authIdentity: "text",
  clusterMode: "flag",
} as const;
const bucket = {
  id: "text",
  url: "text",
  region: "text",
  endpoint: "text",
  encryptionKey: "text",
  credentialsSecret: "text",
  identity: "text",
} as const;

const outputs = {
  schemaVersion: "number",
  cloud: "text",
  region: "text",
  environment: "text",
  url: "text",
  gatewayAddress: "text",
  grafanaUrl: "text",
  bootstrapKey: { store: "text", key: "text" },
  domain: { name: "text", zone: "text" },
  nameServers: "texts",
  network: { id: "text", subnets: { public: "texts", private: "texts", data: "texts" } },
  cluster: { id: "text" },
  kubeconfig: "secret",
  namespaces: { services: "text" },
  secretStore: { id: "text", store: "text" },
  databases: { each: database },
  caches: { each: cache },
  buckets: { each: bucket },
  registry: "text",
  logs: "text",
  services: { each: { principal: "text", roles: { each: "text" }, secrets: { each: "text" } } },
} as const satisfies Shape;

/** Where outputs are not what they always are. What is unknown in a plan may be anything. */
export const outputFaults = (value: unknown): readonly string[] => faults(value, outputs, "outputs");

function faults(value: unknown, shape: Shape, path: string): readonly string[] {
  if (shape === "secret") return value === SECRET ? [] : [`${path} is not secret`];
  if (value === UNKNOWN) return [];
  if (value === SECRET) return [`${path} is secret`];
  if (typeof shape === "string")
    return kinds[shape](value) ? [] : [`${path} is ${JSON.stringify(value)}, not a ${shape}`];
  if (typeof value !== "object" || value === null) return [`${path} is ${JSON.stringify(value)}, not a map`];
  const map = value as Readonly<Record<string, unknown>>;
  if (isEach(shape)) return Object.entries(map).flatMap(([key, item]) => faults(item, shape.each, `${path}.${key}`));
  const more = Object.keys(map).filter((key) => !Object.hasOwn(shape, key));
  return [
    ...more.map((key) => `${path}.${key} is new: is it in docs/outputs.md?`),
    ...Object.entries(shape).flatMap(([key, inner]) =>
      Object.hasOwn(map, key) ? faults(map[key], inner, `${path}.${key}`) : [`${path}.${key} is missing`],
    ),
  ];
}

const isEach = (shape: object): shape is { readonly each: Shape } => "each" in shape;

const kinds: Readonly<Record<"text" | "number" | "flag" | "texts", (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  flag: (value) => typeof value === "boolean",
  texts: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
};
