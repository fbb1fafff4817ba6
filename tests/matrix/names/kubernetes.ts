import { label, type NamesOfCloud } from "./rule.js";

/** RFC 1123: may begin with a digit too. */
const subdomain = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const object = { at: "metadata.name", max: 253, pattern: subdomain, within: "metadata.namespace" };

export const kubernetes: NamesOfCloud = {
  rules: {
    // Its pods carry the name in a label, with a hyphen and ten letters behind it.
    "kubernetes:apps/v1:DaemonSet": { ...object, max: 52, pattern: label },
    "kubernetes:apps/v1:Deployment": { ...object, max: 63, pattern: label },
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler": object,
    // Its jobs have the name with eleven letters behind it.
    "kubernetes:batch/v1:CronJob": { ...object, max: 52, pattern: label },
    // Its pods carry the name in a label.
    "kubernetes:batch/v1:Job": { ...object, max: 63, pattern: label },
    // Its pods carry the name in a label, with a hyphen and ten letters behind it.
    "kubernetes:apps/v1:StatefulSet": { ...object, max: 52, pattern: label },
    "kubernetes:cert-manager.io/v1:Certificate": object,
    "kubernetes:cert-manager.io/v1:ClusterIssuer": { at: "metadata.name", max: 253, pattern: subdomain },
    "kubernetes:cert-manager.io/v1:Issuer": object,
    "kubernetes:core/v1:ConfigMap": object,
    "kubernetes:core/v1:Namespace": {
      at: "metadata.name",
      max: 63,
      pattern: label,
      reserved: /^(kube-|default$)/,
    },
    "kubernetes:core/v1:PersistentVolumeClaim": object,
    "kubernetes:core/v1:Secret": object,
    "kubernetes:core/v1:Service": { ...object, max: 63, pattern: label },
    "kubernetes:core/v1:ServiceAccount": { ...object, reserved: /^default$/ },
    "kubernetes:external-secrets.io/v1:ClusterSecretStore": { at: "metadata.name", max: 253, pattern: subdomain },
    "kubernetes:external-secrets.io/v1:ExternalSecret": object,
    "kubernetes:gateway.envoyproxy.io/v1alpha1:BackendTrafficPolicy": object,
    "kubernetes:gateway.envoyproxy.io/v1alpha1:ClientTrafficPolicy": object,
    "kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyProxy": object,
    "kubernetes:gateway.envoyproxy.io/v1alpha1:SecurityPolicy": object,
    // Pods of its proxies carry the name in a label.
    "kubernetes:gateway.networking.k8s.io/v1:Gateway": { ...object, max: 63, pattern: label },
    "kubernetes:gateway.networking.k8s.io/v1:GatewayClass": { at: "metadata.name", max: 253, pattern: subdomain },
    "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute": object,
    "kubernetes:helm.sh/v3:Release": { at: "name", max: 53, pattern: label, within: "namespace" },
    // The autoscaler that KEDA makes of it carries `keda-hpa-` and the name in a label.
    "kubernetes:keda.sh/v1alpha1:ScaledObject": { ...object, max: 54, pattern: label },
    "kubernetes:monitoring.coreos.com/v1:PodMonitor": object,
    "kubernetes:monitoring.coreos.com/v1:Probe": object,
    "kubernetes:monitoring.coreos.com/v1:PrometheusRule": object,
    "kubernetes:monitoring.coreos.com/v1alpha1:ScrapeConfig": object,
    "kubernetes:gateway.networking.k8s.io/v1beta1:ReferenceGrant": object,
    "kubernetes:networking.k8s.io/v1:NetworkPolicy": object,
    "kubernetes:policy/v1:PodDisruptionBudget": object,
    // The operator makes services of it, with an ending each.
    "kubernetes:postgresql.cnpg.io/v1:Cluster": { ...object, max: 50, pattern: label },
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole": {
      at: "metadata.name",
      max: 253,
      pattern: subdomain,
      reserved: /^system:/,
    },
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": {
      at: "metadata.name",
      max: 253,
      pattern: subdomain,
      reserved: /^system:/,
    },
    "kubernetes:rbac.authorization.k8s.io/v1:Role": object,
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": object,
    "kubernetes:scheduling.k8s.io/v1:PriorityClass": {
      at: "metadata.name",
      max: 253,
      pattern: subdomain,
      reserved: /^system-/,
    },
    "kubernetes:storage.k8s.io/v1:StorageClass": { at: "metadata.name", max: 253, pattern: subdomain },
  },
  nameless: { "docker-build:index:Image": "called by the registry's repository" },
};
