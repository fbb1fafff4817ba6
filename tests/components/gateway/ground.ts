import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Gateway, type GatewayArgs } from "../../../components/gateway/gateway.js";
import type { Settings } from "../../../config/settings.js";
import type { Tree } from "../../../config/walk.js";
import type { Cloud, Dns, IdentityArgs, LoadBalancerSpec } from "../../../providers/contract.js";
import { deploy } from "../../support/deploy.js";
import { ground, madeCluster } from "../../support/inside.js";
import { settingsOf } from "../../support/settings.js";

export const DOMAIN = "agents.example.com";
export const ADDRESS = "203.0.113.10";
export const RANDOM_ID = "random:index/randomId:RandomId";
/** What stands for a record. */
export const RECORD = "random:index/randomString:RandomString";
export const SERVICE = "kubernetes:core/v1:Service";

export interface Way {
  /** Settings of the gateway. */
  readonly gateway?: Tree;
  readonly domain?: "managed" | "existing";
  readonly services?: Tree;
  readonly preview?: boolean;
  /** What the cluster says of the Service. */
  readonly ingress?: readonly object[];
}

const image = "ghcr.io/acme/api:1.4.2";
const twoServices = {
  api: { image, routes: [{}, { path: "/ws", websockets: true }] },
  web: { image, port: 8080, routes: [{ host: `www.${DOMAIN}` }] },
};

/** What a cloud would be asked, and what stands for what it makes. */
export interface Asked {
  readonly identities: IdentityArgs[];
  readonly loadBalancers: LoadBalancerSpec[];
}

function cloudOf(asked: Asked): Pick<Cloud, "identity" | "loadBalancer"> {
  return {
    identity: (name, args, opts) => {
      asked.identities.push(args);
      const role = new random.RandomId(`${name}-role`, { byteLength: 4 }, opts);
      return {
        principal: pulumi.output("role"),
        serviceAccountAnnotations: { "example.com/role": "role" },
        podLabels: { "example.com/use": "true" },
        ready: [role],
      };
    },
    loadBalancer: (spec) => {
      asked.loadBalancers.push(spec);
      return {
        type: "LoadBalancer",
        loadBalancerClass: "example.com/lb",
        annotations: { "example.com/internal": String(spec.internal) },
        externalTrafficPolicy: "Local",
      };
    },
  };
}

const zone: Dns = {
  domain: DOMAIN,
  zone: pulumi.output("Z1"),
  nameServers: pulumi.output([]),
  solver: { example: { zone: "Z1" } },
  point: (name, host, address, opts) => new random.RandomString(name, { length: 4, keepers: { host, address } }, opts),
};

function withDomain(stack: Settings, mode: Way["domain"]): Settings {
  if (mode === undefined) return stack;
  return {
    ...stack,
    domain: mode === "managed" ? { mode, name: DOMAIN } : { mode, name: DOMAIN, zone: "Z1" },
  };
}

/** A gateway on a cluster of the platform's own, by a load balancer where it is not said. */
export async function way({ gateway = {}, domain, services = twoServices, preview = false, ingress }: Way = {}) {
  const asked: Asked = { identities: [], loadBalancers: [] };
  const said = { cloud: "local", gateway: { expose: "loadBalancer", ...gateway }, services };
  const stack = withDomain(settingsOf(said), domain);
  const recording = await deploy(
    () => {
      const { parent, secrets } = ground(stack);
      const cluster = madeCluster(parent);
      const network = new random.RandomId("network", { byteLength: 4 }, { parent });
      const maker = new random.RandomId("maker", { byteLength: 4 }, { parent });
      const store = new CustomResource(
        "store",
        { apiVersion: "external-secrets.io/v1", kind: "ClusterSecretStore", metadata: { name: "store" } },
        { parent, provider: cluster.provider },
      );
      const { secret } = stack.gateway.tls;
      const args: GatewayArgs = {
        stack,
        cloud: cloudOf(asked),
        cluster,
        network: Object.assign(network, {
          subnets: { public: pulumi.output([]), private: pulumi.output([]), data: pulumi.output([]) },
          clientCidrs: [],
          dataCidrs: pulumi.output([]),
        }),
        dns: domain === undefined ? undefined : zone,
        secretStore: secrets,
        namespace: stack.prefix,
        services: stack.services,
        loadBalancers: [maker],
        certificate: secret === undefined ? undefined : { entry: secrets.existing(secret), store },
      };
      return new Gateway("way", args, { parent });
    },
    {
      preview,
      outputs: { [SERVICE]: () => ({ status: { loadBalancer: { ingress: ingress ?? [{ ip: ADDRESS }] } } }) },
    },
  );
  return { ...recording, asked };
}
