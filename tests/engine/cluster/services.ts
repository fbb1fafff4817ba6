import type { Service } from "kubernetes-types/core/v1.js";
import { minutes } from "./minutes.js";
import type { Role, World } from "./stage.js";

const FINALIZER = "service.kubernetes.io/load-balancer-cleanup";

/** What a cloud does for a Service that wants an address: the Service does not go before its load balancer. */
export const serviceRole: Role<Service> = {
  path: "/api/v1/services",
  next: (service, world) => {
    const { metadata, spec, status } = service;
    if (metadata?.deletionTimestamp !== undefined)
      return metadata.finalizers?.includes(FINALIZER) === true
        ? { name: "release", minutes: minutes.addressRelease, run: () => setFinalizers(service, world, []) }
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
  await setFinalizers(service, world, [FINALIZER]);
  addresses += 1;
  const ip = `203.0.113.${addresses % 256}`;
  await world.api.merge(`${pathOf(service)}/status`, { status: { loadBalancer: { ingress: [{ ip }] } } });
}

function setFinalizers(service: Service, { api }: World, ours: readonly string[]): Promise<void> {
  const others = service.metadata?.finalizers?.filter((one) => one !== FINALIZER) ?? [];
  return api.merge(pathOf(service), { metadata: { finalizers: [...others, ...ours] } });
}

let addresses = 0;
