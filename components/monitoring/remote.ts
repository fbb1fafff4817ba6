import type { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Cluster, SecretRef } from "../../providers/contract.js";
import { createExternalSecret } from "../external-secret.js";
import type { MonitoringScene, Watching } from "./scene.js";

type Existing = Extract<Watching, { mode: "existing" }>;

/** How Prometheus hands on what it measures, and whom it tells of alerts. */
export interface Forwarding {
  /** Values of `prometheusSpec`. */
  readonly values: pulumi.Inputs;
}

const TOKEN = "token";
const ALERTS_TOKEN = "alertmanager-token";

/**
 * Everything that is measured goes to a Prometheus that exists, as it is scraped; rules are evaluated here, so alerts
 * come even while the other is away. What could not be sent waits on the disk for as long as Prometheus' log reaches
 * back, about two hours.
 */
export function createForwarding(
  name: string,
  { settings, watching, cluster, namespace, store, secrets }: MonitoringScene,
  parent: pulumi.Resource,
): Forwarding | undefined {
  if (watching.mode !== "existing") return undefined;
  const secret = createTokens(name, tokensOf(watching, secrets), { settings, cluster, namespace, store }, parent);
  return {
    values: renderForwarding(watching, secret),
  };
}

const tokensOf = (
  { token, alertmanagerToken }: Existing,
  secrets: MonitoringScene["secrets"],
): Readonly<Record<string, SecretRef>> =>
  Object.fromEntries(
    Object.entries({ [TOKEN]: token, [ALERTS_TOKEN]: alertmanagerToken }).flatMap(([key, secret]) => {
      const entry = secret === undefined ? undefined : secrets[secret];
      return entry === undefined ? [] : [[key, entry] as const];
    }),
  );

interface TokenGround {
  readonly settings: Settings;
  readonly cluster: Cluster;
  readonly namespace: pulumi.Input<string>;
  readonly store: CustomResource;
}

function createTokens(
  name: string,
  tokens: Readonly<Record<string, SecretRef>>,
  { cluster, namespace, store }: TokenGround,
  parent: pulumi.Resource,
): pulumi.Output<string> | undefined {
  const keys = Object.keys(tokens);
  if (keys.length === 0) return undefined;
  const fieldOf = (key: string): string => key.replaceAll("-", "_");
  return createExternalSecret(
    `${name}-tokens`,
    `${name}-tokens`,
    {
      cluster,
      namespace,
      store,
      fields: Object.fromEntries(
        Object.entries(tokens).map(([key, entry]) => [fieldOf(key), { entry, property: "value" }]),
      ),
      templates: Object.fromEntries(keys.map((key) => [key, `{{ .${fieldOf(key)} }}`])),
    },
    parent,
  );
}

/** Where the operator mounts Secrets that are named in `secrets`. */
const SECRETS = "/etc/prometheus/secrets";

export function renderForwarding(
  { remoteWrite, token, alertmanager, alertmanagerToken }: Existing,
  secret: pulumi.Input<string> | undefined,
): pulumi.Inputs {
  const credentials = token === undefined || secret === undefined ? undefined : { name: secret, key: TOKEN };
  const file =
    alertmanagerToken === undefined || secret === undefined
      ? undefined
      : pulumi.interpolate`${SECRETS}/${secret}/${ALERTS_TOKEN}`;
  return {
    remoteWrite: [
      {
        url: remoteWrite,
        sendExemplars: true,
        ...(credentials === undefined ? {} : { authorization: { type: "Bearer", credentials } }),
      },
    ],
    ...(alertmanager === undefined ? {} : { additionalAlertManagerConfigs: [renderAlertmanager(alertmanager, file)] }),
    ...(file === undefined ? {} : { secrets: [secret] }),
  };
}

/** As Prometheus' own configuration has it: the operator knows only such as are Services. */
function renderAlertmanager(address: string, tokenFile: pulumi.Input<string> | undefined) {
  const { protocol, host, pathname } = new URL(address);
  return {
    scheme: protocol.slice(0, -1),
    path_prefix: pathname,
    api_version: "v2",
    static_configs: [{ targets: [host] }],
    ...(tokenFile === undefined ? {} : { authorization: { type: "Bearer", credentials_file: tokenFile } }),
  };
}
