import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1/persistentVolumeClaim.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import { Role } from "@pulumi/kubernetes/rbac/v1/role.js";
import { RoleBinding } from "@pulumi/kubernetes/rbac/v1/roleBinding.js";
import * as pulumi from "@pulumi/pulumi";
import { type TraceStore, type Traces, tracesOf } from "../../../config/monitoring/tracing.js";
import { images } from "../../../config/versions.js";
import { contentName } from "../../content-name.js";
import { createExternalSecret } from "../../external-secret.js";
import { imageOf } from "../../image.js";
import { inside } from "../../inside.js";
import { collector, jaeger } from "../places.js";
import type { MonitoringScene } from "../scene.js";
import {
  type CollectorPods,
  placeOf,
  renderCollector,
  renderCollectorBinding,
  renderCollectorBudget,
  renderCollectorRole,
  renderCollectorService,
} from "./collector.js";
import { renderCollectorConfig, type Tier, tiersOf } from "./collector-config.js";
import { renderJaeger, renderJaegerClaim, renderJaegerService } from "./jaeger.js";
import { renderJaegerConfig } from "./jaeger-config.js";

export interface TracingArgs
  extends Pick<MonitoringScene, "settings" | "cluster" | "services" | "namespace" | "store" | "secrets"> {
  readonly traces: Traces;
}

/** Nothing where no traces are kept. */
export function createTracing(name: string, scene: MonitoringScene, parent: pulumi.Resource): Tracing | undefined {
  const traces = tracesOf(scene.watching);
  return traces === undefined ? undefined : new Tracing(name, { ...scene, traces }, { parent });
}

/**
 * Where services send their traces: a collector that says which pods they come from, masks what is secret and keeps
 * those that failed or were slow and a share of the others, and the Jaeger in which they are looked at, on a disk that
 * outlives its pod. Costs two pods of 512 MiB and 1 GiB by default, with a disk of 1 GiB; in production four of the
 * collector's.
 */
export class Tracing extends pulumi.ComponentResource {
  constructor(name: string, args: TracingArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:monitoring:Tracing", name, {}, opts);
    const { store } = args.traces;
    const kept = store.kind === "jaeger" ? [createJaeger(`${name}-jaeger`, store, args, this)] : [];
    const token = createToken(`${name}-token`, store, args, this);
    const account = createAccount(`${name}-collector`, args, this);
    for (const tier of tiersOf(args.traces))
      createCollector(`${name}-${placeOf[tier].name}`, tier, { ...args, token, account, kept }, this);
    this.registerOutputs({});
  }
}

function createJaeger(
  name: string,
  { retention, storage }: Extract<TraceStore, { kind: "jaeger" }>,
  { settings, cluster, namespace }: TracingArgs,
  parent: Tracing,
): Deployment {
  const within = inside(cluster, parent);
  new Service(name, renderJaegerService(namespace), within);
  // Traces go by themselves after some days, so that nothing protects their disk.
  const claim = new PersistentVolumeClaim(
    name,
    renderJaegerClaim(namespace, storage, cluster.storageClasses.ssd),
    within,
  );
  const pod = {
    namespace,
    image: imageOf(images.jaeger, settings.mirror.images),
    config: createConfig(name, jaeger.name, renderJaegerConfig({ retention }), { cluster, namespace }, parent),
    claim: claim.metadata.name,
  };
  return new Deployment(name, renderJaeger(pod), { ...within, dependsOn: [...cluster.ready] });
}

/** What the collector shows to whoever keeps the traces. */
function createToken(
  name: string,
  kept: TraceStore,
  { cluster, namespace, store, secrets }: TracingArgs,
  parent: Tracing,
): pulumi.Output<string> | undefined {
  if (kept.kind !== "otlp" || kept.token === undefined) return undefined;
  const entry = secrets[kept.token];
  if (entry === undefined) throw new Error(`the token of traces, ${kept.token}, is in no secret store`);
  return createExternalSecret(
    name,
    "otlp-token",
    {
      cluster,
      namespace,
      store,
      fields: { token: { entry, property: "value" } },
      templates: { token: "{{ .token }}" },
    },
    parent,
  );
}

interface Account {
  readonly name: pulumi.Output<string>;
  /** What gives it its rights. */
  readonly ready: readonly pulumi.Resource[];
}

function createAccount(name: string, { cluster, namespace, services }: TracingArgs, parent: Tracing): Account {
  const within = inside(cluster, parent);
  const account = new ServiceAccount(
    name,
    {
      metadata: { name: collector.name, namespace, labels: collector.labels },
      automountServiceAccountToken: false,
    },
    within,
  );
  const role = new Role(name, renderCollectorRole(services), within);
  const binding = new RoleBinding(name, renderCollectorBinding(services, account.metadata.name, namespace), {
    ...within,
    dependsOn: [role],
  });
  return { name: account.metadata.name, ready: [binding] };
}

interface Collecting extends TracingArgs {
  readonly token: pulumi.Output<string> | undefined;
  readonly account: Account;
  readonly kept: readonly pulumi.Resource[];
}

function createCollector(name: string, tier: Tier, args: Collecting, parent: Tracing): void {
  const { settings, cluster, namespace, traces, account, kept } = args;
  const within = inside(cluster, parent);
  const place = { tier, namespace };
  const sends = tier !== "front";
  const asks = tier !== "sampler";
  const pods: CollectorPods = {
    ...place,
    traces,
    image: imageOf(images.collector, settings.mirror.images),
    config: createConfig(name, placeOf[tier].name, renderCollectorConfig(tier, traces, settings), args, parent),
    serviceAccount: asks ? account.name : undefined,
    token: sends ? args.token : undefined,
  };
  new Service(name, renderCollectorService(place), within);
  new Deployment(name, renderCollector(pods), {
    ...within,
    dependsOn: [...cluster.ready, ...(asks ? account.ready : []), ...(sends ? kept : [])],
  });
  if (traces.replicas > 1) new PodDisruptionBudget(name, renderCollectorBudget(place), within);
}

/** Its name says what is in it: pods of another configuration are other pods. */
const createConfig = (
  name: string,
  stem: string,
  text: string,
  { cluster, namespace }: Pick<TracingArgs, "cluster" | "namespace">,
  parent: Tracing,
): pulumi.Output<string> =>
  new ConfigMap(
    name,
    {
      metadata: { name: contentName(stem, text), namespace, labels: { "app.kubernetes.io/name": stem } },
      data: { "config.yaml": text },
    },
    inside(cluster, parent),
  ).metadata.name;
