import type { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import type * as pulumi from "@pulumi/pulumi";
import { filterValues, mapValues } from "../config/maps.js";
import type { ServiceSettings } from "../config/service-schema.js";
import type { Settings } from "../config/settings.js";
import { connectionsOf, keysUsed, runsHere, scalesByMeasures, scalesItself } from "../config/uses.js";
import type {
  Bucket,
  Cache,
  Cloud,
  Cluster,
  Database,
  Dns,
  Network,
  Observe,
  Registry,
  SecretRef,
  SecretStore,
} from "../providers/contract.js";
import { partName } from "../providers/naming.js";
import { envoyGatewayNamespace } from "./addons/envoy-gateway.js";
import { Keda } from "./addons/keda.js";
import { MetricsServer } from "./addons/metrics-server.js";
import { bootstrapKeyOf, createAgentKeys } from "./agents/keys.js";
import { buildImages } from "./build/image.js";
import { closeNamespace } from "./closed-namespace.js";
import { LoadBalancing } from "./controllers.js";
import { Gateway } from "./gateway/gateway.js";
import { gatewayPeer, gatewayScales } from "./gateway/proxies.js";
import { MonitoringKeys } from "./monitoring/keys.js";
import { Monitoring } from "./monitoring/monitoring.js";
import { monitoringNamespace, nodesNamespace, prometheus, queryOf } from "./monitoring/places.js";
import type { Watching } from "./monitoring/scene.js";
import { tracingEnv, tracingReach } from "./monitoring/tracing/environment.js";
import { createNamespace } from "./namespace.js";
import { SecretSync } from "./secret-sync.js";
import { DatabaseBootstrap } from "./stores/bootstrap/bootstrap.js";
import { ServiceAccess } from "./workload/access.js";
import type { ServiceImage } from "./workload/pod.js";
import { wire } from "./workload/wiring.js";
import { type Scaler, Workload } from "./workload/workload.js";

export interface ServicesGround {
  readonly settings: Settings;
  readonly cloud: Cloud;
  readonly network: Network;
  readonly cluster: Cluster;
  readonly registry: Registry;
  /** The domain's zone, where there is a domain. */
  readonly dns: Dns | undefined;
  readonly secretStore: SecretStore;
  /** Where the cloud keeps logs. */
  readonly observe: Observe;
  /** Where services run. */
  readonly namespace: pulumi.Input<string>;
  /** Where jobs run that hold a database owner's password. */
  readonly dataNamespace: () => pulumi.Input<string>;
  /** The stack's own secrets by name, as the store keeps them. */
  readonly secrets: Readonly<Record<string, SecretRef>>;
  readonly databases: Readonly<Record<string, Database>>;
  readonly caches: Readonly<Record<string, Cache>>;
  readonly buckets: Readonly<Record<string, Bucket>>;
}

export interface Services {
  readonly access: Access;
  /** Where it is reached from outside; none where no service has routes. */
  readonly gateway: Gateway | undefined;
  /** The first admin key of the agent service. */
  readonly bootstrapKey: Pick<SecretRef, "store" | "key">;
  /** Empty where nothing watches, or it is reached from inside the cluster only. */
  readonly grafanaUrl: string;
}

type Access = Readonly<Record<string, ServiceAccess>>;

interface Scene extends ServicesGround {
  readonly name: string;
  readonly parent: pulumi.Resource;
  readonly access: Access;
  /** Those that the platform runs, and what of. */
  readonly running: Readonly<Record<string, ServiceSettings>>;
  readonly images: Readonly<Record<string, ServiceImage>>;
  /** Databases that services which run use and that the stack may prepare, with those services. */
  readonly prepared: Readonly<Record<string, readonly string[]>>;
  /** Those with routes. */
  readonly routed: Readonly<Record<string, ServiceSettings>>;
  /** The gateway's certificate, where the stack has it already. */
  readonly certificate: SecretRef | undefined;
  /** What watches; nothing where nothing does. */
  readonly watch: Watch | undefined;
}

/** What is there of monitoring before its first pod. */
interface Watch {
  readonly watching: Watching;
  readonly keys: MonitoringKeys;
  readonly namespace: pulumi.Output<string>;
  readonly nodes: pulumi.Output<string>;
}

/**
 * All services: who each is and what it may know; for those that run also the road by which secrets reach pods, the
 * databases made ready for them, the way in, and the pods; and what watches all of that.
 */
export function createServices(name: string, ground: ServicesGround, parent: pulumi.Resource): Services {
  const { settings, registry, secretStore } = ground;
  const keys = createAgentKeys(name, { stack: settings, secretStore }, parent);
  const access = createAccess(name, ground, keys, parent);
  const bootstrapKey = bootstrapKeyOf(keys);
  const running = filterValues(settings.services, runsHere);
  const prepared = databasesToPrepare(settings, running);
  const watch = createWatch(name, ground, Object.keys(prepared), parent);
  if (Object.keys(running).length === 0 && watch === undefined)
    return { access, gateway: undefined, bootstrapKey, grafanaUrl: "" };

  const routed = filterValues(running, ({ routes }) => routes.length > 0);
  const scene: Scene = {
    ...ground,
    name,
    parent,
    access,
    running,
    images: { ...imagesSaid(running), ...buildImages(name, { stack: settings, registry }, parent) },
    prepared,
    routed,
    certificate: certificateSaid(settings, secretStore, routed),
    watch,
  };
  closeNamespace(name, ground.namespace, ground.cluster, parent);
  createMeasuring(scene);
  const { store } = createSync(scene);
  const databases = mapValues(scene.prepared, (users, key) => prepareDatabase(key, users, store, scene));
  const gateway = createGateway(store, scene);
  const workloads = createWorkloads({ store, databases, gateway, scaler: createScaler(scene) }, scene);
  const { grafanaUrl } = createMonitoring({ store, databases, gateway, workloads }, scene) ?? { grafanaUrl: "" };
  return { access, gateway, bootstrapKey, grafanaUrl };
}

function createWatch(
  name: string,
  ground: ServicesGround,
  prepared: readonly string[],
  parent: pulumi.Resource,
): Watch | undefined {
  const { settings, cluster } = ground;
  const { monitoring: watching } = settings;
  if (watching.mode === "none") return undefined;
  const keys = new MonitoringKeys(`${name}-monitoring-keys`, { ...ground, watching, prepared }, { parent });
  const made = (namespace: string, standard: "restricted" | "privileged") =>
    createNamespace(namespace, cluster, parent, standard).metadata.name;
  return {
    watching,
    keys,
    namespace: made(monitoringNamespace(settings), "restricted"),
    // What runs there reads a node's own files: its logs, its processes, its disks.
    nodes: made(nodesNamespace(settings), "privileged"),
  };
}

/** Of several deployments of one image, the first has the roles that all of them have. */
function createAccess(
  name: string,
  ground: ServicesGround,
  keys: Readonly<Record<string, Readonly<Record<string, SecretRef>>>>,
  parent: pulumi.Resource,
): Access {
  const { services } = ground.settings;
  const make = (service: string, settings: ServiceSettings, first?: ServiceAccess): ServiceAccess =>
    new ServiceAccess(
      partName(name, "service", service),
      { ...ground, service, settings, keys: keys[service] ?? {}, sharesWith: first },
      { parent },
    );
  const shares = ({ agents }: ServiceSettings): boolean => agents?.of !== undefined;
  const firsts = mapValues(
    filterValues(services, (settings) => !shares(settings)),
    (settings, service) => make(service, settings),
  );
  const others = mapValues(filterValues(services, shares), (settings, service) =>
    make(service, settings, firsts[settings.agents?.of ?? ""]),
  );
  return { ...firsts, ...others };
}

const imagesSaid = (running: Scene["running"]): Scene["images"] =>
  Object.fromEntries(
    Object.entries(running).flatMap(([service, { image }]) =>
      image === undefined ? [] : [[service, { ref: image, fixed: image }]],
    ),
  );

const certificateSaid = (
  { gateway }: Settings,
  secretStore: SecretStore,
  routed: Scene["routed"],
): SecretRef | undefined =>
  gateway.tls.secret === undefined || Object.keys(routed).length === 0
    ? undefined
    : secretStore.existing(gateway.tls.secret);

/** Not a copy, which follows its primary; and not one of somebody else's whose owner the stack does not know. */
function databasesToPrepare({ databases }: Settings, running: Scene["running"]): Scene["prepared"] {
  const entries = Object.entries(databases).flatMap(([key, one]) => {
    const known = one.mode !== "existing" || one.ownerSecret !== undefined || one.fromStack !== undefined;
    const users = usersOf(running, "databases", key);
    return users.length > 0 && known && one.mode !== "replica" ? [[key, users] as const] : [];
  });
  return Object.fromEntries(entries);
}

const usersOf = (running: Scene["running"], part: "databases" | "services", key: string): readonly string[] =>
  Object.entries(running).flatMap(([user, { uses }]) => (keysUsed(uses, part).includes(key) ? [user] : []));

/** Autoscalers ask how much pods use. */
function createMeasuring({ name, settings, cluster, running, routed, parent }: Scene): void {
  const asked =
    Object.values(running).some(scalesItself) || (Object.keys(routed).length > 0 && gatewayScales(settings.gateway));
  if (cluster.provides.metricsServer || !asked) return;
  new MetricsServer(`${name}-metrics-server`, { stack: settings, cluster }, { parent });
}

function createScaler({ name, settings, cluster, running, parent }: Scene): Scaler | undefined {
  const query = queryOf(settings);
  const wanted = Object.values(running).some(scalesByMeasures);
  if (query === undefined || !wanted) return undefined;
  return { query, ready: new Keda(`${name}-keda`, { stack: settings, cluster }, { parent }) };
}

function createSync(scene: Scene): SecretSync {
  const { name, settings, access, running, prepared, databases, certificate, watch, parent } = scene;
  const used = Object.keys(prepared);
  // Deployments of one image have entries in common.
  const entries = new Set([
    ...Object.keys(running).flatMap((service) => access[service]?.entries ?? []),
    ...used.flatMap((key) => databases[key]?.owner ?? []),
    ...(certificate === undefined ? [] : [certificate]),
    ...(watch?.keys.entries ?? []),
  ]);
  const namespaces = [
    scene.namespace,
    ...(used.length === 0 ? [] : [scene.dataNamespace()]),
    ...(certificate === undefined ? [] : [envoyGatewayNamespace]),
    ...(watch === undefined ? [] : [watch.namespace]),
  ];
  return new SecretSync(name, { ...scene, stack: settings, entries: [...entries], namespaces }, { parent });
}

function createGateway(store: CustomResource, scene: Scene): Gateway | undefined {
  const { name, settings, cluster, routed, certificate, parent } = scene;
  if (Object.keys(routed).length === 0) return undefined;
  const balanced = settings.gateway.expose === "loadBalancer";
  return new Gateway(
    `${name}-gateway`,
    {
      ...scene,
      stack: settings,
      services: routed,
      loadBalancers: balanced && !cluster.provides.loadBalancers ? loadBalancing(scene).ready : [],
      certificate: certificate === undefined ? undefined : { entry: certificate, store },
    },
    { parent },
  );
}

function prepareDatabase(
  key: string,
  users: readonly string[],
  store: CustomResource,
  scene: Scene,
): DatabaseBootstrap {
  const { name, settings, cluster, databases, access, running, watch, parent } = scene;
  const [database, one] = [databases[key], settings.databases[key]];
  if (database === undefined || one === undefined) throw new Error(`databases.${key} is used and not there`);
  const roles: Record<string, { readonly connections: number; readonly login: SecretRef }> = {};
  for (const user of users) {
    const [service, login] = [running[user], access[user]?.roles[key]];
    if (service === undefined || login === undefined) continue;
    // Deployments of one image are one role.
    const role = service.agents?.of ?? user;
    roles[role] = { login, connections: (roles[role]?.connections ?? 0) + connectionsOf(service) };
  }
  return new DatabaseBootstrap(
    `${partName(name, "database", key)}-bootstrap`,
    {
      database,
      roles,
      exporter: watch?.keys.logins[key],
      store,
      namespace: scene.dataNamespace(),
      cluster,
      exclusive: one.mode !== "existing",
      ...(one.mode === "inCluster" ? { version: one.version } : {}),
      mirror: settings.mirror.images,
    },
    { parent },
  );
}

const loadBalancing = (scene: Scene): LoadBalancing =>
  new LoadBalancing(`${scene.name}-load-balancers`, scene, { parent: scene.parent });

interface Made {
  readonly store: CustomResource;
  readonly databases: Readonly<Record<string, DatabaseBootstrap>>;
  readonly gateway: Gateway | undefined;
  readonly scaler: Scaler | undefined;
}

/** A copy of another stack's database is migrated there. */
const migratesHere = ({ databases }: Settings, { uses }: ServiceSettings): boolean => {
  const used = keysUsed(uses, "databases");
  return used.length === 0 || used.some((key) => databases[key]?.mode !== "replica");
};

function tracesOfService(service: string, stack: Settings) {
  const reach = tracingReach(stack);
  return reach === undefined ? undefined : { env: tracingEnv(service, stack), reach };
}

/** Those that are used come before those that use them, and the first deployment of an image before the others. */
function createWorkloads({ store, databases, gateway, scaler }: Made, scene: Scene): readonly Workload[] {
  const { name, settings, dns, access, running, images, routed, watch, parent } = scene;
  const ports = mapValues(running, ({ port }) => port);
  const pools = settings.cluster.mode === "managed" ? settings.cluster.pools : {};
  const wayIn =
    gateway === undefined
      ? undefined
      : { ref: gateway.ref, ready: gateway.ready, peer: gatewayPeer(settings), domain: dns?.domain };
  const made = new Map<string, Workload>();
  const make = (service: string): Workload | undefined => {
    const [one, who, image] = [running[service], access[service], images[service]];
    if (one === undefined || who === undefined || image === undefined || made.has(service)) return made.get(service);
    const first = one.agents?.of === undefined ? [] : [one.agents.of];
    const before = [...first, ...keysUsed(one.uses, "services")].flatMap((other) => make(other) ?? []);
    const ready = keysUsed(one.uses, "databases").flatMap((key) => databases[key]?.done ?? []);
    const { roles, secrets } = who;
    const workload = new Workload(
      partName(name, "service", service),
      {
        ...scene,
        service,
        settings: migratesHere(settings, one) ? one : { ...one, migrate: undefined },
        image,
        access: who,
        wiring: wire({ ...scene, settings: one, roles, secrets, ports }),
        secretStore: store,
        pool: one.pool === undefined ? undefined : pools[one.pool],
        callers: usersOf(running, "services", service),
        gateway: service in routed ? wayIn : undefined,
        scaler,
        watch:
          watch === undefined
            ? undefined
            : { reader: prometheus.pods(settings), traces: tracesOfService(service, settings) },
        deletionProtection: settings.deletionProtection,
        after: [...ready, ...before],
      },
      { parent },
    );
    made.set(service, workload);
    return workload;
  };
  return Object.keys(running).flatMap((service) => make(service) ?? []);
}

function createMonitoring(
  { store, databases, gateway, workloads }: Omit<Made, "scaler"> & { readonly workloads: readonly Workload[] },
  { watch, name, parent, ...scene }: Scene,
): Monitoring | undefined {
  if (watch === undefined) return undefined;
  return new Monitoring(
    `${name}-monitoring`,
    {
      ...scene,
      ...watch,
      services: scene.namespace,
      store,
      prepared: mapValues(databases, ({ done }) => done),
      gateway,
      answering: workloads,
    },
    { parent },
  );
}
