import * as pulumi from "@pulumi/pulumi";
import { tracesOf } from "../../config/monitoring/tracing.js";
import { closeNamespace } from "../closed-namespace.js";
import type { Gateway } from "../gateway/gateway.js";
import { createAlerting } from "./alerting.js";
import { createArchive } from "./archive.js";
import { blackboxRecordings, createBlackbox } from "./blackbox.js";
import { createCloudMetrics, measureOf } from "./cloud-metrics.js";
import type { DashboardScope } from "./dashboards/scope.js";
import { createExporters } from "./exporters.js";
import { createGrafana } from "./grafana.js";
import { createGrafanaRoute } from "./grafana-route.js";
import { createDashboardUpload } from "./grafana-upload.js";
import type { MonitoringKeys } from "./keys.js";
import { createLogs } from "./logs/logs.js";
import { alertmanager, jaeger, prometheus } from "./places.js";
import { createPolicies } from "./policies.js";
import { createPrometheus } from "./prometheus.js";
import { createForwarding } from "./remote.js";
import { createRules } from "./rules/objects.js";
import type { MonitoringScene } from "./scene.js";
import { createTargets } from "./targets.js";
import { createTracing } from "./tracing/tracing.js";
import { createUptime } from "./uptime.js";

export interface MonitoringArgs extends MonitoringScene {
  readonly keys: MonitoringKeys;
  /** By database: done when the exporter's role is there. */
  readonly prepared: Readonly<Record<string, pulumi.Resource>>;
  /** The way in; none where no service has routes. */
  readonly gateway: Gateway | undefined;
  /** What answers on public pages: before it is there, people would be told that it is not. */
  readonly answering: readonly pulumi.Resource[];
}

/**
 * All that watches: what is measured, when people are told and whom it reaches, what they look at, traces and logs. The
 * same on every cloud; the cloud's own measurements and log service come through the contract.
 */
export class Monitoring extends pulumi.ComponentResource {
  /** Empty where it is reached from inside the cluster only. */
  public readonly grafanaUrl: string;

  constructor(name: string, args: MonitoringArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:monitoring:Monitoring", name, {}, opts);
    const { settings, watching, cluster, gateway, keys } = args;
    closeNamespace(name, args.namespace, cluster, this);
    closeNamespace(`${name}-nodes`, args.nodes, cluster, this);

    const uptime =
      gateway === undefined
        ? undefined
        : createUptime(`${name}-uptime`, args, { address: gateway.address, after: args.answering }, this);
    const loadBalancer = gateway !== undefined && settings.gateway.expose === "loadBalancer";
    const measure = measureOf(args, { loadBalancer, uptime });
    const recorded = { ...measure?.recordings, ...blackboxRecordings(settings) };
    const policies = createPolicies(name, { ...args, logins: keys.logins, measure }, this);

    const alerting = createAlerting(`${name}-alerts`, args, this);
    const archive = createArchive(`${name}-archive`, args, this);
    const traces = tracesOf(watching)?.store.kind === "jaeger";
    const dashboards: DashboardScope = { ...args, cloud: recorded, traces, logs: undefined };
    const shown =
      keys.grafana === undefined
        ? undefined
        : createGrafana(
            `${name}-grafana`,
            args,
            {
              admin: keys.grafana,
              dashboards,
              addresses: {
                prometheus: archive?.url ?? prometheus.url(settings),
                alertmanager: alertmanager.url(settings),
                jaeger: traces ? jaeger.url(settings) : undefined,
              },
            },
            this,
          );
    const { definitions, release } = createPrometheus(
      `${name}-prometheus`,
      args,
      {
        alertmanager: alerting,
        grafana: shown?.values,
        archive: archive?.values,
        forwarding: createForwarding(`${name}-forwarding`, args, this),
        after: [...policies, ...(shown?.after ?? [])],
      },
      this,
    );
    createTargets(name, args, definitions, this);
    createExporters(name, args, { logins: keys.logins, ready: args.prepared, definitions }, this);
    if (measure !== undefined) createCloudMetrics(`${name}-cloud-metrics`, args, { measure, definitions }, this);
    createBlackbox(`${name}-blackbox`, args, { definitions }, this);
    createRules(name, { ...args, recorded, after: [definitions, release] }, this);
    createTracing(`${name}-tracing`, args, this);
    createLogs(`${name}-logs`, { ...args, definitions }, this);

    if (watching.mode === "existing" && watching.grafanaUrl !== undefined && watching.grafanaToken !== undefined)
      createDashboardUpload(
        `${name}-dashboards`,
        args,
        { url: watching.grafanaUrl, token: watching.grafanaToken, dashboards },
        this,
      );
    const host = watching.mode === "inCluster" ? watching.grafana.host : undefined;
    if (host !== undefined && gateway !== undefined)
      createGrafanaRoute(
        `${name}-grafana`,
        args,
        { host, gateway: gateway.ref, after: [...gateway.ready, release] },
        this,
      );

    this.grafanaUrl = host === undefined ? "" : `https://${host}`;
    this.registerOutputs({ grafanaUrl: this.grafanaUrl });
  }
}
