import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../../../providers/contract.js";

/** A cluster for the parts beside it. Clouds differ in the identity that pulls its images. */
export const dataClusterOf = (puller: string): Cluster => ({
  name: pulumi.output("agents-cluster"),
  provider: new Provider("kubernetes", { kubeconfig: "{}" }),
  kubeconfig: pulumi.output("{}"),
  storageClasses: { ssd: undefined },
  provides: { metricsServer: true, nodeAutoscaling: true, nodeCertificates: true, loadBalancers: true },
  credentialEndpoint: [],
  ready: [],
  deletedWith: undefined,
  puller: pulumi.output(puller),
});
