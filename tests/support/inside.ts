import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Settings } from "../../config/settings.js";
import type { Cluster, SecretStore } from "../../providers/contract.js";
import { LocalCluster } from "../../providers/local/cluster.js";
import { localNetwork } from "../../providers/local/network.js";
import { LocalSecretStore } from "../../providers/local/secrets.js";

export interface Ground {
  readonly cluster: Cluster;
  readonly secrets: SecretStore;
  readonly parent: pulumi.ComponentResource;
}

/** What a part in the cluster stands on: a cluster, a secret store and a parent with the other providers. */
export function ground(stack: Settings): Ground {
  const parent = new pulumi.ComponentResource(
    "test:index:Platform",
    "platform",
    {},
    { providers: [new random.Provider("random")] },
  );
  const network = localNetwork(stack.network);
  const cluster = new LocalCluster("platform", { settings: stack.cluster, network }, { parent });
  const secrets = new LocalSecretStore("platform", { settings: stack.secretStore, cluster, stack }, { parent });
  return { cluster, secrets, parent };
}

/** A cluster of the platform's own: objects go with it, and pods wait for its nodes. */
export function madeCluster(parent: pulumi.Resource): Cluster {
  const made = new random.RandomId("made-cluster", { byteLength: 4 }, { parent });
  return {
    name: pulumi.output("made"),
    provider: new kubernetes.Provider("made-kubernetes", {}, { parent }),
    kubeconfig: pulumi.secret(""),
    storageClasses: { ssd: pulumi.output("ssd") },
    provides: { metricsServer: true, nodeAutoscaling: true, nodeCertificates: true, loadBalancers: true },
    credentialEndpoint: [],
    ready: [made],
    deletedWith: made,
    puller: pulumi.output(""),
  };
}
