import * as pulumi from "@pulumi/pulumi";
import { monitoringSecrets } from "../../config/monitoring/secrets.js";
import type { SecretRef } from "../../providers/contract.js";
import { archiveEntries } from "./archive.js";
import { createExporterLogins, type ExporterLogin, exporterEntries } from "./exporters.js";
import { createGrafanaAdmin } from "./grafana.js";
import type { MonitoringScene } from "./scene.js";

export interface MonitoringKeysArgs
  extends Pick<MonitoringScene, "settings" | "watching" | "secretStore" | "secrets" | "caches" | "buckets"> {
  /** Databases that the stack may make a login in. */
  readonly prepared: readonly string[];
}

/**
 * The passwords that monitoring generates: Grafana's administrator's, and that of a login to each database that measures
 * and reads no rows. Costs a secret for each.
 */
export class MonitoringKeys extends pulumi.ComponentResource {
  /** None where dashboards are looked at in a Grafana that exists. */
  public readonly grafana: SecretRef | undefined;
  /** By database. */
  public readonly logins: Readonly<Record<string, ExporterLogin>>;
  /** All that pods of monitoring are handed: what may be fetched for them. */
  public readonly entries: readonly SecretRef[];

  constructor(name: string, args: MonitoringKeysArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:monitoring:MonitoringKeys", name, {}, opts);
    const { watching, secretStore, secrets } = args;
    this.grafana = watching.mode === "inCluster" ? createGrafanaAdmin(`${name}-grafana`, secretStore, this) : undefined;
    this.logins = createExporterLogins(name, args, args.prepared, this);
    this.entries = [
      ...(this.grafana === undefined ? [] : [this.grafana]),
      ...exporterEntries(args, this.logins),
      ...archiveEntries(args),
      ...monitoringSecrets(watching).flatMap((secret) => secrets[secret] ?? []),
    ];
    this.registerOutputs({});
  }
}
