import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { Access } from "../../engine/cluster/api.js";
import { createAuthority } from "../../engine/cluster/certificate.js";
import { renderKubeconfig } from "../../engine/cluster/server.js";
import { addresses, nodeName, ports } from "./addresses.js";
import type { Layout } from "./layout.js";

/** Who asks the API server for what, each by a token of its own: users and groups as every cluster has them. */
const users = {
  admin: { name: "admin", groups: ["system:masters"] },
  kubelet: { name: `system:node:${nodeName}`, groups: ["system:nodes"] },
  "kube-proxy": { name: "system:kube-proxy", groups: [] },
  "kube-controller-manager": { name: "system:kube-controller-manager", groups: [] },
  "kube-scheduler": { name: "system:kube-scheduler", groups: [] },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly groups: readonly string[] }>>;

const LOOPBACK = [127, 0, 0, 1] as const;
const four = (address: string) =>
  address.split(".").map(Number) as unknown as readonly [number, number, number, number];

/** Keys, certificates, tokens and who knows which, into their files. Gives the administrator's way in from the machine. */
export function writeSecrets({ files, kubeconfig }: Layout, loopbackPort: number): Access {
  const authority = createAuthority("node-authority");
  // Its own: whoever it has signed for may speak in anybody's name.
  const front = createAuthority("node-front-authority");
  const account = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const certificates = {
    api: authority.issue({
      common: "kube-apiserver",
      names: ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"],
      addresses: [LOOPBACK, four(addresses.node), four(addresses.api)],
    }),
    kubelet: authority.issue({ common: nodeName, names: [nodeName], addresses: [four(addresses.node)] }),
    kubeletClient: authority.issue({ common: "kube-apiserver-kubelet-client", organization: "system:masters" }),
    front: front.issue({ common: "front-proxy-client" }),
  };
  const token = () => randomBytes(24).toString("hex");
  const tokens = Object.entries(users).map(([who, user]) => ({ who, ...user, token: token() }));

  const write = (path: string, text: string) => writeFileSync(path, text, { mode: 0o600 });
  write(files.authority, authority.certificate);
  write(files.authorityKey, authority.key);
  write(files.frontAuthority, front.certificate);
  for (const [name, { certificate, key }] of Object.entries(certificates) as [keyof typeof certificates, Pem][]) {
    write(files[`${name}Certificate`], certificate);
    write(files[`${name}Key`], key);
  }
  write(files.accountKey, account.export({ type: "sec1", format: "pem" }).toString());
  write(
    files.tokens,
    tokens.map(({ token, name, groups }) => `${token},${name},${name},"${groups.join(",")}"\n`).join(""),
  );
  const access = (token: string, address: string): Access => ({
    endpoint: `https://${address}`,
    ca: authority.certificate,
    token,
  });
  for (const { who, token } of tokens)
    write(kubeconfig(who), renderKubeconfig(access(token, `${addresses.node}:${ports.api}`)));
  const admin = tokens.find(({ who }) => who === "admin")?.token ?? "";
  const loopback = access(admin, `127.0.0.1:${loopbackPort}`);
  write(kubeconfig("loopback"), renderKubeconfig(loopback));
  return loopback;
}

interface Pem {
  readonly certificate: string;
  readonly key: string;
}
