import type { Service } from "kubernetes-types/core/v1.js";
import { minutes } from "./minutes.js";
import type { Role, World } from "./stage.js";

interface Maker {
  /** The release whose controller makes load balancers; without one the cloud does. */
  readonly by: string | undefined;
  readonly finalizer: string;
  /** How clients are told to come: by an address, or by a name. */
  readonly address: (count: number) => { readonly ip: string } | { readonly hostname: string };
}

const cloud: Maker = {
  by: undefined,
  finalizer: "service.kubernetes.io/load-balancer-cleanup",
  address: (count) => ({ ip: `203.0.113.${count % 256}` }),
};

/** Who makes the load balancer of a Service, by its class; the cloud where it has none. */
const byClass: Readonly<Record<string, Maker>> = {
  "service.k8s.aws/nlb": {
    by: "aws-load-balancer-controller",
    finalizer: "service.k8s.aws/resources",
    address: (count) => ({ hostname: `played-${count}.elb.eu-west-1.amazonaws.com` }),
  },
};

const makerOf = ({ spec }: Service): Maker => byClass[spec?.loadBalancerClass ?? ""] ?? cloud;

/** What a cloud does for a Service that wants an address: the Service does not go before its load balancer. */
export const serviceRole: Role<Service> = {
  path: "/api/v1/services",
  by: (service) => makerOf(service).by,
  next: (service, world) => {
    const { metadata, spec, status } = service;
    if (metadata?.deletionTimestamp !== undefined)
      return metadata.finalizers?.includes(makerOf(service).finalizer) === true
        ? { name: "release", minutes: minutes.addressRelease, run: () => setFinalizer(service, world, false) }
        : undefined;
    if (spec?.type !== "LoadBalancer" || status?.loadBalancer?.ingress !== undefined) return undefined;
    return { name: "address", minutes: minutes.address, run: () => giveAddress(service, world) };
  },
};

const pathOf = ({ metadata }: Service): string =>
  `/api/v1/namespaces/${metadata?.namespace}/services/${metadata?.name}`;

async function giveAddress(service: Service, world: World): Promise<void> {
  const { name = "", namespace = "" } = service.metadata ?? {};
  if (world.faults.strikes("noAddress", name, namespace)) throw new Error(`${namespace}/${name}: no address is free`);
  await setFinalizer(service, world, true);
  addresses += 1;
  const ingress = [makerOf(service).address(addresses)];
  await world.api.merge(`${pathOf(service)}/status`, { status: { loadBalancer: { ingress } } });
}

function setFinalizer(service: Service, { api }: World, set: boolean): Promise<void> {
  const { finalizer } = makerOf(service);
  const others = service.metadata?.finalizers?.filter((one) => one !== finalizer) ?? [];
  return api.merge(pathOf(service), { metadata: { finalizers: set ? [...others, finalizer] : others } });
}

let addresses = 0;
