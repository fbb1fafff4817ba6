import * as pulumi from "@pulumi/pulumi";

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
