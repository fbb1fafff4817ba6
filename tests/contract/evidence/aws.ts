import assert from "node:assert/strict";
import type { RecordedResource } from "../../../plan/record.js";
import { all, only } from "../../support/deploy.js";
import { accountsWithIdentity, type Evidence } from "./properties.js";

const INSTANCE = "aws:rds/instance:Instance";
const RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const BUCKET = "aws:s3/bucket:Bucket";
const EVERYONE = ["0.0.0.0/0", "::/0"];

/** Every key of the part is new each quarter. */
function keysRotate(part: readonly RecordedResource[]): void {
  const keys = all(part, "aws:kms/key:Key");
  assert.ok(keys.length > 0);
  for (const { inputs, name } of keys) assert.equal(inputs["enableKeyRotation"], true, name);
}

const statementsOf = ({ inputs }: RecordedResource, document: string) =>
  (JSON.parse(String(inputs[document])) as { Statement: Record<string, unknown>[] }).Statement;

export const evidenceOnAws: Evidence = {
  network: {
    "gives no machine a public address": ({ part }) => {
      const subnets = all(part, "aws:ec2/subnet:Subnet");
      assert.ok(subnets.length >= 6);
      for (const { inputs, name } of subnets) assert.equal(inputs["mapPublicIpOnLaunch"], false, name);
    },
    "has no way out of the data subnets": ({ part, settings }) => {
      const isData = ({ name }: RecordedResource) => name.includes("-data");
      const tables = all(part, "aws:ec2/routeTable:RouteTable").filter(isData);
      assert.ok(tables.length > 0);
      const ids = new Set(tables.map(({ name }) => `${name}-id`));
      const routes = all(part, "aws:ec2/route:Route");
      const nat = settings.network.mode === "managed" && settings.network.nat !== "none";
      assert.equal(routes.length > 1, nat);
      assert.deepEqual(
        routes.filter(({ inputs }) => ids.has(String(inputs["routeTableId"]))),
        [],
      );
      const subnets = all(part, "aws:ec2/subnet:Subnet").filter(isData);
      const associated = all(part, "aws:ec2/routeTableAssociation:RouteTableAssociation")
        .filter(({ inputs }) => ids.has(String(inputs["routeTableId"])))
        .map(({ inputs }) => inputs["subnetId"]);
      assert.deepEqual(associated.sort(), subnets.map(({ name }) => `${name}-id`).sort());
    },
    "lets nobody in who is not named": ({ part, everything }) => {
      const rules = all(everything, RULE);
      const groups = all(everything, GROUP);
      const open = groups.map(({ name }) => `${name}-id`);
      assert.deepEqual([...new Set(rules.map(({ inputs }) => inputs["securityGroupId"]))].sort(), open.sort());
      for (const { inputs, name } of rules) {
        assert.match(String(inputs["cidrIpv4"]), /^10\./, name);
        assert.ok(!EVERYONE.includes(String(inputs["cidrIpv6"])), name);
        assert.equal(inputs["fromPort"], inputs["toPort"], name);
      }
      // Rules inside a group would be seen by none of these tests.
      assert.deepEqual(
        groups.filter(({ inputs }) => "ingress" in inputs || "egress" in inputs),
        [],
      );
      const { inputs } = only(part, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup");
      assert.deepEqual([inputs["ingress"], inputs["egress"]], [[], []]);
    },
  },
  cluster: {
    "keeps its secrets encrypted": ({ part }) => {
      const { inputs } = only(part, "aws:eks/cluster:Cluster");
      const key = only(part, "aws:kms/key:Key");
      const { provider, resources } = inputs["encryptionConfig"] as {
        provider: { keyArn: string };
        resources: string[];
      };
      assert.deepEqual(resources, ["secrets"]);
      assert.equal(provider.keyArn.endsWith(key.name), true);
      keysRotate(part);
    },
    "admits by the cloud's own identities only": ({ part }) => {
      const { inputs } = only(part, "aws:eks/cluster:Cluster");
      assert.deepEqual(inputs["accessConfig"], {
        authenticationMode: "API",
        bootstrapClusterCreatorAdminPermissions: false,
      });
    },
    "is reached from the internet by the stack's own ranges only": ({ part, settings }) => {
      const { access } = settings.cluster;
      const { endpointPrivateAccess, endpointPublicAccess, publicAccessCidrs } = only(part, "aws:eks/cluster:Cluster")
        .inputs["vpcConfig"] as Record<string, unknown>;
      assert.equal(endpointPrivateAccess, true);
      assert.equal(endpointPublicAccess, access?.private !== true);
      // Development may be open, with a warning; production may not.
      const open = access?.private === true ? undefined : (access?.cidrs ?? ["0.0.0.0/0"]);
      assert.deepEqual(publicAccessCidrs, open);
      if (settings.environment === "production") assert.deepEqual(publicAccessCidrs, ["203.0.113.0/24"]);
    },
    "stays in support": ({ part }) => {
      assert.deepEqual(only(part, "aws:eks/cluster:Cluster").inputs["upgradePolicy"], { supportType: "STANDARD" });
    },
    "its machines keep their credentials from pods, and their disks encrypted": ({ part }) => {
      const templates = all(part, "aws:ec2/launchTemplate:LaunchTemplate");
      assert.equal(templates.length, 3);
      for (const { inputs } of templates) {
        assert.deepEqual(inputs["metadataOptions"], {
          httpEndpoint: "enabled",
          httpTokens: "required",
          httpPutResponseHopLimit: 1,
        });
        const [disk] = inputs["blockDeviceMappings"] as { ebs: Record<string, unknown> }[];
        assert.equal(disk?.ebs["encrypted"], "true");
        assert.equal("networkInterfaces" in inputs, false);
      }
    },
  },
  databases: {
    "has no public address": ({ part }) => {
      const instances = all(part, INSTANCE);
      assert.ok(instances.length > 0);
      for (const { inputs, name } of instances) assert.equal(inputs["publiclyAccessible"], false, name);
    },
    "is in the data subnets": ({ part, outputs }) => {
      const groups = all(part, "aws:rds/subnetGroup:SubnetGroup");
      assert.ok(groups.length > 0);
      for (const { inputs } of groups) assert.deepEqual(inputs["subnetIds"], outputs.network.subnets.data);
      // A replica in the same region is where its source is.
      for (const { inputs } of all(part, INSTANCE)) {
        assert.ok("dbSubnetGroupName" in inputs || inputs["replicateSourceDb"] !== undefined);
      }
    },
    "is encrypted at rest": ({ part }) => {
      for (const { inputs, name } of all(part, INSTANCE)) {
        assert.equal(inputs["storageEncrypted"], true, name);
        // A replica in the same region takes the key of its source.
        if (!name.includes("-replica-")) assert.match(String(inputs["kmsKeyId"]), /^arn:aws:kms:/, name);
      }
      keysRotate(part);
    },
    "refuses connections without TLS": ({ part }) => {
      const groups = all(part, "aws:rds/parameterGroup:ParameterGroup");
      assert.ok(groups.length > 0);
      for (const { inputs } of groups) {
        const parameters = inputs["parameters"] as { name: string; value: string }[];
        assert.deepEqual(
          parameters.filter(({ name }) => name === "rds.force_ssl").map(({ value }) => value),
          ["1"],
        );
      }
    },
  },
  caches: {
    "has no public address": ({ part, outputs }) => {
      const groups = all(part, "aws:elasticache/subnetGroup:SubnetGroup");
      assert.ok(groups.length > 0);
      for (const { inputs } of groups) assert.deepEqual(inputs["subnetIds"], outputs.network.subnets.data);
    },
    "is encrypted at rest and on the way": ({ part }) => {
      const groups = all(part, "aws:elasticache/replicationGroup:ReplicationGroup");
      assert.ok(groups.length > 0);
      for (const { inputs } of groups) {
        const { atRestEncryptionEnabled, transitEncryptionEnabled, transitEncryptionMode, kmsKeyId, userGroupIds } =
          inputs;
        assert.deepEqual(
          [atRestEncryptionEnabled, transitEncryptionEnabled, transitEncryptionMode],
          [true, true, "required"],
        );
        assert.match(String(kmsKeyId), /^arn:aws:kms:/);
        // And wants a password.
        assert.equal((userGroupIds as string[]).length, 1);
      }
    },
  },
  buckets: {
    "is closed to the public in every way": ({ part }) => {
      const blocks = all(part, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
      assert.equal(blocks.length, all(part, BUCKET).length);
      for (const { inputs } of blocks) {
        const { blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets } = inputs;
        assert.deepEqual(
          [blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets],
          [true, true, true, true],
        );
      }
      const { inputs } = only(part, "aws:s3/bucketOwnershipControls:BucketOwnershipControls");
      assert.deepEqual(inputs["rule"], { objectOwnership: "BucketOwnerEnforced" });
    },
    "refuses requests without TLS": ({ part }) => {
      const policies = all(part, "aws:s3/bucketPolicy:BucketPolicy");
      assert.equal(policies.length, all(part, BUCKET).length);
      for (const policy of policies) {
        const statements = statementsOf(policy, "policy");
        const arn = `arn:aws:s3:::${policy.name}-1a2b3c4`;
        assert.deepEqual(
          statements.find(({ Sid }) => Sid === "TlsOnly"),
          {
            Sid: "TlsOnly",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [arn, `${arn}/*`],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        );
        assert.deepEqual([...new Set(statements.map(({ Effect }) => Effect))], ["Deny"]);
      }
    },
    "is encrypted at rest": ({ part }) => {
      const encryption = all(
        part,
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
      );
      assert.equal(encryption.length, all(part, BUCKET).length);
      for (const { inputs } of encryption) {
        const [rule] = inputs["rules"] as { applyServerSideEncryptionByDefault: Record<string, string> }[];
        const { sseAlgorithm, kmsMasterKeyId } = rule?.applyServerSideEncryptionByDefault ?? {};
        assert.equal(sseAlgorithm, "aws:kms");
        assert.match(String(kmsMasterKeyId), /^arn:aws:kms:/);
      }
      keysRotate(part);
    },
  },
  secretStore: {
    "marks every value secret": ({ everything, outputs }) => {
      const versions = all(everything, "aws:secretsmanager/secretVersion:SecretVersion");
      assert.ok(versions.length > 0);
      for (const { secretInputs, name } of versions) assert.deepEqual(secretInputs, ["secretString"], name);
      const entries = all(everything, "aws:secretsmanager/secret:Secret");
      for (const { inputs, name } of entries) assert.equal(inputs["kmsKeyId"], outputs.secretStore.id, name);
    },
    "keeps what is deleted as long as the stack says": ({ everything, settings }) => {
      const store = settings.secretStore;
      const expected = store.mode === "existing" ? 7 : store.recoveryDays;
      for (const { inputs, name } of all(everything, "aws:secretsmanager/secret:Secret")) {
        assert.equal(inputs["recoveryWindowInDays"], expected, name);
        // The name is Pulumi's to end: a deleted entry keeps its own for as long as it can be brought back.
        assert.equal("name" in inputs, false, name);
      }
    },
  },
  identity: {
    "is taken by that one account's pods only": ({ part, outputs, settings }) => {
      const conditions = all(part, "aws:iam/role:Role").map((role) => {
        const [statement, ...others] = statementsOf(role, "assumeRolePolicy");
        assert.deepEqual(others, []);
        assert.deepEqual(statement?.["Principal"], { Service: "pods.eks.amazonaws.com" });
        return statement?.["Condition"];
      });
      const accounts = accountsWithIdentity(outputs.namespaces.services, settings);
      const expected = accounts.map(({ namespace, name }) => ({
        StringEquals: {
          "aws:RequestTag/eks-cluster-name": outputs.cluster.id,
          "aws:RequestTag/kubernetes-namespace": namespace,
          "aws:RequestTag/kubernetes-service-account": name,
        },
      }));
      assert.deepEqual(new Set(conditions), new Set(expected));
      assert.equal(conditions.length, expected.length);
    },
    "names everything that it may touch, and nothing else": ({ part }) => {
      const statements = all(part, "aws:iam/rolePolicy:RolePolicy").flatMap((policy) => statementsOf(policy, "policy"));
      assert.ok(statements.length > 0);
      for (const { Sid, Effect, Action, Resource, Condition } of statements) {
        assert.equal(Effect, "Allow");
        const actions = [Action].flat().map(String);
        for (const action of actions) assert.doesNotMatch(action, /\*/);
        // Of what a duty is about, what only looks has no narrower name, and what is made has none before it is; a
        // condition says whose it is.
        const ofDuties = actions.every((action) =>
          /^(autoscaling|cloudwatch|ec2|eks|elasticloadbalancing|iam|route53|tag):/.test(action),
        );
        const looks = actions.every((action) => /:(Describe|Get|List)[A-Z]/.test(action));
        if (ofDuties && (looks || (Condition !== undefined && Sid !== "AnswerChallenges"))) continue;
        for (const resource of [Resource].flat()) {
          // A wildcard stands for the objects of one bucket, the streams of one group of logs, the six characters that
          // end an entry's ARN, or any network.
          assert.match(
            String(resource)
              .replace(/^(arn:aws:s3:::[^*]+)\/\*$/, "$1")
              .replace(/^(arn:aws:logs:[^*]+):\*$/, "$1")
              .replace(/-\?{6}$/, "")
              .replace(/^arn:aws:ec2:\*:\*:vpc\/\*$/, "arn:of-a-network"),
            /^arn[^*?]+$/,
          );
        }
      }
    },
  },
  registry: {
    "has a place for each service's images, closed to strangers": ({ part, settings }) => {
      const repositories = all(part, "aws:ecr/repository:Repository");
      assert.deepEqual(
        repositories.map(({ inputs }) => inputs["name"]),
        Object.keys(settings.services).map((service) => `${settings.prefix}/${service}`),
      );
      for (const { inputs } of repositories) {
        assert.equal(inputs["imageTagMutability"], "IMMUTABLE");
        assert.deepEqual(inputs["imageScanningConfiguration"], { scanOnPush: true });
        assert.equal(inputs["forceDelete"], !settings.deletionProtection);
      }
      assert.equal(all(part, "aws:ecr/lifecyclePolicy:LifecyclePolicy").length, repositories.length);
    },
    "encrypts images at rest": ({ part }) => {
      for (const { inputs } of all(part, "aws:ecr/repository:Repository")) {
        const [encryption] = inputs["encryptionConfigurations"] as Record<string, string>[];
        assert.equal(encryption?.["encryptionType"], "KMS");
        assert.match(String(encryption?.["kmsKey"]), /^arn:aws:kms:/);
      }
      keysRotate(part);
    },
  },
  domain: {
    "is one public zone": ({ part }) => {
      const { inputs } = only(part, "aws:route53/zone:Zone");
      assert.equal(inputs["name"], "agents.example.com");
      assert.equal("vpcs" in inputs, false);
    },
  },
  observe: {
    "keeps logs for a time only": ({ everything, outputs, settings }) => {
      assert.equal(outputs.logs, `/agent-platform/${settings.prefix}/services`);
      const groups = all(everything, "aws:cloudwatch/logGroup:LogGroup");
      assert.ok(groups.length > 0);
      for (const { inputs, name } of groups) assert.ok(Number(inputs["retentionInDays"]) > 0, name);
    },
  },
};
