import { Api } from "../../engine/cluster/api.js";
import { makeCgroups } from "./cgroups.js";
import { disksObjects } from "./disks.js";
import type { Doors } from "./doors.js";
import { importInto, runtimeAnswers } from "./images.js";
import { layoutIn, makeFolders } from "./layout.js";
import { namesObjects } from "./names.js";
import { connect, hold, mountFolders, outsideOf } from "./namespaces.js";
import { create } from "./objects.js";
import { accountsAreMade, apiAnswers, isAvailable, namesAreKnown, nodeIsReady, until } from "./ready.js";
import { addToRecord } from "./record.js";
import { writeSecrets } from "./secrets.js";
import { startServers } from "./servers.js";
import { writeSettings } from "./settings.js";

export interface Plan {
  readonly directory: string;
  /** The first one leads to the API server. */
  readonly doors: Doors;
  readonly archives: readonly string[];
  readonly say: (what: string) => void;
}

/** Everything of the node, in the order in which one needs the other. */
export async function build({ directory, doors, archives, say }: Plan): Promise<void> {
  const layout = layoutIn(directory);
  makeFolders(layout);
  makeCgroups();
  const { holder, first } = await hold(addToRecord);
  await connect(holder, first);
  await mountFolders(first, layout);
  const access = writeSecrets(layout, doors.ports[0] ?? 0);
  writeSettings(layout);
  await doors.open(holder, first, layout.log("doorkeeper"));

  const servers = startServers(first, layout);
  const wait = (what: string, missing: () => Promise<string | undefined>) => {
    say(`waiting for ${what}`);
    return until(what, missing, servers.check);
  };
  const api = new Api(access);
  const imagesAreThere = async () => {
    await wait("containerd", () => runtimeAnswers(first));
    await importInto(first, archives);
  };
  const kubeletBegins = async () => {
    await wait("the API server", () => apiAnswers(api));
    servers.start("kubelet", "kube-proxy");
    await wait("the controllers", () => accountsAreMade(api));
  };
  try {
    servers.start("containerd", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler");
    await Promise.all([imagesAreThere(), kubeletBegins()]);
    // Only now: a pod whose image is not there yet is tried again after ten seconds.
    await create(api, [...namesObjects, ...disksObjects(layout.folders.volumes)]);
    await wait("the kubelet", () => nodeIsReady(api));
    await wait("CoreDNS", () => isAvailable(api, "kube-system", "coredns"));
    await wait("names", () => namesAreKnown(outsideOf(holder)));
    await wait("the volumes' provisioner", () => isAvailable(api, "local-path-storage", "local-path-provisioner"));
  } finally {
    api.close();
  }
}
