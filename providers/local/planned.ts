import type { Planned } from "../contract.js";

const target = ({ context, kubeconfig }: Readonly<Record<string, unknown>>): string =>
  `${context === undefined ? "the current context" : `context ${context}`} of ${kubeconfig === undefined ? "kubectl" : kubeconfig}`;

export const plannedOnLocal: Planned = {
  describe: {
    "pulumi:providers:kubernetes": target,
  },
  facts: {
    "agent-platform:local:Cluster": () => ({ service: "a cluster that exists" }),
    "pulumi:providers:kubernetes": (provider) => ({ access: target(provider) }),
    "agent-platform:local:SecretStore": () => ({ service: "Kubernetes Secrets" }),
    "agent-platform:local:Bucket": () => ({ service: "S3-compatible store that exists" }),
  },
  keeps: {},
  replacedBy: {},
  reads: {},
};
