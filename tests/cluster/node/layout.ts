import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import { cacheRoot } from "../../tools/cache.js";
import { mark } from "./addresses.js";

/** Where everything of the node is, all in one folder that goes with it. */
export type Layout = ReturnType<typeof layoutIn>;

export const standardDirectory = (): string => join(tmpdir(), mark);

/** Folders of the machine that the node's parts write to: it has a layer of its own over each. */
export const covered = ["/opt", "/usr/libexec", "/var/lib", "/var/log"];
/** A memory of its own is over this one, for sockets at the places where they are looked for. */
export const emptied = "/run";

/** Of the node that is up, or was last. */
export const logFolder = (): string => join(cacheRoot(), "node-logs");

/** Says why a folder will not do. */
export function unfit(directory: string): string | undefined {
  const over = [...covered, emptied].find((folder) => `${directory}${sep}`.startsWith(`${folder}${sep}`));
  return over === undefined ? undefined : `a folder that is not in ${over} (${directory})`;
}

export function layoutIn(directory: string) {
  const at = (...names: readonly string[]): string => join(directory, ...names);
  const file = (name: string): string => at("files", name);
  return {
    directory,
    files: {
      authority: file("authority.crt"),
      authorityKey: file("authority.key"),
      frontAuthority: file("front-authority.crt"),
      apiCertificate: file("api.crt"),
      apiKey: file("api.key"),
      kubeletCertificate: file("kubelet.crt"),
      kubeletKey: file("kubelet.key"),
      kubeletClientCertificate: file("kubelet-client.crt"),
      kubeletClientKey: file("kubelet-client.key"),
      frontCertificate: file("front.crt"),
      frontKey: file("front.key"),
      accountKey: file("service-accounts.key"),
      tokens: file("tokens.csv"),
      containerd: file("containerd.toml"),
      kubelet: file("kubelet.yaml"),
      kubeProxy: file("kube-proxy.yaml"),
      network: at("network", "bridge.conflist"),
      noNames: file("resolv.conf"),
    },
    folders: {
      files: at("files"),
      network: at("network"),
      podLogs: at("pod-logs"),
      etcd: at("etcd"),
      containerd: at("containerd"),
      kubelet: at("kubelet"),
      plugins: at("plugins"),
      volumes: at("volumes"),
      layers: at("layers"),
    },
    /** By who uses it. The API server's own address, as the node and those outside know it. */
    kubeconfig: (who: string): string => file(`${who}.kubeconfig`),
    /** Outlives the node: whoever asks why it ended looks here. */
    log: (part: string): string => join(logFolder(), `${part}.log`),
    /** What is written to a covered folder. */
    layer: (folder: string) => {
      const name = folder.slice(1).replaceAll("/", "-");
      return { upper: at("layers", name, "upper"), work: at("layers", name, "work") };
    },
  };
}

export function makeFolders({ directory, folders, layer }: Layout): void {
  rmSync(logFolder(), { recursive: true, force: true });
  const layers = covered.map(layer).flatMap(({ upper, work }) => [upper, work]);
  mkdirSync(dirname(directory), { recursive: true });
  // Nobody else's, even where everybody may make folders, and nobody else looks into it.
  mkdirSync(directory, { mode: 0o700 });
  for (const folder of [logFolder(), ...Object.values(folders), ...layers]) mkdirSync(folder, { recursive: true });
}
