import * as pulumi from "@pulumi/pulumi";
import type { ClusterSettings, InMode } from "../config/schema.js";

export interface Kubeconfig {
  readonly name: pulumi.Input<string>;
  readonly server: pulumi.Input<string>;
  /** The CA that signed the server's certificate, base64; undefined where it is a public one. */
  readonly ca: pulumi.Input<string | undefined>;
  /** The cloud's own tool, which asks for a token each time. */
  readonly exec: {
    readonly command: string;
    readonly args: readonly pulumi.Input<string>[];
    readonly provideClusterInfo?: true;
  };
}

/** A kubeconfig without credentials: the tool that it names has those of whoever runs the program. */
export const kubeconfigOf = ({ name, server, ca, exec }: Kubeconfig): pulumi.Output<string> =>
  pulumi.secret(
    pulumi.jsonStringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name, cluster: { server, "certificate-authority-data": ca } }],
      users: [{ name, user: { exec: { apiVersion: "client.authentication.k8s.io/v1beta1", ...exec } } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      "current-context": name,
    }),
  );

export interface ClusterAccess {
  readonly kubeconfig: pulumi.Output<string>;
  readonly provider: {
    readonly kubeconfig?: pulumi.Input<string>;
    readonly context?: string;
    readonly clusterIdentifier?: pulumi.Input<string>;
  };
}

/** How to reach a cluster that exists: as the stack says, or else as its cloud does, where another cluster is another `id`. */
export function accessTo(
  { kubeconfig, context }: InMode<ClusterSettings, "existing">,
  ofTheCloud: () => { readonly kubeconfig: pulumi.Output<string>; readonly id: pulumi.Output<string> },
): ClusterAccess {
  if (kubeconfig === undefined && context === undefined) {
    const made = ofTheCloud();
    return { kubeconfig: made.kubeconfig, provider: { kubeconfig: made.kubeconfig, clusterIdentifier: made.id } };
  }
  // The runner's own file is used where it lies: what is in it is not this stack's to hand out.
  return {
    kubeconfig: pulumi.secret(""),
    provider: { ...(kubeconfig === undefined ? {} : { kubeconfig }), ...(context === undefined ? {} : { context }) },
  };
}
