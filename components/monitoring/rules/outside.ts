import { m } from "../metrics/names.js";
import type { AlertTable } from "./row.js";
import { alertsOf, type RuleScope, routed, some, tells } from "./scope.js";

/** The way in: the gateway, certificates, the cloud's load balancer, and who asks from outside. */

/** Not the proxies' own listeners, by which they say that they are well and what they count. */
const TRAFFIC = `job="gateway",envoy_http_conn_manager_prefix!~"admin|eg-.*"`;

const failing = (percent: number): string => {
  const rate = (more = "") => `sum(rate(${m.envoy_http_downstream_rq_xx}{${TRAFFIC}${more}}[5m]))`;
  return `100 * ${rate(',envoy_response_code_class="5"')} / ${rate()} > ${percent}`;
};
const errors = {
  for: "5m",
  summary: "The gateway answers with errors",
  description: '{{ $value | printf "%.1f" }} % of the calls that reached the gateway in the last 5 minutes failed.',
  when: some(routed),
};
/** One that the stack says itself is nobody's to issue; only the gateway knows it. */
const issues = (scope: RuleScope): boolean =>
  routed(scope).length > 0 && scope.settings.gateway.tls.secret === undefined;
const daysLeft = (scope: RuleScope, days: number): string => {
  if (issues(scope)) {
    return `(min by (name) (${m.certmanager_certificate_expiration_timestamp_seconds}) - time()) / 86400 < ${days}`;
  }
  const known = `min(${m.envoy_server_days_until_first_cert_expiring}{job="gateway"})`;
  return `label_replace(${known}, "name", "gateway", "", "") < ${days}`;
};
const expiry = {
  for: "1h",
  summary: "Certificate {{ $labels.name }} ends soon",
  description: '{{ $labels.name }} is valid for {{ $value | printf "%.1f" }} more days, and was not renewed.',
};

export const outsideAlerts = {
  "GatewayErrors/warning": {
    ...errors,
    expr: (scope) => failing(alertsOf(scope).errorRate.warning),
    setting: "errorRate.warning",
  },
  "GatewayErrors/critical": {
    ...errors,
    expr: (scope) => failing(alertsOf(scope).errorRate.critical),
    setting: "errorRate.critical",
  },
  "GatewayNoBackend/critical": {
    expr: () =>
      `max by (envoy_cluster_name) (${m.envoy_cluster_membership_healthy}{job="gateway",envoy_cluster_name=~"httproute/.+"}) == 0`,
    for: "2m",
    summary: "The gateway has nobody to hand calls to",
    description: "Nobody behind {{ $labels.envoy_cluster_name }} has been well for 2 minutes.",
    when: some(routed),
  },
  "GatewayConnectFailures/warning": {
    expr: (scope) =>
      `sum by (envoy_cluster_name) (rate(${m.envoy_cluster_upstream_cx_connect_fail}{job="gateway"}[5m])) > ${alertsOf(scope).gatewayConnectFailures}`,
    for: "5m",
    summary: "The gateway does not reach a service",
    description:
      '{{ $value | printf "%.1f" }} connections a second to {{ $labels.envoy_cluster_name }} are not opened.',
    setting: "gatewayConnectFailures",
    when: some(routed),
  },
  "LoadBalancerErrors/warning": {
    expr: (scope) => `${m["cloud:load_balancer_errors_per_second"]} > ${alertsOf(scope).loadBalancerErrors}`,
    for: "5m",
    summary: "The cloud's load balancer fails calls",
    description: '{{ $value | printf "%.1f" }} errors a second in front of the gateway.',
    setting: "loadBalancerErrors",
    when: tells("cloud:load_balancer_errors_per_second"),
  },
  "UptimeFailed/critical": {
    expr: () => `min by (check) (${m["cloud:uptime_success"]}) < 0.5`,
    for: "5m",
    summary: "{{ $labels.check }} does not answer from outside",
    description: "Most who ask {{ $labels.check }} from outside have had no good answer for 5 minutes.",
    when: tells("cloud:uptime_success"),
  },
  "CertificateExpiry/warning": {
    ...expiry,
    expr: (scope) => daysLeft(scope, alertsOf(scope).certificateDays.warning),
    setting: "certificateDays.warning",
    when: some(routed),
  },
  "CertificateExpiry/critical": {
    ...expiry,
    expr: (scope) => daysLeft(scope, alertsOf(scope).certificateDays.critical),
    setting: "certificateDays.critical",
    when: some(routed),
  },
  "CertificateNotReady/warning": {
    expr: () => `max by (name) (${m.certmanager_certificate_ready_status}{condition="True"}) == 0`,
    for: "15m",
    summary: "Certificate {{ $labels.name }} is not issued",
    description: "{{ $labels.name }} has waited for its issuer for 15 minutes.",
    when: issues,
  },
} as const satisfies AlertTable;
