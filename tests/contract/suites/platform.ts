import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Tree } from "../../../config/walk.js";
import type { RecordedResource } from "../../../plan/record.js";
import { all, only, type Stubs } from "../../support/deploy.js";
import { deployPlatform } from "../../support/platform.js";
import { awsStack } from "../../support/settings.js";
import { awsComputeStubs } from "../../support/stubs/aws-compute.js";
import { awsDataStubs } from "../../support/stubs/aws-data.js";
import { type CaseName, caseNamed, cases, run } from "../cases.js";
import { before, waitsFor } from "../graph.js";

const CNPG = "kubernetes:postgresql.cnpg.io/v1:Cluster";
const RELEASE = "kubernetes:helm.sh/v3:Release";
const NAMESPACE = "kubernetes:core/v1:Namespace";
const ADDON = "aws:eks/addon:Addon";
const NODES = "aws:eks/nodeGroup:NodeGroup";
const PERMISSIONS = "aws:iam/rolePolicy:RolePolicy";

const resourcesOf = async (name: CaseName) => (await run(caseNamed(name))).resources;
const isObject = ({ type, read }: RecordedResource) => type.startsWith("kubernetes:") && !read;
const named = ({ type, name }: RecordedResource) => `${type} ${name}`;
const namespaceOf = ({ type, inputs }: RecordedResource): unknown =>
  type === RELEASE ? inputs["namespace"] : (inputs["metadata"] as { namespace?: unknown } | undefined)?.namespace;

const answers: Stubs = {
  outputs: { ...awsComputeStubs.outputs, ...awsDataStubs.outputs },
  calls: { ...awsComputeStubs.calls, ...awsDataStubs.calls },
};
const onAws = (said: Tree) => deployPlatform({ ...awsStack, ...said }, answers);

/** Who runs databases in the cluster. */
const isOperator = ({ inputs }: RecordedResource): boolean => inputs["chart"] === "cloudnative-pg";
function operatorIn(resources: readonly RecordedResource[]): RecordedResource {
  const [operator, ...others] = all(resources, RELEASE).filter(isOperator);
  assert.ok(operator !== undefined && others.length === 0);
  return operator;
}

describe("the order of the platform", () => {
  it("begins with the marker", async () => {
    for (const one of cases) {
      const { resources } = await run(one);
      const first = resources.find(({ custom, type }) => custom && !type.startsWith("pulumi:providers:"));
      assert.equal(first?.name, "this-stack-keeps-its-cloud-and-name--make-a-second-stack-to-move", one.name);
    }
  });

  it("has the operator before the database that it runs", async () => {
    for (const name of ["aws, stores in the cluster", "local, development", "local, production"] as const) {
      const resources = await resourcesOf(name);
      assert.ok(waitsFor(resources, only(resources, CNPG), operatorIn(resources)), name);
    }
  });

  it("lets the deployer in before anything is put into the cluster", async () => {
    for (const name of ["aws, production", "aws, development", "aws, stores in the cluster"] as const) {
      const resources = await resourcesOf(name);
      const [access] = all(resources, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation").filter((one) =>
        one.name.endsWith("-deployer"),
      );
      assert.ok(access !== undefined);
      const objects = resources.filter(isObject);
      assert.ok(objects.length >= 3);
      assert.deepEqual(objects.filter((one) => !waitsFor(resources, one, access)).map(named), []);
    }
  });

  it("has nodes before what needs a node to become ready", async () => {
    const resources = await resourcesOf("aws, stores in the cluster");
    const needy = [
      ...all(resources, ADDON).filter(({ name }) => /-(coredns|aws-ebs-csi-driver)$/.test(name)),
      ...all(resources, RELEASE),
      only(resources, CNPG),
    ];
    assert.equal(needy.length, 5);
    for (const one of needy) {
      for (const group of all(resources, NODES)) assert.ok(waitsFor(resources, one, group), named(one));
    }
  });

  it("has the add-ons of the network before nodes", async () => {
    const resources = await resourcesOf("aws, production");
    const first = all(resources, ADDON).filter(({ name }) =>
      /-(vpc-cni|kube-proxy|eks-pod-identity-agent)$/.test(name),
    );
    assert.equal(first.length, 3);
    for (const group of all(resources, NODES)) {
      for (const addon of first) assert.ok(waitsFor(resources, group, addon), named(addon));
    }
  });

  it("has a namespace before the objects in it", async () => {
    for (const one of cases) {
      const { resources } = await run(one);
      const namespaces = new Map(
        all(resources, NAMESPACE).map((made) => [(made.inputs["metadata"] as { name: string }).name, made]),
      );
      for (const object of resources.filter(isObject)) {
        const name = namespaceOf(object);
        if (name === undefined) continue;
        const namespace = namespaces.get(String(name));
        // A secret store that exists has a namespace that somebody else made.
        if (namespace === undefined) assert.match(`${one.name}: ${name}`, /^local, (existing|all from)/, named(object));
        else assert.ok(waitsFor(resources, object, namespace), `${one.name}: ${named(object)}`);
      }
    }
  });

  it("makes the cluster and the cloud's stores side by side", async () => {
    const resources = await resourcesOf("aws, production");
    const clusterPart = "agent-platform:aws:Cluster";
    for (const type of [
      "aws:rds/instance:Instance",
      "aws:elasticache/replicationGroup:ReplicationGroup",
      "aws:s3/bucket:Bucket",
    ]) {
      for (const store of all(resources, type)) {
        assert.deepEqual(
          [...before(resources, [store])].filter((urn) => urn.includes(clusterPart)),
          [],
          named(store),
        );
        assert.equal(waitsFor(resources, only(resources, "aws:eks/cluster:Cluster"), store), false);
      }
    }
  });

  it("has an entry's value before whoever may read the entry", async () => {
    const { resources } = await onAws({ services: { api: { secrets: ["KEY"] } } });
    const version = only(resources, "aws:secretsmanager/secretVersion:SecretVersion", "agents-development-key");
    assert.ok(version.propertyDependencies["secretId"]?.some((urn) => urn.endsWith("::agents-development-key")));
  });
});

describe("what the platform makes only where it is needed", () => {
  it("has no operator and no namespace for data where the cloud keeps all stores", async () => {
    const resources = await resourcesOf("aws, production");
    assert.deepEqual(all(resources, RELEASE).filter(isOperator), []);
    assert.deepEqual(
      all(resources, NAMESPACE)
        .map(({ name }) => name)
        .sort(),
      ["agents-production", "cluster-autoscaler"],
    );
  });

  it("has one operator and one namespace for all stores in the cluster", async () => {
    const inCluster = { mode: "inCluster" };
    const said = { databases: { main: inCluster, old: inCluster }, caches: { main: inCluster, other: inCluster } };
    const { resources } = await deployPlatform({ ...awsStack, ...said }, { preview: true });
    assert.equal(all(resources, CNPG).length, 2);
    assert.equal(all(resources, RELEASE).filter(isOperator).length, 1);
    assert.deepEqual(
      all(resources, NAMESPACE)
        .map(({ name }) => name)
        .sort(),
      ["agents-development", "agents-development-data", "cluster-autoscaler", "cnpg-system"],
    );
  });

  it("has no zone where the stack has no domain", async () => {
    const { resources } = await onAws({});
    assert.deepEqual(all(resources, "aws:route53/zone:Zone"), []);
  });

  it("lets no pod do more than the restricted standard, but those that look at nodes from within", async () => {
    for (const one of cases) {
      for (const { name, inputs } of all((await run(one)).resources, NAMESPACE)) {
        const { labels } = inputs["metadata"] as { labels: Record<string, string> };
        const standard = name.endsWith("-nodes") ? "privileged" : "restricted";
        assert.equal(labels["pod-security.kubernetes.io/enforce"], standard, `${one.name}: ${name}`);
      }
    }
  });
});

describe("services of the platform", () => {
  const twoServices = {
    services: {
      api: { uses: ["database", "cache"], secrets: ["FIRST_KEY", "SHARED_KEY"] },
      worker: { uses: ["bucket"], secrets: ["SHARED_KEY"] },
    },
  };
  const statements = (resources: readonly RecordedResource[], service: string) => {
    const { inputs } = only(resources, PERMISSIONS, `agents-development-${service}`);
    const { Statement } = JSON.parse(String(inputs["policy"])) as { Statement: { Sid: string; Resource: string[] }[] };
    return Object.fromEntries(Statement.map(({ Sid, Resource }) => [Sid, [...Resource].sort()]));
  };
  const entry = (name: string) =>
    `arn:aws:secretsmanager:eu-west-1:123456789012:secret:agents-development-${name}-1a2b3c4-AbCdEf`;

  it("read exactly their own secrets", async () => {
    const { resources } = await onAws(twoServices);
    assert.deepEqual(
      statements(resources, "api")["ReadSecrets"],
      ["api-db-main", "first-key", "kv-main-app", "shared-key"].map(entry),
    );
    assert.deepEqual(statements(resources, "worker")["ReadSecrets"], ["shared-key"].map(entry));
  });

  it("use exactly their own buckets", async () => {
    const { resources } = await onAws(twoServices);
    const bucket = "arn:aws:s3:::agents-development-bucket-main-1a2b3c4";
    assert.deepEqual(Object.keys(statements(resources, "api")), ["ReadSecrets", "ReadSecretKey"]);
    assert.deepEqual(statements(resources, "worker")["ListBuckets"], [bucket]);
    assert.deepEqual(statements(resources, "worker")["UseObjects"], [`${bucket}/*`]);
  });

  it("share an entry for a secret that several name", async () => {
    const { resources } = await onAws(twoServices);
    const entries = all(resources, "aws:secretsmanager/secret:Secret").map(({ name }) => name);
    assert.deepEqual(entries.filter((name) => name.endsWith("-key")).sort(), [
      "agents-development-first-key",
      "agents-development-shared-key",
    ]);
  });

  it("never get the owner of a database", async () => {
    const { resources } = await onAws(twoServices);
    for (const { inputs } of all(resources, PERMISSIONS)) assert.doesNotMatch(String(inputs["policy"]), /-owner/);
  });
});

describe("the project file", () => {
  it("asks nothing of a stack that the settings do not", () => {
    const project = parse(readFileSync(join(import.meta.dirname, "../../../Pulumi.yaml"), "utf8")) as Tree;
    assert.equal(project["name"], "agent-platform");
    // A key here without a value would be demanded of every stack, before any message of ours.
    assert.deepEqual(Object.keys(project["config"] as object), ["pulumi:disable-default-providers"]);
  });
});

describe("packages", () => {
  const loadedFor = (cloud: string): readonly string[] => {
    const script = join(import.meta.dirname, "../loaded.ts");
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", script, cloud], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as string[];
  };
  const packagesOf = (files: readonly string[]) =>
    [...new Set(files.map((file) => file.split("/").slice(0, 2).join("/")))].sort();

  it("of no cloud are loaded for a cluster that exists", () => {
    assert.deepEqual(packagesOf(loadedFor("local")), [
      "@pulumi/docker-build",
      "@pulumi/kubernetes",
      "@pulumi/pulumi",
      "@pulumi/random",
    ]);
  });

  const ofEveryStack = ["@pulumi/docker-build", "@pulumi/kubernetes", "@pulumi/pulumi", "@pulumi/random"];
  const sdks = {
    aws: { packages: ["@pulumi/aws"], used: "rds/instance.js", unused: ["sagemaker", "apigateway", "lex"] },
    gcp: {
      packages: ["@pulumi/gcp", "@pulumiverse/time"],
      used: "sql/databaseInstance.js",
      unused: ["bigquery", "vertex", "dataproc"],
    },
    azure: {
      packages: ["@pulumi/azure-native", "@pulumiverse/time"],
      used: "dbforpostgresql/server.js",
      unused: ["sql", "web", "machinelearningservices"],
    },
  } as const;

  for (const [cloud, { packages, used, unused }] of Object.entries(sdks)) {
    it(`of ${cloud} alone are loaded where it is chosen, by the parts that are used`, () => {
      const files = loadedFor(cloud);
      assert.deepEqual(packagesOf(files), [...packages, ...ofEveryStack].sort());
      const [sdk] = packages;
      // The root of an SDK loads every service of the cloud.
      assert.ok(!files.includes(`${sdk}/index.js`));
      assert.ok(files.includes(`${sdk}/${used}`));
      const services = files.filter((file) => file.startsWith(`${sdk}/`)).map((file) => file.split("/")[2] ?? "");
      assert.deepEqual(
        services.filter((service) => (unused as readonly string[]).includes(service)),
        [],
      );
    });
  }
});
