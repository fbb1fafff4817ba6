import type { Props } from "../../serve.js";
import { at, type Read, type Thing, type View } from "../kind.js";
import { agentOf } from "./keys.js";
import { last, NUMBER, refused } from "./words.js";

function found(view: View, type: string, value: unknown): Thing {
  const thing = view.find(type, value) ?? view.find(type, last(value));
  if (thing === undefined) throw new Error(refused(404, `The resource '${value}' was not found`, "notFound"));
  return thing;
}

export const reads: Readonly<Record<string, Read>> = {
  "gcp:organizations/getProject:getProject": (args, view) => {
    const { where } = view;
    const other = view.find("gcp:organizations/project:Project", args["projectId"]);
    if (other !== undefined) return { ...other.outputs, id: `projects/${other.id}` };
    if (args["projectId"] !== where.account) {
      throw new Error(
        refused(403, `The caller does not have permission to read project ${args["projectId"]}`, "forbidden"),
      );
    }
    return { id: `projects/${where.account}`, projectId: where.account, number: NUMBER, name: where.account };
  },
  "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": (args, { where }) => {
    const emailAddress = agentOf("storage");
    return {
      ...args,
      id: emailAddress,
      project: where.account,
      emailAddress,
      member: `serviceAccount:${emailAddress}`,
    };
  },
  "gcp:compute/getSubnetwork:getSubnetwork": (args, view) => {
    const subnet = found(view, "gcp:compute/subnetwork:Subnetwork", args["selfLink"] ?? args["name"]);
    return { ...subnet.outputs, id: subnet.id };
  },
  "gcp:container/getCluster:getCluster": (args, view) => {
    const { id, outputs } = found(view, "gcp:container/cluster:Cluster", args["name"]);
    const { name, location, endpoint, masterAuth, controlPlaneEndpointsConfig } = outputs;
    return {
      id,
      name,
      location,
      project: view.where.account,
      endpoint,
      masterAuths: [masterAuth],
      controlPlaneEndpointsConfigs: [
        { dnsEndpointConfigs: [at(controlPlaneEndpointsConfig, "dnsEndpointConfig") as Props] },
      ],
      nodePools: [{ nodeConfigs: [{ serviceAccount: "default" }] }],
    };
  },
  "gcp:storage/getBucket:getBucket": (args, view) => {
    const { id, outputs } = found(view, "gcp:storage/bucket:Bucket", args["name"]);
    return { id, name: id, location: outputs["location"], url: outputs["url"], selfLink: outputs["selfLink"] };
  },
  "gcp:dns/getManagedZone:getManagedZone": (args, view) => {
    const { id, outputs } = found(view, "gcp:dns/managedZone:ManagedZone", args["name"]);
    return { id, name: outputs["name"], dnsName: outputs["dnsName"], nameServers: outputs["nameServers"] };
  },
};
