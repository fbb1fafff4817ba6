import assert from "node:assert/strict";
import { valuesFor } from "../../../components/addons/kube-prometheus-stack.js";
import { settingsOf } from "../../support/settings.js";
import { resourcesOf } from "./addon.js";

const stack = settingsOf({ cloud: "local" });
const values = valuesFor(stack, {
  namespace: "agents-development-monitoring",
  nodes: "agents-development-nodes",
  parts: { prometheus: { prometheusSpec: {} }, alertmanager: undefined, grafana: { replicas: 1 } },
});
const off = { enabled: false };

describe("kube-prometheus-stack", () => {
  it("brings no rules, no dashboards, no definitions and no monitors of its own", () => {
    const { crds, defaultRules, kubelet, kubeApiServer, coreDns, kubeEtcd, kubeScheduler } = values;
    assert.deepEqual([crds, defaultRules], [off, { create: false }]);
    for (const part of [kubelet, kubeApiServer, coreDns, kubeEtcd, kubeScheduler]) assert.deepEqual(part, off);
    const { kubeControllerManager, kubeProxy, prometheusOperator } = values;
    assert.deepEqual([kubeControllerManager, kubeProxy], [off, off]);
    assert.deepEqual(prometheusOperator.serviceMonitor, { selfMonitor: false });
    assert.deepEqual(values["kube-state-metrics"].prometheus, { monitor: off });
    assert.deepEqual(values["prometheus-node-exporter"].prometheus, { monitor: off });
  });

  it("has names that another stack's in the same cluster has not", () => {
    assert.deepEqual(
      [
        values.fullnameOverride,
        values["kube-state-metrics"].fullnameOverride,
        values["prometheus-node-exporter"].fullnameOverride,
      ],
      ["agents-development", "agents-development-kube-state-metrics", "agents-development-node-exporter"],
    );
  });

  it("has an operator that looks at its own namespace, leaves kube-system alone, and refuses bad rules there", () => {
    const { image, prometheusConfigReloader, thanosImage, ...operator } = values.prometheusOperator;
    assert.deepEqual(operator, {
      namespaces: { releaseNamespace: true, additional: [] },
      kubeletService: off,
      kubeletEndpointsEnabled: false,
      featureGates: { StatusForConfigurationResources: false },
      serviceMonitor: { selfMonitor: false },
      resources: resourcesOf("100m", "256Mi"),
      admissionWebhooks: {
        failurePolicy: "Fail",
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "agents-development-monitoring" } },
        patch: {
          image: { registry: "ghcr.io", repository: "jkroepke/kube-webhook-certgen", tag: "1.8.9" },
          resources: resourcesOf("10m", "64Mi"),
        },
      },
    });
  });

  it("looks at each node from a namespace that lets it, whatever other pods are kept off by", () => {
    const { namespaceOverride, tolerations, containerSecurityContext } = values["prometheus-node-exporter"];
    assert.deepEqual([namespaceOverride, tolerations], ["agents-development-nodes", [{ operator: "Exists" }]]);
    assert.deepEqual(containerSecurityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("counts objects without reading a Secret", () => {
    assert.ok(!values["kube-state-metrics"].collectors.includes("secrets"));
    assert.ok(values["kube-state-metrics"].collectors.includes("pods"));
  });

  it("has the parts that it is given", () => {
    assert.deepEqual(
      [values.prometheus, values.alertmanager, values.grafana],
      [{ prometheusSpec: {} }, off, { replicas: 1 }],
    );
  });
});
