import type { ListManagedClusterUserCredentialsResult } from "@pulumi/azure-native/containerservice/listManagedClusterUserCredentials.js";
import type * as pulumi from "@pulumi/pulumi";
import { kubeconfigOf } from "../kubeconfig.js";

/** The API servers of all AKS clusters are one application to Entra: https://azure.github.io/kubelogin/concepts/aks.html */
const SERVER_APPLICATION = "6dae42f8-4368-4678-94ff-3960e28e3630";

/**
 * Asks kubelogin for a token each time, which asks the Azure CLI: no credentials are in it. A runner without the CLI
 * says `AAD_LOGIN_METHOD=workloadidentity`, or whatever it has, which kubelogin puts first.
 */
export function kubeconfigFor(
  name: pulumi.Output<string>,
  credentials: pulumi.Output<ListManagedClusterUserCredentialsResult>,
): pulumi.Output<string> {
  const { server, ca } = addressIn(credentials);
  const args = ["get-token", "--login", "azurecli", "--server-id", SERVER_APPLICATION];
  return kubeconfigOf({ name, server, ca, exec: { command: "kubelogin", args } });
}

/** Azure tells the address and the CA of a cluster only inside a kubeconfig, which would ask a person to log in. */
function addressIn(credentials: pulumi.Output<ListManagedClusterUserCredentialsResult>) {
  const address = credentials.apply(({ kubeconfigs }) => {
    const text = Buffer.from(kubeconfigs[0]?.value ?? "", "base64").toString("utf8");
    const server = /^\s*server:\s*"?([^\s"]+)/m.exec(text)?.[1];
    const ca = /^\s*-?\s*certificate-authority-data:\s*"?([^\s"]+)/m.exec(text)?.[1];
    if (server === undefined || ca === undefined) throw new Error("azure: the cluster's kubeconfig has no address");
    return { server, ca };
  });
  return { server: address.server, ca: address.ca };
}
