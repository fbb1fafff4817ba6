import type { Props } from "../../serve.js";
import { at, type Rule, text, type View } from "../kind.js";
import { ACCOUNT, PROJECT_MEMBER } from "./account.js";
import { keyAt, mayEncrypt } from "./keys.js";
import { network, subnet } from "./network.js";
import { hash, last, link, NUMBER, need, path, refused, type Table } from "./words.js";

export const CLUSTER = "gcp:container/cluster:Cluster";

const NODE_ROLE = "roles/container.defaultNodeServiceAccount";

/** A node that may not write its logs and metrics never says that it is there. */
const isNode = (view: View, email: unknown): boolean =>
  view
    .all(PROJECT_MEMBER)
    .some(
      ({ inputs, ready }) => ready && inputs["role"] === NODE_ROLE && inputs["member"] === `serviceAccount:${email}`,
    );

const unhealthy = (why: string): string =>
  `Error waiting for creating GKE NodePool: All cluster resources were brought up, but: only 0 nodes out of 1 have registered; ${why}`;

const hasRanges: Rule = ({ subnetwork, ipAllocationPolicy }, view) => {
  const { clusterSecondaryRangeName, servicesSecondaryRangeName } = (ipAllocationPolicy ?? {}) as Props;
  const found = view.find("gcp:compute/subnetwork:Subnetwork", subnetwork);
  if (found === undefined || found.planted) return undefined;
  const ranges = JSON.stringify(found.inputs["secondaryIpRanges"] ?? []);
  const lost = [clusterSecondaryRangeName, servicesSecondaryRangeName].find(
    (range) => range !== undefined && !ranges.includes(`"rangeName":"${range}"`),
  );
  return lost === undefined
    ? undefined
    : refused(400, `Pod secondary range '${lost}' does not exist in network, subnetwork '${subnetwork}'`, "badRequest");
};

const makeable: Rule = (inputs, view) =>
  mayEncrypt("databaseEncryption.keyName", "container", ({ location }) => location)(inputs, view, "") ??
  hasRanges(inputs, view, "") ??
  // The pool that GKE begins with is made of nodes like any other.
  (isNode(view, at(inputs, "nodeConfig.serviceAccount")) ? undefined : unhealthy(`no ${NODE_ROLE}`));

const notLocked: Rule = ({ deletionProtection }) =>
  deletionProtection === false
    ? undefined
    : "Cannot destroy cluster because deletion_protection is set to true. Set it to false to proceed with cluster deletion.";

/** Images come by Google's own road from the subnet, or by the gateway. */
const hasRoad = (view: View, of: Props): boolean => {
  const found = view.find("gcp:compute/subnetwork:Subnetwork", of["subnetwork"]);
  return found === undefined || found.planted || found.inputs["privateIpGoogleAccess"] === true;
};

const nodesJoin: Rule = ({ cluster, nodeConfig }, view) => {
  if (!isNode(view, (nodeConfig as Props)["serviceAccount"])) return unhealthy(`no ${NODE_ROLE}`);
  const ours = view.find(CLUSTER, cluster);
  return ours === undefined || hasRoad(view, ours.inputs) ? undefined : unhealthy("no road out of their subnet");
};

/** Newer machines take other disks than older ones. */
const disksFit: Rule = ({ nodeConfig }) => {
  const { machineType, diskType } = nodeConfig as Props;
  const hyperdisk = /^(c4|c4a|n4|c4d)-/.test(text(machineType));
  return hyperdisk === text(diskType).startsWith("hyperdisk")
    ? undefined
    : refused(400, `${diskType} disk type cannot be used by ${machineType} machine type.`, "badRequest");
};

export const compute: Table = {
  [CLUSTER]: {
    noun: "cluster",
    naming: { property: "name", max: 40, like: /^[a-z]([-a-z0-9]*[a-z0-9])?$/ },
    id: path("projects", "{project}", "locations", "{location}", "clusters", "{name}"),
    quota: 100,
    needs: [
      network(),
      subnet("subnetwork"),
      need("nodeConfig.serviceAccount", ACCOUNT, "leaves"),
      keyAt("databaseEncryption.keyName"),
    ],
    refuses: { create: makeable, delete: notLocked },
    replaceOn: [
      "location",
      "network",
      "subnetwork",
      "networkingMode",
      "datapathProvider",
      "initialNodeCount",
      "ipAllocationPolicy",
      "nodeConfig",
      "privateClusterConfig.enablePrivateNodes",
      "project",
    ],
    outputs: ({ name, location, controlPlaneEndpointsConfig = {}, workloadIdentityConfig }, id, where) => ({
      selfLink: `https://container.googleapis.com/v1/${id}`,
      endpoint: where.kubernetes?.endpoint.replace("https://", "") ?? "203.0.113.7",
      masterAuth: {
        clientCertificateConfig: { issueClientCertificate: false },
        clusterCaCertificate: where.kubernetes?.ca ?? Buffer.from(`CA of ${name}`).toString("base64"),
      },
      controlPlaneEndpointsConfig: {
        ...(controlPlaneEndpointsConfig as Props),
        dnsEndpointConfig: {
          ...(at(controlPlaneEndpointsConfig, "dnsEndpointConfig") as Props),
          endpoint: `gke-${hash(id, 28)}-${NUMBER}.${location}.gke.goog`,
        },
      },
      workloadIdentityConfig: workloadIdentityConfig ?? {},
      masterVersion: "1.36.2-gke.1000",
    }),
  },
  "gcp:container/nodePool:NodePool": {
    noun: "node pool",
    naming: { property: "name", max: 40, like: /^[a-z]([-a-z0-9]*[a-z0-9])?$/ },
    id: ({ name, location, cluster, project }, _, where) =>
      `projects/${project ?? where.account}/locations/${location}/clusters/${last(cluster)}/nodePools/${name}`,
    needs: [need("cluster", CLUSTER, "takes"), need("nodeConfig.serviceAccount", ACCOUNT, "leaves")],
    refuses: {
      create: (...all) => nodesJoin(...all) ?? disksFit(...all),
      update: (_, news, view, id) => disksFit(news, view, id),
    },
    replaceOn: [
      "cluster",
      "location",
      "project",
      "initialNodeCount",
      "maxPodsPerNode",
      "nodeConfig.guestAccelerators",
      "nodeConfig.metadata",
      "nodeConfig.oauthScopes",
      "nodeConfig.serviceAccount",
      "nodeConfig.shieldedInstanceConfig",
      "nodeConfig.spot",
    ],
    outputs: ({ name, location }) => ({
      instanceGroupUrls: [
        link(`projects/${NUMBER}/zones/${location}-b/instanceGroupManagers/gke-${name}-${hash(text(name), 8)}-grp`),
      ],
      version: "1.36.2-gke.1000",
    }),
  },
};
