import type { Planned } from "../contract.js";

export const plannedOnLocal: Planned = {
  describe: {
    "pulumi:providers:kubernetes": ({ context, kubeconfig }) =>
      `${context === undefined ? "the current context" : `context ${context}`} of ${kubeconfig === undefined ? "kubectl" : kubeconfig}`,
  },
  reads: {},
};
