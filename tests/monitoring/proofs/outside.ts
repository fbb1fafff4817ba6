import type { outsideAlerts } from "../../../components/monitoring/rules/outside.js";
import type { Proof } from "../proof.js";

export const outsideProofs: Readonly<Record<keyof typeof outsideAlerts, Proof>> = {
  "GatewayErrors/warning": {
    fires: {
      series: {
        'envoy_http_downstream_rq_xx{job="gateway",pod="envoy-1",envoy_http_conn_manager_prefix="eg-ready-http",envoy_response_code_class="2"}':
          "0+9000x60",
        'envoy_http_downstream_rq_xx{job="gateway",pod="envoy-1",envoy_http_conn_manager_prefix="https-10443",envoy_response_code_class="5"}':
          "0+11x60",
        'envoy_http_downstream_rq_xx{job="gateway",pod="envoy-1",envoy_http_conn_manager_prefix="https-10443",envoy_response_code_class="2"}':
          "0+989x60",
      },
      at: 6,
      labels: { environment: "production", severity: "warning" },
      summary: "The gateway answers with errors",
      description: "1.1 % of the calls that reached the gateway in the last 5 minutes failed.",
    },
    quiet: {
      series: {
        'envoy_http_downstream_rq_xx{job="gateway",pod="envoy-1",envoy_http_conn_manager_prefix="eg-ready-http",envoy_response_code_class="2"}':
          "0+9000x60",
        'envoy_http_downstream_rq_xx{job="gateway",pod="envoy-1",envoy_http_conn_manager_prefix="https-10443",envoy_response_code_class="5"}':
          "0+9x60",
        'envoy_http_downstream_rq_xx{job="gateway",pod="envoy-1",envoy_http_conn_manager_prefix="https-10443",envoy_response_code_class="2"}':
          "0+991x60",
      },
      until: 16,
    },
  },
  "GatewayErrors/critical": {
    fires: {
      series: {
        'envoy_http_downstream_rq_xx{job="gateway",pod="envoy-1",envoy_http_conn_manager_prefix="eg-ready-http",envoy_response_code_class="2"}':
          "0+9000x60",
        'envoy_http_downstream_rq_xx{job="gateway",pod="envoy-1",envoy_http_conn_manager_prefix="https-10443",envoy_response_code_class="5"}':
          "0+110x60",
        'envoy_http_downstream_rq_xx{job="gateway",pod="envoy-1",envoy_http_conn_manager_prefix="https-10443",envoy_response_code_class="2"}':
          "0+890x60",
      },
      at: 6,
      labels: { environment: "production", severity: "critical" },
      summary: "The gateway answers with errors",
      description: "11.0 % of the calls that reached the gateway in the last 5 minutes failed.",
    },
    quiet: {
      series: {
        'envoy_http_downstream_rq_xx{job="gateway",pod="envoy-1",envoy_http_conn_manager_prefix="eg-ready-http",envoy_response_code_class="2"}':
          "0+9000x60",
        'envoy_http_downstream_rq_xx{job="gateway",pod="envoy-1",envoy_http_conn_manager_prefix="https-10443",envoy_response_code_class="5"}':
          "0+99x60",
        'envoy_http_downstream_rq_xx{job="gateway",pod="envoy-1",envoy_http_conn_manager_prefix="https-10443",envoy_response_code_class="2"}':
          "0+901x60",
      },
      until: 16,
    },
  },
  "GatewayNoBackend/critical": {
    fires: {
      series: {
        'envoy_cluster_membership_healthy{job="gateway",pod="envoy-1",envoy_cluster_name="httproute/agents-production/api/rule/0"}':
          "2x4 0x20",
      },
      at: 7,
      labels: {
        environment: "production",
        envoy_cluster_name: "httproute/agents-production/api/rule/0",
        severity: "critical",
      },
      summary: "The gateway has nobody to hand calls to",
      description: "Nobody behind httproute/agents-production/api/rule/0 has been well for 2 minutes.",
    },
    quiet: {
      series: {
        'envoy_cluster_membership_healthy{job="gateway",pod="envoy-1",envoy_cluster_name="httproute/agents-production/api/rule/0"}':
          "2x4 1x20",
        'envoy_cluster_membership_healthy{job="gateway",pod="envoy-1",envoy_cluster_name="xds_cluster"}': "0x60",
      },
      until: 17,
    },
  },
  "GatewayConnectFailures/warning": {
    fires: {
      series: {
        'envoy_cluster_upstream_cx_connect_fail{job="gateway",pod="envoy-1",envoy_cluster_name="httproute/agents-production/api/rule/0"}':
          "0+61x60",
      },
      at: 10,
      labels: {
        environment: "production",
        envoy_cluster_name: "httproute/agents-production/api/rule/0",
        severity: "warning",
      },
      summary: "The gateway does not reach a service",
      description: "1.0 connections a second to httproute/agents-production/api/rule/0 are not opened.",
    },
    quiet: {
      series: {
        'envoy_cluster_upstream_cx_connect_fail{job="gateway",pod="envoy-1",envoy_cluster_name="httproute/agents-production/api/rule/0"}':
          "0+59x60",
      },
      until: 20,
    },
  },
  "LoadBalancerErrors/warning": {
    fires: {
      series: { exporter_load_balancer_errors_per_second: "1.1x60" },
      at: 5,
      labels: { environment: "production", severity: "warning" },
      summary: "The cloud's load balancer fails calls",
      description: "1.1 errors a second in front of the gateway.",
    },
    quiet: { series: { exporter_load_balancer_errors_per_second: "1x60" }, until: 15 },
  },
  "UptimeFailed/critical": {
    fires: {
      series: { 'exporter_uptime_success{check="api"}': "1x4 0x20" },
      at: 10,
      labels: { check: "api", environment: "production", severity: "critical" },
      summary: "api does not answer from outside",
      description: "Most who ask api from outside have had no good answer for 5 minutes.",
    },
    quiet: { series: { 'exporter_uptime_success{check="api"}': "1x4 0.5x20" }, until: 20 },
  },
  "CertificateExpiry/warning": {
    fires: {
      series: {
        'certmanager_certificate_expiration_timestamp_seconds{job="cert-manager",name="agents-production-certificate",issuer_name="agents-production",issuer_kind="Issuer",issuer_group="cert-manager.io"}':
          "1815000x100",
      },
      at: 71,
      labels: { environment: "production", name: "agents-production-certificate", severity: "warning" },
      summary: "Certificate agents-production-certificate ends soon",
      description: "agents-production-certificate is valid for 21.0 more days, and was not renewed.",
    },
    quiet: {
      series: {
        'certmanager_certificate_expiration_timestamp_seconds{job="cert-manager",name="agents-production-certificate",issuer_name="agents-production",issuer_kind="Issuer",issuer_group="cert-manager.io"}':
          "1820400x100",
      },
      until: 99,
    },
  },
  "CertificateExpiry/critical": {
    scope: "ownCertificate",
    fires: {
      series: { 'envoy_server_days_until_first_cert_expiring{job="gateway",pod="envoy-1"}': "6x100" },
      at: 60,
      labels: { environment: "production", name: "gateway", severity: "critical" },
      summary: "Certificate gateway ends soon",
      description: "gateway is valid for 6.0 more days, and was not renewed.",
    },
    quiet: {
      series: { 'envoy_server_days_until_first_cert_expiring{job="gateway",pod="envoy-1"}': "7x100" },
      until: 99,
    },
  },
  "CertificateNotReady/warning": {
    fires: {
      series: {
        'certmanager_certificate_ready_status{job="cert-manager",name="agents-production-certificate",issuer_name="agents-production",issuer_kind="Issuer",issuer_group="cert-manager.io",condition="True"}':
          "0x60",
      },
      at: 15,
      labels: { environment: "production", name: "agents-production-certificate", severity: "warning" },
      summary: "Certificate agents-production-certificate is not issued",
      description: "agents-production-certificate has waited for its issuer for 15 minutes.",
    },
    quiet: {
      series: {
        'certmanager_certificate_ready_status{job="cert-manager",name="agents-production-certificate",issuer_name="agents-production",issuer_kind="Issuer",issuer_group="cert-manager.io",condition="True"}':
          "0x14 1x40",
        'certmanager_certificate_ready_status{job="cert-manager",name="agents-production-certificate",issuer_name="agents-production",issuer_kind="Issuer",issuer_group="cert-manager.io",condition="False"}':
          "0x60",
      },
      until: 25,
    },
  },
};
