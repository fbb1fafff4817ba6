import { type Read, type Thing, text, type View } from "../kind.js";

/** Of the kinds that EKS has; each time the newest, as asked for with `mostRecent`. */
const addonVersions: Readonly<Record<string, string>> = {
  "aws-ebs-csi-driver": "v1.62.0-eksbuild.1",
  coredns: "v1.14.2-eksbuild.3",
  "eks-pod-identity-agent": "v1.3.12-eksbuild.1",
  "kube-proxy": "v1.36.1-eksbuild.2",
  "vpc-cni": "v1.23.0-eksbuild.1",
};

function found(view: View, type: string, value: unknown, otherwise: string): Thing {
  const thing = view.find(type, value);
  if (thing === undefined) throw new Error(`${otherwise}: '${value}' does not exist`);
  return thing;
}

export const reads: Readonly<Record<string, Read>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": (_, { where }) => ({
    id: where.account,
    accountId: where.account,
    arn: `arn:aws:sts::${where.account}:assumed-role/deployer/session`,
    userId: "AROAEXAMPLEDEPLOYER:session",
  }),
  "aws:index/getPartition:getPartition": () => ({
    id: "aws",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
  }),
  "aws:iam/getSessionContext:getSessionContext": (args) => {
    const arn = text(args["arn"]);
    const [, account, role = "", session = ""] = /^arn:aws:sts::(\d+):assumed-role\/([^/]+)\/(.+)$/.exec(arn) ?? [];
    const issuerArn = account === undefined ? arn : `arn:aws:iam::${account}:role/${role}`;
    return { id: arn, arn, issuerArn, issuerId: "AROAEXAMPLEDEPLOYER", issuerName: role, sessionName: session };
  },
  "aws:eks/getAddonVersion:getAddonVersion": (args) => {
    const addonName = text(args["addonName"]);
    const version = addonVersions[addonName];
    if (version === undefined) throw new Error(`InvalidParameterException: Addon ${addonName} is not supported`);
    return { ...args, id: addonName, version };
  },
  "aws:ec2/getVpc:getVpc": (args, view) => {
    const vpc = found(view, "aws:ec2/vpc:Vpc", args["id"], "InvalidVpcID.NotFound: the VPC");
    return { ...vpc.inputs, ...vpc.outputs, id: vpc.id };
  },
  "aws:eks/getCluster:getCluster": (args, view) => {
    const type = "aws:eks/cluster:Cluster";
    const cluster = found(view, type, args["name"], "ResourceNotFoundException: the cluster");
    const { arn, endpoint, certificateAuthority, identities, version, status } = cluster.outputs;
    return {
      id: cluster.id,
      name: cluster.id,
      arn,
      endpoint,
      version,
      status,
      identities,
      certificateAuthorities: [certificateAuthority],
    };
  },
  "aws:kms/getKey:getKey": (args, view) => {
    const alias = view.find("aws:kms/alias:Alias", args["keyId"]);
    const id = alias?.inputs["targetKeyId"] ?? args["keyId"];
    const key = found(view, "aws:kms/key:Key", id, "NotFoundException: the key");
    return { ...args, id: key.id, arn: key.outputs["arn"], enabled: true };
  },
  "aws:route53/getZone:getZone": (args, view) => {
    const zone = found(view, "aws:route53/zone:Zone", args["zoneId"], "NoSuchHostedZone: the zone");
    const { arn, nameServers } = zone.outputs;
    return { id: zone.id, zoneId: zone.id, name: zone.inputs["name"], arn, nameServers };
  },
  // Amazon's own zone, a fixed one for each region and kind.
  "aws:lb/getHostedZoneId:getHostedZoneId": (args) => ({ ...args, id: `Z2IFOLAFXWLO4F${text(args["region"])}` }),
  "aws:s3/getBucket:getBucket": (args, view) => {
    const bucket = found(view, "aws:s3/bucket:Bucket", args["bucket"], "NoSuchBucket: the bucket");
    const { arn, region, bucketRegion } = bucket.outputs;
    return { id: bucket.id, bucket: bucket.id, arn, region, bucketRegion };
  },
};
