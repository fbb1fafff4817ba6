import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Tree } from "../../../config/walk.js";
import { AwsIdentity } from "../../../providers/aws/identity.js";
import type { Bucket, Dns, Duty, LogOutput, SecretRef, SecretStore } from "../../../providers/contract.js";
import { inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { awsStack } from "../../support/settings.js";
import { dataCluster, dataStore, deployAwsPart } from "../../support/stubs/aws-data.js";
import { tagsOf } from "../../support/tags.js";

const COMPONENT = "agent-platform:aws:Identity";
const ROLE = "aws:iam/role:Role";
const POLICY = "aws:iam/rolePolicy:RolePolicy";
const ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
const NAME = "agents-api";

const bucket = (name: string, encryptionKey?: string): Bucket => ({
  name: pulumi.output(name),
  url: pulumi.output(`s3://${name}`),
  region: pulumi.output("eu-west-1"),
  endpoint: undefined,
  access: "identity",
  identity: pulumi.output(`arn:aws:s3:::${name}`),
  encryptionKey: encryptionKey === undefined ? undefined : pulumi.output(encryptionKey),
});

const zoneOf = (domain: string): Dns => ({
  domain,
  zone: pulumi.output(`Z-${domain}`),
  nameServers: pulumi.output<string[]>([]),
  solver: {},
  point: () => assert.fail("an identity writes no records itself"),
});

const placeOf = (identity: string): LogOutput => ({
  section: {},
  tokens: undefined,
  identity: pulumi.output(identity),
  collected: { namespaces: [], events: false },
});

interface Touches {
  readonly buckets?: Readonly<Record<string, Bucket>>;
  readonly secrets?: (store: SecretStore) => readonly SecretRef[];
  readonly zones?: readonly Dns[];
  readonly duties?: readonly Duty[];
  readonly logs?: LogOutput;
}

const identityOf = (touches: Touches = {}, said: Tree = awsStack, stubs: Stubs = {}) =>
  deployAwsPart(
    COMPONENT,
    said,
    ({ stack, opts }) => {
      const cluster = dataCluster();
      const store = dataStore(stack, opts, cluster);
      const args = {
        stack,
        cluster,
        namespace: "agents",
        serviceAccount: "api",
        buckets: touches.buckets ?? {},
        secrets: touches.secrets?.(store) ?? [],
        store,
        ...(touches.zones === undefined ? {} : { zones: touches.zones }),
        ...(touches.duties === undefined ? {} : { duties: touches.duties }),
        logs: touches.logs,
      };
      return new AwsIdentity(NAME, args, opts);
    },
    stubs,
  );

interface Statement {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
const statementsOf = async (touches: Touches): Promise<readonly Statement[]> =>
  (policyOf((await identityOf(touches)).resources) as { Statement: readonly Statement[] }).Statement;

const policyOf = (resources: Parameters<typeof only>[0]): unknown =>
  JSON.parse(String(only(resources, POLICY).inputs["policy"]));

const base: Rows = [
  [COMPONENT, NAME],
  [ASSOCIATION, NAME],
  [ROLE, NAME],
];
const made: Rows = [...base, [POLICY, NAME]];
const tags = tagsOf(NAME);
const everything: Touches = {
  buckets: { docs: bucket("docs", "arn of the key of docs"), theirs: bucket("theirs") },
  secrets: (store) => [store.put("agents-api", { password: "x" }, {}), store.existing("team/openai")],
};

describe("providers/aws/identity", () => {
  it("makes a role that may do nothing where it is given nothing", async () => {
    assert.deepEqual(inventory((await identityOf()).resources), sorted(base));
  });

  it("makes one policy for all that it is given", async () => {
    assert.deepEqual(inventory((await identityOf(everything)).resources), sorted(made));
  });

  it("trusts only the pods of one service account", async () => {
    const { inputs } = only((await identityOf()).resources, ROLE);
    const { assumeRolePolicy, ...rest } = inputs;
    assert.deepEqual(rest, { description: "Pods of api in agents-development", tags });
    assert.deepEqual(JSON.parse(String(assumeRolePolicy)), {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "PodIdentity",
          Effect: "Allow",
          Principal: { Service: "pods.eks.amazonaws.com" },
          Action: ["sts:AssumeRole", "sts:TagSession"],
          Condition: {
            StringEquals: {
              "aws:RequestTag/eks-cluster-name": "agents-cluster",
              "aws:RequestTag/kubernetes-namespace": "agents",
              "aws:RequestTag/kubernetes-service-account": "api",
            },
          },
        },
      ],
    });
  });

  it("trusts only the account that the stack names", async () => {
    const { resources } = await identityOf({}, { ...awsStack, aws: { account: "123456789012" } });
    const trust = JSON.parse(String(only(resources, ROLE).inputs["assumeRolePolicy"]));
    assert.equal(trust.Statement[0].Condition.StringEquals["aws:SourceAccount"], "123456789012");
  });

  it("lets pods use exactly their buckets and their secrets", async () => {
    assert.deepEqual(policyOf((await identityOf(everything)).resources), {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "ListBuckets",
          Effect: "Allow",
          Action: ["s3:ListBucket"],
          Resource: ["arn:aws:s3:::docs", "arn:aws:s3:::theirs"],
        },
        {
          Sid: "UseObjects",
          Effect: "Allow",
          Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
          Resource: ["arn:aws:s3:::docs/*", "arn:aws:s3:::theirs/*"],
        },
        {
          Sid: "UseObjectKeys",
          Effect: "Allow",
          Action: ["kms:Decrypt", "kms:GenerateDataKey"],
          Resource: ["arn of the key of docs"],
          Condition: { StringEquals: { "kms:ViaService": "s3.eu-west-1.amazonaws.com" } },
        },
        {
          Sid: "ReadSecrets",
          Effect: "Allow",
          Action: ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
          Resource: [
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:agents-api-1a2b3c4-AbCdEf",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/openai-??????",
          ],
        },
        {
          Sid: "ReadSecretKey",
          Effect: "Allow",
          Action: ["kms:Decrypt"],
          Resource: ["arn:aws:kms:eu-west-1:123456789012:key/agents-secrets"],
          Condition: { StringEquals: { "kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com" } },
        },
      ],
    });
  });

  it("gives no permission on keys for a bucket without one", async () => {
    const policy = policyOf((await identityOf({ buckets: { theirs: bucket("theirs") } })).resources);
    assert.deepEqual(policy, {
      Version: "2012-10-17",
      Statement: [
        { Sid: "ListBuckets", Effect: "Allow", Action: ["s3:ListBucket"], Resource: ["arn:aws:s3:::theirs"] },
        {
          Sid: "UseObjects",
          Effect: "Allow",
          Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
          Resource: ["arn:aws:s3:::theirs/*"],
        },
      ],
    });
  });

  it("gives no permission on a bucket that is opened with keys from the store", async () => {
    const access = {
      store: pulumi.output("eu-west-1"),
      key: pulumi.output("team/s3"),
      identity: pulumi.output("arn of team/s3"),
      label: "team/s3",
      version: pulumi.output(""),
    };
    const { resources } = await identityOf({ buckets: { theirs: { ...bucket("theirs"), access } } });
    assert.deepEqual(inventory(resources), sorted(base));
  });

  it("lets pods answer a certificate authority's questions in their zones, and write nothing else there", async () => {
    assert.deepEqual(await statementsOf({ zones: [zoneOf("a.example.com"), zoneOf("b.example.com")] }), [
      {
        Sid: "AnswerChallenges",
        Effect: "Allow",
        Action: ["route53:ChangeResourceRecordSets"],
        Resource: ["arn:aws:route53:::hostedzone/Z-a.example.com", "arn:aws:route53:::hostedzone/Z-b.example.com"],
        Condition: {
          "ForAllValues:StringEquals": {
            "route53:ChangeResourceRecordSetsRecordTypes": ["TXT"],
            "route53:ChangeResourceRecordSetsActions": ["UPSERT", "DELETE"],
          },
          "ForAllValues:StringLike": {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": [
              "_acme-challenge.a.example.com",
              "_acme-challenge.*.a.example.com",
              "_acme-challenge.b.example.com",
              "_acme-challenge.*.b.example.com",
            ],
          },
        },
      },
      {
        Sid: "SeeChallengesAnswered",
        Effect: "Allow",
        Action: ["route53:GetChange"],
        Resource: ["arn:aws:route53:::change/*"],
      },
    ]);
  });

  it("lets a pod scale the groups of this cluster's nodes, and only see others", async () => {
    assert.deepEqual(await statementsOf({ duties: ["scale nodes"] }), [
      {
        Sid: "SeeNodeGroups",
        Effect: "Allow",
        Action: [
          "autoscaling:DescribeAutoScalingGroups",
          "autoscaling:DescribeAutoScalingInstances",
          "autoscaling:DescribeScalingActivities",
          "autoscaling:DescribeTags",
          "ec2:DescribeInstanceTypes",
          "ec2:DescribeLaunchTemplateVersions",
        ],
        Resource: ["*"],
      },
      {
        Sid: "SeeEmptyNodeGroups",
        Effect: "Allow",
        Action: ["eks:DescribeNodegroup"],
        Resource: ["arn:aws:eks:*:*:nodegroup/agents-cluster/*/*"],
      },
      {
        Sid: "ScaleNodeGroups",
        Effect: "Allow",
        Action: ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
        Resource: ["*"],
        Condition: { StringEquals: { "aws:ResourceTag/k8s.io/cluster-autoscaler/agents-cluster": "owned" } },
      },
    ]);
  });

  it("lets a pod change load balancers of this cluster only", async () => {
    const statements = await statementsOf({ duties: ["make load balancers"] });
    const free = statements.filter(({ Condition }) => Condition === undefined);
    assert.deepEqual(
      free.flatMap(({ Action }) => Action).filter((action) => !/:(Describe|Get)[A-Z]/.test(action)),
      ["ec2:CreateSecurityGroup"],
    );
    const ofTheCluster = new Map(
      statements.flatMap(({ Sid, Condition = {} }) => {
        const said = Object.entries(Condition["StringEquals"] ?? {});
        return said.some(([key, value]) => value === "agents-cluster" && key.endsWith("Tag/elbv2.k8s.aws/cluster"))
          ? [[Sid, said.map(([key]) => key)] as const]
          : [];
      }),
    );
    assert.deepEqual(Object.fromEntries(ofTheCluster), {
      MakeLoadBalancers: ["aws:RequestTag/elbv2.k8s.aws/cluster"],
      TagNewSecurityGroups: ["ec2:CreateAction", "aws:RequestTag/elbv2.k8s.aws/cluster"],
      TagNewLoadBalancers: ["elasticloadbalancing:CreateAction", "aws:RequestTag/elbv2.k8s.aws/cluster"],
      TagLoadBalancers: ["aws:ResourceTag/elbv2.k8s.aws/cluster"],
      KeepLoadBalancers: ["aws:ResourceTag/elbv2.k8s.aws/cluster"],
    });
    const others = statements.filter(({ Sid, Condition }) => Condition !== undefined && !ofTheCluster.has(Sid));
    assert.deepEqual(Object.fromEntries(others.map(({ Sid, Condition }) => [Sid, Condition])), {
      BeginWithLoadBalancers: { StringEquals: { "iam:AWSServiceName": "elasticloadbalancing.amazonaws.com" } },
      LetLoadBalancersIn: { StringEquals: { "aws:ResourceTag/kubernetes.io/cluster/agents-cluster": "owned" } },
    });
  });

  it("lets pods write lines to their log group, and read none", async () => {
    const arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/agent-platform/agents";
    assert.deepEqual(await statementsOf({ logs: placeOf(arn) }), [
      {
        Sid: "WriteLogs",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: [`${arn}:*`],
      },
    ]);
  });

  it("lets a pod read measurements, and change nothing", async () => {
    assert.deepEqual(await statementsOf({ duties: ["read metrics"] }), [
      {
        Sid: "ReadMetrics",
        Effect: "Allow",
        Action: ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics", "tag:GetResources"],
        Resource: ["*"],
      },
    ]);
  });

  it("keeps away from load balancers of another kind, from certificates and from firewalls", async () => {
    const statements = await statementsOf({ duties: ["make load balancers"] });
    const services = statements.flatMap(({ Action }) => Action.map((action) => action.split(":")[0]));
    assert.deepEqual([...new Set(services)].sort(), ["ec2", "elasticloadbalancing", "iam"]);
    const changes = statements.flatMap(({ Action }) => Action).filter((action) => !/:(Describe|Get)[A-Z]/.test(action));
    assert.deepEqual(
      changes.filter((action) => /WebAcl|Certificate|Rule|\*/.test(action)),
      [],
    );
    assert.deepEqual(
      statements.flatMap(({ Resource }) => Resource).filter((arn) => arn.includes("/app/")),
      [],
    );
  });

  it("has as many statements as duties ask, in one policy", async () => {
    const both = await statementsOf({ duties: ["scale nodes", "make load balancers"] });
    assert.deepEqual(new Set(both.map(({ Sid }) => Sid)).size, both.length);
    const { resources } = await identityOf({ duties: ["scale nodes", "make load balancers"] });
    assert.deepEqual(inventory(resources), sorted(made));
  });

  it("hands the role to the service account", async () => {
    const { resources, result } = await identityOf();
    assert.deepEqual(only(resources, ASSOCIATION).inputs, {
      clusterName: "agents-cluster",
      namespace: "agents",
      serviceAccount: "api",
      roleArn: `arn:aws:iam::123456789012:role/${NAME}-1a2b3c4`,
      tags,
    });
    assert.equal(await valueOf(result.principal), `arn:aws:iam::123456789012:role/${NAME}-1a2b3c4`);
    assert.deepEqual([result.serviceAccountAnnotations, result.podLabels], [{}, {}]);
  });

  it("shows every resource in a preview", async () => {
    assert.deepEqual(inventory((await identityOf(everything, awsStack, { preview: true })).resources), sorted(made));
  });
});
