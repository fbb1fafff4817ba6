import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Cloud, Cluster, Dns, SecretStore } from "../../providers/contract.js";
import { CertManager, certManagerAccount } from "../addons/cert-manager.js";
import { closeNamespace } from "../closed-namespace.js";
import { inside } from "../inside.js";
import {
  authoritySecret,
  namesWith,
  renderAuthority,
  renderCertificate,
  renderOwnIssuer,
  renderPublicIssuer,
  renderSelfSigner,
} from "./certificates.js";
import { hostsOf, type Routed } from "./hosts.js";
import { renderCertManagerPolicy } from "./policies.js";

export interface GatewayCertificateArgs {
  readonly stack: Settings;
  readonly cloud: Pick<Cloud, "identity">;
  readonly cluster: Cluster;
  readonly dns: Dns | undefined;
  readonly secretStore: SecretStore;
  /** Where the gateway is. */
  readonly namespace: pulumi.Input<string>;
  readonly services: Routed;
  /** By which the gateway is reached where there is no domain. */
  readonly address: pulumi.Output<string>;
}

/**
 * The gateway's certificate, one for all its hosts, got and renewed by cert-manager. With a domain it comes from a
 * public authority, which is shown by a record that the domain is the stack's; without one from an authority of the
 * stack's own, which lasts ten years. Costs what cert-manager costs.
 */
export class GatewayCertificate extends pulumi.ComponentResource {
  constructor(name: string, args: GatewayCertificateArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:gateway:Certificate", name, {}, opts);
    const manager = createManager(name, args, this);
    const ground: Ground = { name, args, manager, parent: this };
    if (args.dns === undefined) createOwn(ground);
    else createPublic(ground, args.dns);
    this.registerOutputs({});
  }
}

interface Ground {
  readonly name: string;
  readonly args: GatewayCertificateArgs;
  readonly manager: CertManager;
  readonly parent: GatewayCertificate;
}

function createManager(name: string, args: GatewayCertificateArgs, parent: GatewayCertificate): CertManager {
  const { stack, cloud, cluster, dns, secretStore: store } = args;
  const { namespace, name: serviceAccount } = certManagerAccount(stack);
  const identity =
    dns === undefined
      ? undefined
      : cloud.identity(
          `${name}-cert-manager`,
          { cluster, namespace, serviceAccount, store, buckets: {}, secrets: [], zones: [dns] },
          { parent },
        );
  const manager = new CertManager(`${name}-cert-manager`, { stack, cluster, identity }, { parent });
  const within = manager.release.namespace;
  closeNamespace(`${name}-cert-manager`, within, cluster, parent);
  new NetworkPolicy(`${name}-cert-manager`, renderCertManagerPolicy(stack, within), inside(cluster, parent));
  return manager;
}

type Custom = ConstructorParameters<typeof CustomResource>[1];

/** An object of a kind that cert-manager answers for. */
const createCustom = (
  { args, manager, parent }: Ground,
  name: string,
  manifest: Custom,
  after: readonly pulumi.Resource[] = [],
): CustomResource =>
  new CustomResource(name, manifest, {
    ...inside(args.cluster, parent),
    dependsOn: [manager.release, ...after],
    customTimeouts: { create: "10m", update: "10m" },
  });

function createOwn(ground: Ground): void {
  const { name, args } = ground;
  const { stack, namespace, services, address } = args;
  const signer = createCustom(ground, `${name}-self-signed`, renderSelfSigner(stack, namespace));
  const authority = createCustom(ground, `${name}-authority`, renderAuthority(stack, namespace), [signer]);
  const issuer = createCustom(ground, `${name}-authority`, renderOwnIssuer(stack, namespace), [authority]);
  const names = namesWith(address, hostsOf(services, undefined, stack));
  const from = { kind: "Issuer", name: authoritySecret(stack) } as const;
  createCustom(ground, name, renderCertificate({ stack, namespace, issuer: from, names, awaited: true }), [issuer]);
}

function createPublic(ground: Ground, dns: Dns): void {
  const { name, args } = ground;
  const { stack, namespace, services } = args;
  const issuer = createCustom(ground, name, renderPublicIssuer(stack, dns));
  const from = { kind: "ClusterIssuer", name: stack.prefix } as const;
  const names = { dnsNames: hostsOf(services, dns.domain, stack) };
  // A new zone is delegated by hand, once its name servers are known: no `up` waits for that.
  const awaited = stack.domain.mode === "existing";
  createCustom(ground, name, renderCertificate({ stack, namespace, issuer: from, names, awaited }), [issuer]);
}
