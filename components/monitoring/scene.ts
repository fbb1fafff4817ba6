import type { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import type * as pulumi from "@pulumi/pulumi";
import type { MonitoringSettings } from "../../config/monitoring/schema.js";
import type { ServiceSettings } from "../../config/service-schema.js";
import type { Settings } from "../../config/settings.js";
import type {
  Bucket,
  Cache,
  Cloud,
  Cluster,
  Database,
  Network,
  Observe,
  SecretRef,
  SecretStore,
} from "../../providers/contract.js";

export type Watching = Exclude<MonitoringSettings, { mode: "none" }>;

/** What all parts of monitoring stand on. */
export interface MonitoringScene {
  readonly settings: Settings;
  /** `settings.monitoring`, of a mode that watches. */
  readonly watching: Watching;
  readonly cloud: Cloud;
  readonly network: Network;
  readonly cluster: Cluster;
  readonly secretStore: SecretStore;
  readonly observe: Observe;
  /** Services that the platform runs. */
  readonly running: Readonly<Record<string, ServiceSettings>>;
  readonly databases: Readonly<Record<string, Database>>;
  readonly caches: Readonly<Record<string, Cache>>;
  readonly buckets: Readonly<Record<string, Bucket>>;
  /** Where services run. */
  readonly services: pulumi.Input<string>;
  /** Of monitoring itself: no pod there may do more than the `restricted` standard lets it. */
  readonly namespace: pulumi.Input<string>;
  /** Of what must see each node from within, and is let. */
  readonly nodes: pulumi.Input<string>;
  /** By which External Secrets reads the stack's entries. */
  readonly store: CustomResource;
  /** The stack's own secrets by name, as the store keeps them. */
  readonly secrets: Readonly<Record<string, SecretRef>>;
}
