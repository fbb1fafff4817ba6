import type { Access } from "../../engine/cluster/api.js";
import { accessFrom } from "../../engine/providers/kubernetes/kubeconfig.js";

/** The API server of a kubeconfig, and who asks it. */
export async function accessTo(kubeconfig: string): Promise<Access> {
  const { server, tls, authorization } = accessFrom(kubeconfig, undefined);
  const token = (await authorization())?.replace(/^Bearer /, "");
  const { ca, cert, key } = tls;
  if (ca === undefined) throw new Error(`${kubeconfig} does not say by whom the API server's certificate is signed`);
  return {
    endpoint: server,
    ca,
    ...(token === undefined ? {} : { token }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}
