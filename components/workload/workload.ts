import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2/horizontalPodAutoscaler.js";
import { CronJob } from "@pulumi/kubernetes/batch/v1/cronJob.js";
import { Job } from "@pulumi/kubernetes/batch/v1/job.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1/persistentVolumeClaim.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import { Role } from "@pulumi/kubernetes/rbac/v1/role.js";
import { RoleBinding } from "@pulumi/kubernetes/rbac/v1/roleBinding.js";
import * as pulumi from "@pulumi/pulumi";
import type { PoolSettings } from "../../config/schema.js";
import type { ServiceSettings } from "../../config/service-schema.js";
import { measuresOf, scalesItself } from "../../config/uses.js";
import type { Cluster } from "../../providers/contract.js";
import { agentsEnv } from "../agents/environment.js";
import { contentName } from "../content-name.js";
import { createExternalSecret } from "../external-secret.js";
import { inside } from "../inside.js";
import type { Reach } from "../peers.js";
import type { ServiceAccess } from "./access.js";
import { renderAutoscaler, renderScaledObject } from "./autoscaling.js";
import { renderDeployment, renderDisruptionBudget, renderService, type WorkloadRef, workloadRef } from "./manifests.js";
import { renderRole, renderRoleBinding } from "./permissions.js";
import type { ServiceImage, WorkloadSpec } from "./pod.js";
import { renderPolicy, type ServicePolicy } from "./policies.js";
import { type CustomManifest, type GatewayRef, renderRoutes } from "./routes.js";
import { JOB_SECONDS, migrationName, renderCron, renderJob, renderMigration } from "./tasks.js";
import { renderVolume } from "./volumes.js";
import type { Wiring } from "./wiring.js";

export interface WorkloadArgs {
  /** The service's key in the settings. */
  readonly service: string;
  readonly settings: ServiceSettings;
  readonly image: ServiceImage;
  readonly cluster: Cluster;
  readonly namespace: pulumi.Input<string>;
  readonly access: ServiceAccess;
  readonly wiring: Wiring;
  /** By which External Secrets reads the stack's entries. */
  readonly secretStore: CustomResource;
  readonly pool: Pick<PoolSettings, "labels" | "taints"> | undefined;
  /** Services that use this one. */
  readonly callers: readonly string[];
  /** Where the service's routes go; none where it has none. */
  readonly gateway: WayIn | undefined;
  /** What scales it by more than processor time and memory; none where nothing measures more. */
  readonly scaler: Scaler | undefined;
  /** Who looks at it; nobody where nothing watches. */
  readonly watch: Watch | undefined;
  /** Whether its disks are protected from being deleted. */
  readonly deletionProtection: boolean;
  /** What must be done before pods of it run: databases' bootstrap, and the services that it uses. */
  readonly after: readonly pulumi.Resource[];
}

/** The gateway, as a service with routes sees it. */
export interface WayIn {
  readonly ref: GatewayRef;
  /** What routes wait for. */
  readonly ready: readonly pulumi.Resource[];
  /** Its pods, which call the service. */
  readonly peer: NonNullable<ServicePolicy["gateway"]>;
  /** The host of routes that say none; any host where there is no domain. */
  readonly domain: string | undefined;
}

/** Who watches, as a service sees it. */
export interface Watch {
  /** Who reads its metrics: pods of Prometheus. */
  readonly reader: NonNullable<ServicePolicy["metrics"]>["reader"];
  /** What its traces are told by, and to whom; nothing where none are kept. */
  readonly traces: { readonly env: Readonly<Record<string, string>>; readonly reach: Reach } | undefined;
}

export interface Scaler {
  /** Address of the Prometheus that is asked. */
  readonly query: string;
  /** KEDA, which asks. */
  readonly ready: pulumi.Resource;
}

/**
 * One deployable service: its pods, how they are scaled, found and guarded, and what is handed to them. A new version
 * waits for its migration; a failed one leaves the old version serving. Costs what its pods ask for: two of half a core
 * and 1 GiB by default.
 */
export class Workload extends pulumi.ComponentResource {
  public readonly ref: WorkloadRef;

  constructor(name: string, args: WorkloadArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:workload:Workload", name, {}, opts);
    const { service, settings, cluster } = args;
    const within = inside(cluster, this);
    const spec = specOf(name, args, this);

    const policy = new NetworkPolicy(name, policyOf(args), within);
    const rights = createPermissions(name, spec, args, this);
    createVolumes(name, spec, args, this);
    const migration = createMigration(name, spec, [...args.after, policy], args, this);
    const before = [
      ...cluster.ready,
      ...args.access.identity.ready,
      ...args.after,
      ...rights,
      policy,
      ...(migration === undefined ? [] : [migration]),
    ];
    if (settings.kind === "job") createJob(name, spec, before, args, this);
    else createServing(name, spec, before, args, this);
    for (const [key, cron] of Object.entries(settings.cron))
      new CronJob(`${name}-${key}`, renderCron(spec, key, cron), { ...within, dependsOn: before });

    this.ref = workloadRef(service);
    this.registerOutputs({});
  }
}

function createServing(
  name: string,
  spec: WorkloadSpec,
  dependsOn: pulumi.Resource[],
  args: WorkloadArgs,
  parent: Workload,
): void {
  const { settings, cluster, scaler } = args;
  const within = inside(cluster, parent);
  const service = settings.kind === "web" ? [new Service(name, renderService(spec), within)] : [];
  const deployment = new Deployment(name, renderDeployment(spec), {
    ...within,
    dependsOn,
    customTimeouts: { create: "20m", update: "20m", delete: "10m" },
  });
  createRoutes(name, [...service, deployment], args, parent);
  if (settings.replicas.max > 1) new PodDisruptionBudget(name, renderDisruptionBudget(spec), within);
  if (!scalesItself(settings)) return;
  if (scaler === undefined || measuresOf(settings.autoscaling).length === 0)
    new HorizontalPodAutoscaler(name, renderAutoscaler(spec), { ...within, dependsOn: [deployment] });
  else
    new CustomResource(name, renderScaledObject(spec, scaler.query), {
      ...within,
      dependsOn: [deployment, scaler.ready],
    });
}

/** Calls come once there is somebody to take them, and what holds for them is said before. */
function createRoutes(
  name: string,
  after: readonly pulumi.Resource[],
  { service, settings, namespace, cluster, gateway }: WorkloadArgs,
  parent: Workload,
): void {
  if (gateway === undefined) return;
  const { ref, domain, ready } = gateway;
  const backends = [{ service, port: settings.port, weight: 100 }];
  for (const route of renderRoutes({ service, namespace, settings, gateway: ref, domain, backends })) {
    const stem = `${name}-${route.name.slice(service.length + 1)}`;
    const create = (manifest: CustomManifest, dependsOn: readonly pulumi.Resource[]) =>
      new CustomResource(stem, manifest, { ...inside(cluster, parent), dependsOn: [...dependsOn] });
    const policies = route.policies.map((policy) => create(policy, ready));
    create(route.route, [...after, ...ready, ...policies]);
  }
}

/** A finished one is left as it is; a change makes another, which is done when `up` is. */
const createJob = (
  name: string,
  spec: WorkloadSpec,
  dependsOn: pulumi.Resource[],
  { cluster }: WorkloadArgs,
  parent: Workload,
): Job => {
  const timeout = `${JOB_SECONDS + 120}s`;
  return new Job(name, renderJob(spec), {
    ...inside(cluster, parent),
    dependsOn,
    customTimeouts: { create: timeout, update: timeout },
  });
};

function createPermissions(
  name: string,
  spec: WorkloadSpec,
  { settings, cluster }: WorkloadArgs,
  parent: Workload,
): readonly pulumi.Resource[] {
  if (settings.permissions.length === 0) return [];
  const role = new Role(name, renderRole(spec), inside(cluster, parent));
  return [new RoleBinding(name, renderRoleBinding(spec), { ...inside(cluster, parent), dependsOn: [role] })];
}

function createVolumes(
  name: string,
  spec: WorkloadSpec,
  { settings, cluster, deletionProtection }: WorkloadArgs,
  parent: Workload,
): void {
  for (const [key, volume] of Object.entries(settings.volumes))
    new PersistentVolumeClaim(`${name}-${key}`, renderVolume(spec, key, volume, cluster.storageClasses.ssd), {
      ...inside(cluster, parent),
      protect: deletionProtection,
    });
}

function specOf(name: string, args: WorkloadArgs, parent: Workload): WorkloadSpec {
  const { service, settings, cluster, namespace, access, wiring } = args;
  const secret =
    Object.keys(wiring.secretEnv).length === 0
      ? undefined
      : createExternalSecret(
          `${name}-env`,
          service,
          { cluster, namespace, store: args.secretStore, fields: wiring.fields, templates: wiring.secretEnv },
          parent,
        );
  return {
    service,
    settings,
    namespace,
    image: args.image,
    config: createConfig(`${name}-env`, service, envOf(args), args, parent),
    secret,
    pullSecret: createPullSecret(name, args, parent),
    files:
      Object.keys(wiring.files).length === 0
        ? undefined
        : createConfig(`${name}-trust`, `${service}-trust`, wiring.files, args, parent),
    serviceAccount: access.serviceAccount.metadata.name,
    podLabels: access.identity.podLabels,
    pool: args.pool,
  };
}

function createPullSecret(name: string, args: WorkloadArgs, parent: Workload): pulumi.Output<string> | undefined {
  const { service, cluster, namespace, access, secretStore } = args;
  if (access.pullSecret === undefined) return undefined;
  const config = { entry: access.pullSecret, property: "value" };
  return createExternalSecret(
    `${name}-pull`,
    `${service}-pull`,
    {
      cluster,
      namespace,
      store: secretStore,
      fields: { config },
      templates: { ".dockerconfigjson": "{{ .config }}" },
      type: "kubernetes.io/dockerconfigjson",
    },
    parent,
  );
}

/** What is said wins over what the platform hands over, but for what decides where it listens. */
const envOf = ({ settings, wiring, watch }: WorkloadArgs): Readonly<Record<string, pulumi.Input<string>>> => ({
  REPLICAS: String(settings.replicas.max),
  REQUEST_TIMEOUT: String(settings.requestTimeout * 1000),
  SHUTDOWN_TIMEOUT: `${settings.drain + 5}s`,
  ...watch?.traces?.env,
  ...wiring.env,
  ...agentsEnv(settings),
  ...settings.env,
  ...(settings.kind === "web" ? { PORT: String(settings.port) } : {}),
  ...(settings.metrics === undefined ? {} : { METRICS_PORT: String(settings.metrics.port) }),
});

/** Its name ends in a hash of what is in it: a change is another one, and restarts those who use it. */
function createConfig(
  name: string,
  stem: string,
  data: Readonly<Record<string, pulumi.Input<string>>>,
  { cluster, namespace }: WorkloadArgs,
  parent: Workload,
): pulumi.Output<string> {
  const content = pulumi.output(data);
  const hashed = content.apply((texts) => contentName(stem, texts));
  return new ConfigMap(
    name,
    { metadata: { name: hashed, namespace }, immutable: true, data: content },
    inside(cluster, parent),
  ).metadata.name;
}

const policyOf = ({ service, namespace, settings, callers, gateway, wiring, watch }: WorkloadArgs) =>
  renderPolicy({
    service,
    namespace,
    port: settings.kind === "web" ? settings.port : undefined,
    callers,
    gateway: gateway?.peer,
    // A job may be over before anybody looks.
    metrics:
      settings.metrics === undefined || settings.kind === "job" || watch === undefined
        ? undefined
        : { port: settings.metrics.port, reader: watch.reader },
    reaches: [...wiring.reaches, ...(watch?.traces === undefined ? [] : [watch.traces.reach])],
  });

function createMigration(
  name: string,
  spec: WorkloadSpec,
  after: readonly pulumi.Resource[],
  { settings, cluster }: WorkloadArgs,
  parent: Workload,
): Job | undefined {
  const { migrate } = settings;
  if (migrate === undefined) return undefined;
  // Named by the image: a later one is another Job, and not this one with what it ignores.
  return new Job(migrationName(name, spec, migrate), renderMigration(spec, migrate), {
    ...inside(cluster, parent),
    dependsOn: [...cluster.ready, ...after],
    // What ran is done: another secret or setting is no reason to run it again.
    ignoreChanges: ["spec"],
    customTimeouts: { create: `${migrate.timeout + 120}s`, update: `${migrate.timeout + 120}s` },
  });
}
