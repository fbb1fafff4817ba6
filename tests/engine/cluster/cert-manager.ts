import type { Secret } from "kubernetes-types/core/v1.js";
import type { Api, Manifest } from "./api.js";
import { selfSigned } from "./certificate.js";
import { type Conditioned, condition, isGoing, isSaid, pathTo, setStatus } from "./conditions.js";
import { minutes } from "./minutes.js";
import { namespaceOf, type Role } from "./stage.js";

const GROUP = "/apis/cert-manager.io/v1";
const BY = "cert-manager";

interface Issuer extends Conditioned {
  readonly spec: { readonly ca?: { readonly secretName: string } };
}

interface Certificate extends Conditioned {
  readonly metadata: Conditioned["metadata"] & { readonly namespace: string };
  readonly spec: {
    readonly secretName: string;
    readonly secretTemplate?: object;
    readonly commonName?: string;
    readonly dnsNames?: readonly string[];
    readonly issuerRef: { readonly name: string; readonly kind?: string };
  };
}

const issuerRole = (plural: "issuers" | "clusterissuers"): Role<Issuer> => ({
  path: `${GROUP}/${plural}`,
  by: () => BY,
  next: (issuer, { api }) =>
    isSaid(issuer, "Ready") || isGoing(issuer)
      ? undefined
      : { name: "ready", minutes: minutes.issuer, run: () => makeReady(issuer, plural, api) },
});

export const issuersRole = issuerRole("issuers");
export const clusterIssuersRole = issuerRole("clusterissuers");

async function makeReady(issuer: Issuer, plural: string, api: Api): Promise<void> {
  const { secretName } = issuer.spec.ca ?? {};
  // Secrets of issuers of the whole cluster are where the controller is.
  const namespace = issuer.metadata.namespace ?? (await namespaceOf(BY, api));
  if (secretName !== undefined && (await keyPair(namespace, secretName, api)) === undefined)
    throw new Error(`${plural} ${issuer.metadata.name}: the Secret ${namespace}/${secretName} has no key pair`);
  await setStatus(pathTo(GROUP, plural, issuer), { conditions: [condition("Ready", issuer)] }, api);
}

async function keyPair(namespace: string, name: string, api: Api): Promise<Secret | undefined> {
  const secret = await api.get<Secret & Manifest>(`/api/v1/namespaces/${namespace}/secrets/${name}`);
  return secret?.data?.["tls.crt"] === undefined ? undefined : secret;
}

/** It signs all by themselves: nobody here asks who signed. */
export const certificateRole: Role<Certificate> = {
  path: `${GROUP}/certificates`,
  by: () => BY,
  next: (certificate, { api }) =>
    isSaid(certificate, "Ready") || isGoing(certificate)
      ? undefined
      : { name: "issue", minutes: minutes.certificate, run: () => issue(certificate, api) },
};

async function issue(certificate: Certificate, api: Api): Promise<void> {
  const { metadata, spec } = certificate;
  const { name, namespace } = metadata;
  const { kind = "Issuer", name: by } = spec.issuerRef;
  const issuers = kind === "ClusterIssuer" ? `${GROUP}/clusterissuers` : `${GROUP}/namespaces/${namespace}/issuers`;
  const issuer = await api.get<Issuer>(`${issuers}/${by}`);
  if (issuer === undefined || !isSaid(issuer, "Ready"))
    throw new Error(`${namespace}/${name}: the ${kind} ${by} is not ready`);
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  if ((await keyPair(namespace, spec.secretName, api)) === undefined) {
    const { certificate: text, key } = selfSigned(spec.commonName ?? spec.dnsNames?.[0] ?? name);
    await api.create(secrets, {
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/tls",
      metadata: { ...spec.secretTemplate, name: spec.secretName },
      stringData: { "tls.crt": text, "tls.key": key, "ca.crt": text },
    });
  }
  await setStatus(pathTo(GROUP, "certificates", certificate), { conditions: [condition("Ready", certificate)] }, api);
}
