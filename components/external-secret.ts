import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster, SecretRef } from "../providers/contract.js";
import { contentName } from "./content-name.js";
import { inside } from "./inside.js";

/** A field of an entry, such as `password`. */
export interface Field {
  readonly entry: SecretRef;
  readonly property: string;
}

export interface ExternalSecretArgs {
  readonly cluster: Cluster;
  /** Where the Secret is wanted. */
  readonly namespace: pulumi.Input<string>;
  /** The ClusterSecretStore by which the stack's entries are read; it answers. */
  readonly store: CustomResource;
  /** What is fetched, by the names that templates know it by: letters, digits and `_`. */
  readonly fields: Readonly<Record<string, Field>>;
  /** The Secret's keys, each a text with `{{ .name }}` where a field belongs. */
  readonly templates: Readonly<Record<string, pulumi.Input<string>>>;
  /** @default Opaque */
  readonly type?: string;
}

/**
 * A Secret in a namespace, filled from the stack's store by External Secrets; its name is what pods are given. The name
 * ends in a hash of what is in it, so that another value is another Secret: whoever uses it starts again with the new
 * one, which is there by then, and goes on with the old one until then.
 */
export function createExternalSecret(
  name: string,
  stem: string,
  args: ExternalSecretArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const secretName = pulumi
    .output({ templates: inOrder(args.templates), versions: versionsOf(inOrder(args.fields)) })
    .apply((content) => contentName(stem, content));
  const external = new CustomResource(name, renderExternalSecret(secretName, args), {
    ...inside(args.cluster, parent),
    dependsOn: [args.store],
    customTimeouts: { create: "5m", update: "5m" },
  });
  // By way of the object: whoever is given the name waits until the Secret is filled.
  return external.metadata.name;
}

const versionsOf = (fields: ExternalSecretArgs["fields"]) =>
  Object.entries(fields).map(([name, { entry, property }]) => ({
    name,
    property,
    key: entry.key,
    version: entry.version,
  }));

/** So that the order in which somebody says things changes nothing. */
const inOrder = <T>(map: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1)));

/** External Secrets' own object, of its stable API. */
export const renderExternalSecret = (
  secretName: pulumi.Input<string>,
  { namespace, store, fields, templates, type }: ExternalSecretArgs,
) => ({
  apiVersion: "external-secrets.io/v1",
  kind: "ExternalSecret",
  metadata: {
    name: secretName,
    namespace,
    annotations: { "pulumi.com/waitFor": "condition=Ready" },
  },
  spec: {
    refreshInterval: "1h",
    secretStoreRef: { kind: "ClusterSecretStore", name: store.metadata.name },
    target: {
      name: secretName,
      creationPolicy: "Owner",
      template: {
        engineVersion: "v2",
        mergePolicy: "Replace",
        ...(type === undefined ? {} : { type }),
        data: { ...templates },
      },
    },
    data: Object.entries(fields).map(([secretKey, { entry, property }]) => ({
      secretKey,
      remoteRef: { key: entry.key, property },
    })),
  },
});
