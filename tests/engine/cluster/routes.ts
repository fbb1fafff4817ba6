import type { Api } from "./api.js";
import { type Condition, type Custom, condition, isGoing, pathTo, setStatus } from "./conditions.js";
import { BY, CONTROLLER, ENVOY, GROUP } from "./gateways.js";
import { minutes } from "./minutes.js";
import type { Role } from "./stage.js";

interface Route extends Custom {
  readonly spec: {
    readonly parentRefs: readonly { readonly name: string; readonly namespace?: string }[];
    readonly rules?: readonly {
      readonly backendRefs?: readonly { readonly name: string; readonly kind?: string; readonly namespace?: string }[];
    }[];
  };
  readonly status?: { readonly parents?: readonly { readonly conditions: readonly Condition[] }[] };
}

interface Target {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}
interface Policy extends Custom {
  readonly spec: { readonly targetRef?: Target; readonly targetRefs?: readonly Target[] };
  readonly status?: { readonly ancestors?: readonly { readonly conditions: readonly Condition[] }[] };
}

const routeRole = (plural: "httproutes" | "grpcroutes"): Role<Route> => ({
  path: `${GROUP}/${plural}`,
  by: () => BY,
  next: (route, { api }) =>
    isGoing(route) || isAttached(route)
      ? undefined
      : { name: "attach", minutes: minutes.gateway, run: () => attach(route, plural, api) },
});

export const httpRouteRole = routeRole("httproutes");
export const grpcRouteRole = routeRole("grpcroutes");

const isAttached = ({ metadata, status }: Route): boolean =>
  status?.parents?.every(({ conditions }) =>
    conditions.every((one) => one.status === "True" && one.observedGeneration === metadata.generation),
  ) ?? false;

async function attach(route: Route, plural: string, api: Api): Promise<void> {
  const { metadata, spec } = route;
  const services = (spec.rules ?? []).flatMap(({ backendRefs = [] }) => backendRefs);
  const missing = [];
  for (const { name, kind = "Service", namespace = metadata.namespace } of services)
    if (kind === "Service" && (await api.get(`/api/v1/namespaces/${namespace}/services/${name}`)) === undefined)
      missing.push(name);
  const found = missing.length === 0;
  const conditions = [
    condition("Accepted", route),
    condition("ResolvedRefs", route, found ? "True" : "False", found ? "ResolvedRefs" : "BackendNotFound"),
  ];
  const parents = spec.parentRefs.map((parentRef) => ({ parentRef, controllerName: CONTROLLER, conditions }));
  await setStatus(pathTo(GROUP, plural, route), { parents }, api);
  if (!found) throw new Error(`${metadata.namespace}/${metadata.name}: there is no Service ${missing.join(", ")}`);
}

const policyRole = (plural: string): Role<Policy> => ({
  path: `${ENVOY}/${plural}`,
  by: () => BY,
  next: (policy, { api }) =>
    isGoing(policy) || isAccepted(policy)
      ? undefined
      : {
          name: "accept",
          minutes: minutes.gateway,
          run: () => {
            const { targetRef, targetRefs = targetRef === undefined ? [] : [targetRef] } = policy.spec;
            const ancestors = targetRefs.map(({ group, kind, name }) => ({
              ancestorRef: { group, kind, name, namespace: policy.metadata.namespace },
              controllerName: CONTROLLER,
              conditions: [condition("Accepted", policy)],
            }));
            return setStatus(pathTo(ENVOY, plural, policy), { ancestors }, api);
          },
        },
});

const isAccepted = ({ metadata, status }: Policy): boolean =>
  status?.ancestors?.every(({ conditions }) =>
    conditions.every(({ observedGeneration }) => observedGeneration === metadata.generation),
  ) ?? false;

export const backendTrafficPolicyRole = policyRole("backendtrafficpolicies");
export const clientTrafficPolicyRole = policyRole("clienttrafficpolicies");
export const securityPolicyRole = policyRole("securitypolicies");
