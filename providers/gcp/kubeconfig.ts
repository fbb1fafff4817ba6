import type * as pulumi from "@pulumi/pulumi";
import { type Kubeconfig, kubeconfigOf } from "../kubeconfig.js";

export type Endpoint = Pick<Kubeconfig, "server" | "ca">;

/**
 * Asks Google's plugin for a token each time, with the credentials of the program that makes the cluster: none are in
 * it. https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl#install_plugin
 */
export const kubeconfigFor = (name: pulumi.Input<string>, { server, ca }: Endpoint): pulumi.Output<string> =>
  kubeconfigOf({
    name,
    server,
    ca,
    exec: {
      command: "gke-gcloud-auth-plugin",
      args: ["--use_application_default_credentials"],
      provideClusterInfo: true,
    },
  });
