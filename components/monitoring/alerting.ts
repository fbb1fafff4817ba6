import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import * as pulumi from "@pulumi/pulumi";
import { ownReceivers } from "../../config/monitoring/reach.js";
import type { Receivers } from "../../config/monitoring/receivers.js";
import { receiverSecrets } from "../../config/monitoring/secrets.js";
import type { SecretRef } from "../../providers/contract.js";
import { contentName } from "../content-name.js";
import { createExternalSecret } from "../external-secret.js";
import { inside } from "../inside.js";
import { CONFIG_FILE, messageFiles, mountOf, renderAlertmanagerConfig } from "./alerting/config.js";
import type { MonitoringScene } from "./scene.js";

/** What it stands on. */
export type AlertingScene = Pick<MonitoringScene, "watching" | "secrets" | "cluster" | "namespace" | "store">;

/** What the Alertmanager object is given. */
export interface Alerting {
  /** Its `configSecret`: configuration and texts of messages. */
  readonly configSecret: pulumi.Output<string>;
  /** Its `secrets`: what the configuration names by file. */
  readonly secrets: readonly pulumi.Output<string>[];
}

const entriesOf = (receivers: Receivers, secrets: AlertingScene["secrets"]): Readonly<Record<string, SecretRef>> =>
  Object.fromEntries(
    receiverSecrets(receivers).map((name) => {
      const entry = secrets[name];
      if (entry === undefined) throw new Error(`${name} is named by monitoring.receivers and not in the store`);
      return [name, entry];
    }),
  );

/**
 * Whom alerts reach, as Alertmanager reads it; nothing where alerts go to an Alertmanager that exists. Both Secrets are
 * named by what is in them: another receiver is another configuration, and another key is another file for pods that
 * start anew. Costs nothing but what the receivers cost.
 */
export function createAlerting(name: string, scene: AlertingScene, parent: pulumi.Resource): Alerting | undefined {
  const { watching, cluster, namespace } = scene;
  const receivers = ownReceivers(watching);
  if (receivers === undefined) return undefined;
  const secrets = createReceiverSecrets(`${name}-receivers`, entriesOf(receivers, scene.secrets), scene, parent);
  const config = pulumi
    .output(secrets ?? "")
    .apply((secret) => renderAlertmanagerConfig(receivers, { secrets: mountOf(secret) }));
  const files = config.apply((text) => ({ [CONFIG_FILE]: text, ...messageFiles }));
  const made = new Secret(
    `${name}-config`,
    {
      metadata: { name: files.apply((content) => contentName("alertmanager-config", content)), namespace },
      immutable: true,
      stringData: files,
    },
    inside(cluster, parent),
  );
  return { configSecret: made.metadata.name, secrets: secrets === undefined ? [] : [secrets] };
}

/** A file for each secret, under its name. */
function createReceiverSecrets(
  name: string,
  entries: Readonly<Record<string, SecretRef>>,
  { cluster, namespace, store }: AlertingScene,
  parent: pulumi.Resource,
): pulumi.Output<string> | undefined {
  const names = Object.keys(entries);
  if (names.length === 0) return undefined;
  return createExternalSecret(
    name,
    "alertmanager-receivers",
    {
      cluster,
      namespace,
      store,
      fields: Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, { entry, property: "value" }])),
      templates: Object.fromEntries(names.map((key) => [key, `{{ .${key} }}`])),
    },
    parent,
  );
}
