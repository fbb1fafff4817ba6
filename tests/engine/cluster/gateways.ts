import { createHash } from "node:crypto";
import type { Deployment } from "kubernetes-types/apps/v1.js";
import type { Api, Manifest } from "./api.js";
import {
  type Condition,
  type Conditioned,
  type Custom,
  condition,
  holds,
  isGoing,
  isSaid,
  pathTo,
  setFinalizer,
  setStatus,
} from "./conditions.js";
import { minutes } from "./minutes.js";
import type { Role, World } from "./stage.js";

export const GROUP = "/apis/gateway.networking.k8s.io/v1";
export const ENVOY = "/apis/gateway.envoyproxy.io/v1alpha1";
/** The release, and the name by which a class asks for it. */
export const BY = "gateway-helm";
export const CONTROLLER = "gateway.envoyproxy.io/gatewayclass-controller";
const PROXIES = "envoy-gateway-system";
/** A class does not go before its gateways. */
const IN_USE = "gateway-exists-finalizer.gateway.networking.k8s.io";

interface GatewayClass extends Conditioned {
  readonly spec: { readonly controllerName: string; readonly parametersRef?: { readonly name: string } };
}

interface Listener {
  readonly name: string;
  readonly port: number;
  readonly tls?: { readonly certificateRefs?: readonly { readonly name: string; readonly namespace?: string }[] };
}

interface Gateway extends Conditioned {
  readonly spec: {
    readonly gatewayClassName: string;
    readonly listeners: readonly Listener[];
    readonly infrastructure?: { readonly parametersRef?: { readonly name: string } };
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly listeners?: readonly { readonly conditions: readonly Condition[] }[];
  };
}

interface EnvoyProxy extends Custom {
  readonly spec: {
    readonly provider?: {
      readonly kubernetes?: {
        readonly envoyDeployment?: { readonly name?: string; readonly replicas?: number };
        readonly envoyHpa?: { readonly minReplicas?: number };
      };
    };
  };
}

export const gatewayClassRole: Role<GatewayClass> = {
  path: `${GROUP}/gatewayclasses`,
  by: () => BY,
  next: (one, { api }) => {
    const path = pathTo(GROUP, "gatewayclasses", one);
    if (one.spec.controllerName !== CONTROLLER) return undefined;
    if (isGoing(one))
      return holds(one, IN_USE)
        ? { name: "release", minutes: minutes.gateway, run: () => releaseClass(path, one, api) }
        : undefined;
    return isSaid(one, "Accepted")
      ? undefined
      : {
          name: "accept",
          minutes: minutes.gateway,
          run: () => setStatus(path, { conditions: [condition("Accepted", one)] }, api),
        };
  },
};

async function releaseClass(path: string, one: GatewayClass, api: Api): Promise<void> {
  const all = await api.get<{ items: Gateway[] }>(`${GROUP}/gateways`);
  const users = (all?.items ?? []).filter(({ spec }) => spec.gatewayClassName === one.metadata.name);
  if (users.length > 0) throw new Error(`${one.metadata.name}: ${users.length} gateways are of this class`);
  await setFinalizer(path, one, IN_USE, false, api);
}

/** What Envoy Gateway does: proxies and an address of their own for each gateway, in its own namespace. */
export const gatewayRole: Role<Gateway> = {
  path: `${GROUP}/gateways`,
  by: () => BY,
  next: (gateway, world) =>
    isGoing(gateway) || (isSaid(gateway, "Programmed") && gateway.status?.listeners?.every(isResolved) === true)
      ? undefined
      : { name: "program", minutes: minutes.gateway, run: () => program(gateway, world) },
  gone: async (gateway, { api }) => {
    const name = proxyName(gateway);
    await api.remove(`/apis/apps/v1/namespaces/${PROXIES}/deployments/${name}`);
    await api.remove(`/api/v1/namespaces/${PROXIES}/services/${name}`);
  },
};

const isResolved = ({ conditions }: { readonly conditions: readonly Condition[] }): boolean =>
  conditions.some(({ type, status }) => type === "ResolvedRefs" && status === "True");

function proxyName({ metadata: { name, namespace } }: Gateway): string {
  const hash = createHash("sha256").update(`${namespace}/${name}`).digest("hex").slice(0, 8);
  return `envoy-${namespace}-${name}`.slice(0, 54).concat(`-${hash}`);
}

async function program(gateway: Gateway, { api }: World): Promise<void> {
  const { metadata, spec } = gateway;
  const where = `${metadata.namespace}/${metadata.name}`;
  const of = await api.get<GatewayClass>(`${GROUP}/gatewayclasses/${spec.gatewayClassName}`);
  if (of === undefined || !isSaid(of, "Accepted")) throw new Error(`${where}: its class is not accepted`);
  if (of.spec.controllerName !== CONTROLLER) return;
  if (!holds(of, IN_USE)) await setFinalizer(pathTo(GROUP, "gatewayclasses", of), of, IN_USE, true, api);
  await makeProxies(gateway, of, api);
  const proxies = await api.get<Deployment & Manifest>(
    `/apis/apps/v1/namespaces/${PROXIES}/deployments/${proxyName(gateway)}`,
  );
  if ((proxies?.status?.availableReplicas ?? 0) === 0) throw new Error(`${where}: none of its proxies is available`);
  const listeners = await Promise.all(spec.listeners.map((one) => listenerOf(gateway, one, api)));
  const addresses = [{ type: "IPAddress", value: "10.96.0.1" }];
  const conditions = [condition("Accepted", gateway), condition("Programmed", gateway)];
  await setStatus(pathTo(GROUP, "gateways", gateway), { addresses, conditions, listeners }, api);
  if (!listeners.every(isResolved)) throw new Error(`${where}: a certificate of a listener is not there`);
}

async function listenerOf(gateway: Gateway, { name, tls }: Listener, api: Api) {
  const secrets = await Promise.all(
    (tls?.certificateRefs ?? []).map((one) =>
      api.get(`/api/v1/namespaces/${one.namespace ?? gateway.metadata.namespace}/secrets/${one.name}`),
    ),
  );
  const resolved = secrets.every((secret) => secret !== undefined);
  return {
    name,
    attachedRoutes: 0,
    supportedKinds: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute" }],
    conditions: [
      condition("Accepted", gateway),
      condition("Programmed", gateway, resolved ? "True" : "False", resolved ? "Programmed" : "Invalid"),
      condition(
        "ResolvedRefs",
        gateway,
        resolved ? "True" : "False",
        resolved ? "ResolvedRefs" : "InvalidCertificateRef",
      ),
    ],
  };
}

async function makeProxies(gateway: Gateway, of: GatewayClass, api: Api): Promise<void> {
  const name = proxyName(gateway);
  const labels = {
    "app.kubernetes.io/name": "envoy",
    "app.kubernetes.io/component": "proxy",
    "app.kubernetes.io/managed-by": "envoy-gateway",
    "gateway.envoyproxy.io/owning-gateway-name": gateway.metadata.name,
    "gateway.envoyproxy.io/owning-gateway-namespace": gateway.metadata.namespace,
  };
  const replicas = await replicasOf(gateway, of, api);
  const deployments = `/apis/apps/v1/namespaces/${PROXIES}/deployments`;
  await api.create(deployments, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, labels },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: proxy } },
  });
  await api.merge(`${deployments}/${name}`, { spec: { replicas } });
  await api.create(`/api/v1/namespaces/${PROXIES}/services`, {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, labels },
    spec: {
      selector: labels,
      ports: gateway.spec.listeners.map(({ name: port, port: number }) => ({ name: port, port: number })),
    },
  });
}

/** Said by the gateway's own parameters, or by those of its class. */
async function replicasOf({ metadata, spec }: Gateway, of: GatewayClass, api: Api): Promise<number> {
  const own = spec.infrastructure?.parametersRef?.name;
  const [namespace, name] = own === undefined ? [PROXIES, of.spec.parametersRef?.name] : [metadata.namespace, own];
  if (name === undefined) return 1;
  const said = await api.get<EnvoyProxy>(`${ENVOY}/namespaces/${namespace}/envoyproxies/${name}`);
  if (said === undefined) throw new Error(`${metadata.name}: there is no EnvoyProxy ${namespace}/${name}`);
  const { envoyDeployment, envoyHpa } = said.spec.provider?.kubernetes ?? {};
  return envoyHpa?.minReplicas ?? envoyDeployment?.replicas ?? 1;
}

const proxy = {
  securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
  containers: [
    {
      name: "envoy",
      image: "envoy",
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    },
  ],
};
