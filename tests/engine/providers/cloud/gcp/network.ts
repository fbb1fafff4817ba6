import type { Props } from "../../serve.js";
import { type Rule, text } from "../kind.js";
import { hash, label, last, link, need, path, refused, type Table } from "./words.js";

const NETWORK = "gcp:compute/network:Network";
const SUBNET = "gcp:compute/subnetwork:Subnetwork";

export const network = (at = "network") => need(at, NETWORK);
export const subnet = (at: string) => need(at, SUBNET);

/** Ranges of one network, those of pods and services among them, are all different. */
const noRangeTwice: Rule = (inputs, view) => {
  const ranges = rangesOf(inputs);
  const others = view.all(SUBNET).filter((one) => one.inputs["network"] === inputs["network"]);
  const conflict = others.find((one) => rangesOf(one.inputs).some((range) => ranges.includes(range)));
  return conflict === undefined
    ? undefined
    : refused(
        400,
        `Invalid IPCidrRange: ${ranges[0]} conflicts with existing subnetwork '${conflict.id}'`,
        "badRequest",
      );
};

const rangesOf = ({ ipCidrRange, secondaryIpRanges }: Props): readonly string[] => [
  text(ipCidrRange),
  ...(Array.isArray(secondaryIpRanges) ? secondaryIpRanges : []).map((one) => text(one.ipCidrRange)),
];

const goTogether: Rule = ({ enableDynamicPortAllocation, enableEndpointIndependentMapping }) =>
  enableDynamicPortAllocation === true && enableEndpointIndependentMapping !== false
    ? refused(400, "Dynamic port allocation cannot be enabled with endpoint independent mapping", "badRequest")
    : undefined;

/** An endpoint of Private Service Connect leads to something of its own region, by an address of the network. */
const leadsSomewhere: Rule = ({ target, region, loadBalancingScheme }) => {
  const attachment = /\/regions\/([^/]+)\/serviceAttachments\//.exec(text(target));
  if (attachment === null) return undefined;
  if (loadBalancingScheme !== "") {
    return refused(400, "A forwarding rule to a service attachment cannot have a load balancing scheme", "invalid");
  }
  return attachment[1] === region
    ? undefined
    : refused(400, `The service attachment '${target}' is not in region ${region}`, "invalid");
};

/** Memorystore's addresses hold it. */
const notUsed: Rule = ({ network: of, location }, view) => {
  const type = "gcp:memorystore/instance:Instance";
  const users = [...view.all(type), ...view.busy(type)].filter(
    ({ inputs }) =>
      inputs["location"] === location && JSON.stringify(inputs["desiredAutoCreatedEndpoints"]).includes(text(of)),
  );
  return users.length === 0
    ? undefined
    : refused(400, `The service connection policy is in use by ${users[0]?.id}`, "failedPrecondition");
};

const prefixOf = ({ ipCidrRange }: Props): number => Number(text(ipCidrRange).split("/")[1]);

const selfLink = (_: unknown, id: string) => ({ selfLink: link(id) });

export const networks: Table = {
  [NETWORK]: {
    noun: "network",
    naming: label,
    id: path("projects", "{project}", "global", "networks", "{name}"),
    quota: 15,
    replaceOn: ["autoCreateSubnetworks", "description", "project"],
    outputs: (_, id) => ({ selfLink: link(id), numericId: String(Number.parseInt(hash(id, 12), 16)) }),
  },
  [SUBNET]: {
    noun: "subnetwork",
    naming: label,
    id: path("projects", "{project}", "regions", "{region}", "subnetworks", "{name}"),
    needs: [network()],
    refuses: { create: noRangeTwice },
    replaceOn: ["network", "region", "description", "purpose", "ipCidrRange", "project"],
    inPlace: { ipCidrRange: (olds, news) => prefixOf(news) < prefixOf(olds) },
    outputs: ({ ipCidrRange }, id) => ({
      selfLink: link(id),
      gatewayAddress: text(ipCidrRange).replace(/\d+\/\d+$/, "1"),
      fingerprint: hash(id, 12),
    }),
  },
  "gcp:compute/router:Router": {
    noun: "router",
    naming: label,
    id: path("projects", "{project}", "regions", "{region}", "routers", "{name}"),
    quota: 5,
    needs: [network()],
    replaceOn: ["network", "region", "project"],
    outputs: selfLink,
  },
  "gcp:compute/routerNat:RouterNat": {
    noun: "NAT gateway",
    naming: label,
    id: path("{project}", "{region}", "{router}", "{name}"),
    needs: [need("router", "gcp:compute/router:Router", "takes"), subnet("subnetworks.name")],
    refuses: { create: goTogether },
    replaceOn: ["router", "region", "project", "type", "endpointTypes"],
  },
  "gcp:compute/address:Address": {
    noun: "address",
    naming: label,
    id: path("projects", "{project}", "regions", "{region}", "addresses", "{name}"),
    needs: [subnet("subnetwork")],
    replaceOn: ["address", "addressType", "description", "network", "purpose", "region", "subnetwork", "project"],
    outputs: (_, id) => ({ selfLink: link(id), address: `10.0.48.${10 + (Number.parseInt(hash(id, 4), 16) % 200)}` }),
  },
  "gcp:compute/forwardingRule:ForwardingRule": {
    noun: "forwarding rule",
    naming: label,
    id: path("projects", "{project}", "regions", "{region}", "forwardingRules", "{name}"),
    needs: [
      network(),
      need("ipAddress", "gcp:compute/address:Address"),
      need("target", "gcp:sql/databaseInstance:DatabaseInstance", "leaves"),
    ],
    refuses: { create: leadsSomewhere },
    replaceOn: ["description", "ipAddress", "loadBalancingScheme", "network", "region", "subnetwork", "project"],
    outputs: (_, id) => ({
      selfLink: link(id),
      pscConnectionId: String(Number.parseInt(hash(id, 12), 16)),
      pscConnectionStatus: "ACCEPTED",
    }),
  },
  "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy": {
    noun: "service connection policy",
    naming: label,
    id: path("projects", "{project}", "locations", "{location}", "serviceConnectionPolicies", "{name}"),
    // A network has one for each service and region.
    unique: ({ network: of, location, serviceClass }) => [last(of), location, serviceClass].join("/"),
    needs: [network(), subnet("pscConfig.subnetworks")],
    refuses: { delete: notUsed },
    replaceOn: ["location", "network", "serviceClass", "project"],
    outputs: () => ({ infrastructure: "PSC", pscConnections: [] }),
  },
  "gcp:dns/managedZone:ManagedZone": {
    noun: "managed zone",
    naming: label,
    id: path("projects", "{project}", "managedZones", "{name}"),
    needs: [network("privateVisibilityConfig.networks.networkUrl")],
    refuses: {
      create: ({ dnsName, visibility }, view) =>
        visibility === "private" &&
        view
          .all("gcp:dns/managedZone:ManagedZone")
          .some(({ inputs }) => inputs["dnsName"] === dnsName && inputs["visibility"] === "private")
          ? refused(400, `Another private zone of ${dnsName} is visible to the same network`, "invalidZoneVisibility")
          : undefined,
    },
    replaceOn: ["dnsName", "visibility", "project"],
    emptiedBy: "forceDestroy",
    outputs: (_, id) => ({
      managedZoneId: Number.parseInt(hash(id, 10), 16),
      nameServers: ["a", "b", "c", "d"].map((server) => `ns-cloud-${server}1.googledomains.example.`),
    }),
  },
  "gcp:dns/recordSet:RecordSet": {
    noun: "record set",
    id: path("projects", "{project}", "managedZones", "{managedZone}", "rrsets", "{name}", "{type}"),
    needs: [need("managedZone", "gcp:dns/managedZone:ManagedZone")],
    replaceOn: ["managedZone", "name", "type", "project"],
  },
};
