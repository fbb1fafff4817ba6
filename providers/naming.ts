import type { CloudName, EnvironmentName } from "../config/names.js";

/** Every physical name begins with this; never with the Pulumi project or stack. */
export const prefixOf = (name: string, environment: EnvironmentName): string => `${name}-${environment}`;

/** What gets a name of its own from the settings' keys. */
export type NamedPart = "database" | "cache" | "bucket" | "service" | "pool";

const nouns: Readonly<Record<NamedPart, string>> = {
  database: "db-",
  cache: "kv-",
  bucket: "bucket-",
  service: "",
  pool: "",
};

/** The logical name of a part, which is also the stem of its physical name: `agents-production-db-main`. */
export const partName = (prefix: string, part: NamedPart, key: string): string => `${prefix}-${nouns[part]}${key}`;

export interface NameRule {
  /** The longest name that the service takes. */
  readonly max: number;
  /** What is added to the stem: the program's own suffix and Pulumi's hyphen with seven random characters. */
  readonly added: number;
  readonly service: string;
  /** Names of the key alone, without hyphens, where the service takes neither those nor the stack's prefix. */
  readonly stem?: "key";
}

const AUTO_NAME = 8;

/** The tightest limit that each part's names meet in each cloud. */
export const nameRules: Readonly<Record<CloudName, Readonly<Record<NamedPart, NameRule>>>> = {
  aws: {
    database: { max: 63, added: "-replica-5".length + AUTO_NAME, service: "RDS" },
    cache: { max: 40, added: AUTO_NAME, service: "ElastiCache" },
    bucket: { max: 63, added: AUTO_NAME, service: "S3" },
    service: { max: 64, added: AUTO_NAME, service: "IAM" },
    pool: { max: 63, added: AUTO_NAME, service: "EKS" },
  },
  gcp: {
    // Endpoints and their zones carry the server's name; Cloud SQL itself takes more.
    database: { max: 63, added: "-replica-5".length + AUTO_NAME, service: "Compute Engine" },
    // Each has a key, which is called after it.
    cache: { max: 63, added: "-key".length + AUTO_NAME, service: "Cloud KMS" },
    bucket: { max: 63, added: "-key".length + AUTO_NAME, service: "Cloud KMS" },
    service: { max: 63, added: AUTO_NAME, service: "Artifact Registry" },
    pool: { max: 40, added: AUTO_NAME, service: "GKE" },
  },
  azure: {
    database: { max: 63, added: "-replica-5".length + AUTO_NAME, service: "Azure Database for PostgreSQL" },
    cache: { max: 60, added: AUTO_NAME, service: "Azure Managed Redis" },
    // The storage account's name is short and ends in chance; this is the endpoint's.
    bucket: { max: 64, added: AUTO_NAME, service: "Azure Private Link" },
    service: { max: 127, added: AUTO_NAME, service: "Key Vault" },
    pool: { max: 12, added: 4, service: "AKS", stem: "key" },
  },
  local: {
    database: { max: 50, added: 0, service: "CloudNativePG" },
    cache: { max: 52, added: 0, service: "Kubernetes StatefulSet" },
    bucket: { max: 63, added: 0, service: "Kubernetes" },
    service: { max: 63, added: 0, service: "Kubernetes" },
    pool: { max: 63, added: 0, service: "Kubernetes" },
  },
};

/** What a part's physical name begins with. */
export const stemOf = (cloud: CloudName, prefix: string, part: NamedPart, key: string): string =>
  nameRules[cloud][part].stem === "key" ? key.replaceAll("-", "") : partName(prefix, part, key);

/** How many characters too long the physical name of a part would be; 0 where it fits. */
export function excess(cloud: CloudName, prefix: string, part: NamedPart, key: string): number {
  const rule = nameRules[cloud][part];
  return Math.max(0, stemOf(cloud, prefix, part, key).length + rule.added - rule.max);
}
