import { isIP } from "node:net";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Dns } from "../../providers/contract.js";

/** The objects by which cert-manager 1.21 gets the gateway's certificate. */

type Stack = Pick<Settings, "prefix">;

/** The Secret that cert-manager keeps the certificate in. */
export const certificateSecret = ({ prefix }: Stack): string => `${prefix}-certificate`;
/** The Secret with the stack's own authority, whose `ca.crt` a client trusts. */
export const authoritySecret = ({ prefix }: Stack): string => `${prefix}-authority`;

const API = "cert-manager.io/v1";
const READY = { "pulumi.com/waitFor": "condition=Ready" };
const YEARS_10 = "87600h";

/** Of the authority: the same key for as long as it lasts, so that who trusts it once need not do so again. */
const LASTING_KEY = { algorithm: "ECDSA", size: 256, rotationPolicy: "Never" };
const KEY = { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" };

/** Signs the authority's certificate with its own key. */
export const renderSelfSigner = ({ prefix }: Stack, namespace: pulumi.Input<string>) => ({
  apiVersion: API,
  kind: "Issuer",
  metadata: { name: `${prefix}-self-signed`, namespace, annotations: READY },
  spec: { selfSigned: {} },
});

export const renderAuthority = (stack: Stack, namespace: pulumi.Input<string>) => ({
  apiVersion: API,
  kind: "Certificate",
  metadata: { name: authoritySecret(stack), namespace, annotations: READY },
  spec: {
    isCA: true,
    commonName: stack.prefix,
    secretName: authoritySecret(stack),
    duration: YEARS_10,
    privateKey: LASTING_KEY,
    issuerRef: { group: "cert-manager.io", kind: "Issuer", name: `${stack.prefix}-self-signed` },
  },
});

export const renderOwnIssuer = (stack: Stack, namespace: pulumi.Input<string>) => ({
  apiVersion: API,
  kind: "Issuer",
  metadata: { name: authoritySecret(stack), namespace, annotations: READY },
  spec: { ca: { secretName: authoritySecret(stack) } },
});

/**
 * Asks a public authority, and answers its question by a record. One for the whole cluster: only such a one may act by
 * the identity of cert-manager's pods.
 */
export const renderPublicIssuer = (
  { prefix, gateway }: Pick<Settings, "prefix" | "gateway">,
  { domain, solver }: Pick<Dns, "domain" | "solver">,
) => ({
  apiVersion: API,
  kind: "ClusterIssuer",
  metadata: { name: prefix, annotations: READY },
  spec: {
    acme: {
      server: gateway.acme.server,
      ...(gateway.acme.email === undefined ? {} : { email: gateway.acme.email }),
      privateKeySecretRef: { name: `${prefix}-acme` },
      solvers: [{ selector: { dnsZones: [domain] }, dns01: solver }],
    },
  },
});

export interface CertificateSpec {
  readonly stack: Stack;
  readonly namespace: pulumi.Input<string>;
  readonly issuer: { readonly kind: "Issuer" | "ClusterIssuer"; readonly name: string };
  /** What it is for. */
  readonly names: Names;
  /** Whether it is there when the program is done; else another one stands for it until it comes. */
  readonly awaited: boolean;
}

interface Names {
  readonly dnsNames: pulumi.Input<readonly string[]>;
  readonly ipAddresses?: pulumi.Input<readonly string[]>;
}

export const renderCertificate = ({ stack, namespace, issuer, names, awaited }: CertificateSpec) => ({
  apiVersion: API,
  kind: "Certificate",
  metadata: {
    name: certificateSecret(stack),
    namespace,
    // What stands for it is signed by nobody known: the gateway serves no TLS at all without any.
    annotations: awaited ? READY : { "cert-manager.io/issue-temporary-certificate": "true" },
  },
  spec: {
    secretName: certificateSecret(stack),
    ...names,
    privateKey: KEY,
    usages: ["server auth", "digital signature"],
    issuerRef: { group: "cert-manager.io", ...issuer },
  },
});

/** Hosts, and an address of which only the cloud says whether it is a name or an IP: a certificate tells them apart. */
export const namesWith = (address: pulumi.Output<string>, hosts: readonly string[]): Names => ({
  dnsNames: address.apply((own) => [...new Set(isIP(own) === 0 ? [own, ...hosts] : hosts)]),
  ipAddresses: address.apply((own) => (isIP(own) === 0 ? [] : [own])),
});
