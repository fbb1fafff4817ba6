import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RecordedResource } from "../../plan/record.js";
import { inventory } from "../support/deploy.js";
import { PLANTED } from "../support/platform.js";
import { caseNamed, cases, preview, run, runAgain, settingsOfCase, unlocked } from "./cases.js";
import { openTexts, plainOf, shapeOf, textsIn } from "./values.js";

const ROOT_PROVIDERS = ["pulumi:providers:aws", "pulumi:providers:random"];
const ofAws = ({ type }: RecordedResource) => type.startsWith("aws:");
const inCluster = ({ type, read }: RecordedResource) => type.startsWith("kubernetes:") && !read;
const idOf = ({ type, name }: RecordedResource) => `${type} ${name}`;
const bySecretPath = ({ secretInputs }: RecordedResource, path: string) =>
  secretInputs.some((secret) => path === secret || path.startsWith(`${secret}.`) || path.startsWith(`${secret}[`));

/** What takes longer than the ten minutes or so that providers wait, or may. */
const slow = [
  "aws:ec2/natGateway:NatGateway",
  "aws:eks/addon:Addon",
  "aws:eks/cluster:Cluster",
  "aws:eks/nodeGroup:NodeGroup",
  "aws:elasticache/replicationGroup:ReplicationGroup",
  "aws:rds/instance:Instance",
  "kubernetes:apps/v1:StatefulSet",
  "kubernetes:helm.sh/v3:Release",
  "kubernetes:postgresql.cnpg.io/v1:Cluster",
];

/** AWS resources that have no tags, each with what it is instead. */
const untaggable: Readonly<Record<string, string>> = {
  "aws:ec2/route:Route": "a line of a route table",
  "aws:ec2/routeTableAssociation:RouteTableAssociation": "an edge between two that have tags",
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": "a document of its repository",
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": "an edge between a policy and a tagged entry",
  "aws:iam/rolePolicy:RolePolicy": "a document of its role",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "an edge between a policy and a tagged role",
  "aws:kms/alias:Alias": "a name of a tagged key",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "a document of its bucket",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "a document of its bucket",
  "aws:s3/bucketPolicy:BucketPolicy": "a document of its bucket",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "a document of its bucket",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "a document of its bucket",
  "aws:s3/bucketVersioning:BucketVersioning": "a document of its bucket",
  "aws:secretsmanager/secretVersion:SecretVersion": "a value of a tagged secret",
};

/** Whether the SDK's own arguments of a type have `tags`. */
function takesTags(type: string): boolean {
  const path = type.split(":")[1] ?? "";
  const file = join(import.meta.dirname, "../../node_modules/@pulumi/aws", `${path}.d.ts`);
  assert.ok(existsSync(file), `${type} has no declarations at ${file}`);
  const [, args] = readFileSync(file, "utf8").split(/^export interface \w+Args \{$/m);
  assert.ok(args !== undefined, `${type} has no arguments`);
  return /^ {4}tags\?: pulumi\.Input/m.test(args);
}

for (const one of cases) {
  describe(`every resource of ${one.name}`, () => {
    it("is inside the platform, but for the providers", async () => {
      const { resources } = await run(one);
      const platform = resources.filter(({ type }) => type === "agent-platform:index:Platform");
      assert.equal(platform.length, 1);
      const outside = resources.filter(({ urn, parent }) => parent === undefined && urn !== platform[0]?.urn);
      assert.deepEqual(
        outside.map(({ type }) => type).sort(),
        ROOT_PROVIDERS.filter((type) => type.endsWith("random") || one.cloud === "aws"),
      );
      const urns = new Set(resources.map(({ urn }) => urn));
      assert.deepEqual(
        resources.filter(({ parent }) => parent !== undefined && !urns.has(parent)),
        [],
      );
    });

    it("has an explicit provider, which the platform was given or made", async () => {
      const { resources } = await run(one);
      const providers = new Map(
        resources.filter(({ type }) => type.startsWith("pulumi:providers:")).map(({ urn, type }) => [urn, type]),
      );
      for (const resource of resources.filter(({ custom, type }) => custom && !type.startsWith("pulumi:"))) {
        const kind = `pulumi:providers:${resource.type.split(":", 1)[0]}`;
        assert.equal(providers.get(resource.provider ?? ""), kind, idOf(resource));
      }
    });

    it("has no secret where it can be read", async () => {
      const { resources, result } = await run(one);
      let hidden = 0;
      for (const resource of resources) {
        for (const [path, text] of textsIn(resource.inputs)) {
          if (!text.includes(PLANTED)) continue;
          assert.ok(bySecretPath(resource, path), `${idOf(resource)} shows a secret in ${path}`);
          hidden += 1;
        }
      }
      // The stack's own secret, at the least: a search that finds nothing proves nothing.
      assert.ok(hidden > 0);
      const open = await openTexts(result.outputs);
      assert.deepEqual(
        open.filter(([, text]) => text.includes(PLANTED)),
        [],
      );
    });

    it("is the same in a preview that knows nothing yet", async () => {
      assert.deepEqual(inventory((await preview(one)).resources), inventory((await run(one)).resources));
    });

    it("goes with the cluster where that is the platform's, if it is inside it", async () => {
      const { resources } = await run(one);
      const [cluster] = resources.filter(({ type }) => type === "aws:eks/cluster:Cluster");
      const objects = resources.filter(inCluster);
      assert.ok(objects.length > 0);
      assert.deepEqual(objects.filter(({ deletedWith }) => deletedWith !== cluster?.urn).map(idOf), []);
    });

    it("stays after destroy only if it is the key of copies that stay", async () => {
      const { resources } = await run(one);
      const kept = resources.filter(({ retainOnDelete }) => retainOnDelete).map(idOf);
      assert.deepEqual(
        kept.filter((id) => !/^aws:kms\/key:Key agents-(production|dr)-(db|kv)-\w+-key$/.test(id)),
        [],
      );
    });

    it("can go when the one lock is lifted", async () => {
      const { resources } = await unlocked(one);
      assert.deepEqual(resources.filter(({ protect }) => protect).map(idOf), []);
      for (const { type, name, inputs } of resources) {
        assert.notEqual(inputs["deletionProtection"], true, `${type} ${name}`);
        if ("forceDestroy" in inputs) assert.equal(inputs["forceDestroy"], true, `${type} ${name}`);
        if ("forceDelete" in inputs) assert.equal(inputs["forceDelete"], true, `${type} ${name}`);
      }
    });

    it("gives slow resources their time", async () => {
      const { resources } = await run(one);
      for (const resource of resources.filter(({ type }) => slow.includes(type))) {
        const { create, delete: gone } = resource.customTimeouts;
        assert.ok(create !== undefined && gone !== undefined, idOf(resource));
      }
    });

    if (one.cloud !== "aws") return;
    it("has the stack's own tags, if it takes any", async () => {
      const { resources } = await run(one);
      const { name, environment } = settingsOfCase(one);
      for (const resource of resources.filter((aws) => ofAws(aws) && untaggable[aws.type] === undefined)) {
        const { Name, ...rest } = (resource.inputs["tags"] ?? {}) as Record<string, string>;
        assert.equal(typeof Name, "string", `${idOf(resource)} has no tags`);
        const { owner, platform, environment: said, "managed-by": by } = rest;
        assert.deepEqual(
          { owner, platform, said, by },
          { owner: "team-a", platform: name, said: environment, by: "pulumi" },
          idOf(resource),
        );
      }
    });
  });
}

describe("AWS resources without tags", () => {
  it("are those whose SDK class takes none", async () => {
    const types = new Set<string>();
    for (const one of cases.filter(({ cloud }) => cloud === "aws")) {
      for (const { type } of (await run(one)).resources.filter(ofAws)) types.add(type);
    }
    const without = [...types].filter((type) => !takesTags(type)).sort();
    assert.deepEqual(without, Object.keys(untaggable).sort());
  });
});

describe("production", () => {
  const guarded = {
    "aws, production": [
      "aws:kms/key:Key agents-production-bucket-main-key",
      "aws:kms/key:Key agents-production-kv-main-key",
      "aws:kms/key:Key agents-production-db-main-key",
      "aws:kms/key:Key agents-production-images",
      "aws:kms/key:Key agents-production-key",
      "aws:kms/key:Key agents-production-secrets",
      "aws:elasticache/replicationGroup:ReplicationGroup agents-production-kv-main",
      "aws:rds/instance:Instance agents-production-db-main",
      "aws:route53/zone:Zone agents-production",
      "aws:s3/bucket:Bucket agents-production-bucket-main",
      "random:index/randomId:RandomId this-stack-keeps-its-cloud-and-name--make-a-second-stack-to-move",
    ],
    "aws, standby": [
      "aws:kms/key:Key agents-dr-bucket-main-key",
      "aws:kms/key:Key agents-dr-kv-main-key",
      "aws:kms/key:Key agents-dr-db-main-key",
      "aws:kms/key:Key agents-dr-images",
      "aws:kms/key:Key agents-dr-key",
      "aws:kms/key:Key agents-dr-secrets",
      "aws:elasticache/replicationGroup:ReplicationGroup agents-dr-kv-main",
      "aws:rds/instance:Instance agents-dr-db-main",
      "aws:s3/bucket:Bucket agents-dr-bucket-main",
      "random:index/randomId:RandomId this-stack-keeps-its-cloud-and-name--make-a-second-stack-to-move",
    ],
    "local, production": [
      "kubernetes:apps/v1:StatefulSet agents-production-kv-main",
      "kubernetes:apps/v1:StatefulSet agents-production-kv-main-replica",
      "kubernetes:core/v1:PersistentVolumeClaim data-agents-production-kv-main-0",
      "kubernetes:postgresql.cnpg.io/v1:Cluster agents-production-db-main",
      "random:index/randomId:RandomId this-stack-keeps-its-cloud-and-name--make-a-second-stack-to-move",
    ],
  } as const;

  for (const [name, protectedOnes] of Object.entries(guarded)) {
    it(`protects the data of ${name}`, async () => {
      const { resources } = await run(caseNamed(name as keyof typeof guarded));
      assert.deepEqual(
        resources
          .filter(({ protect }) => protect)
          .map(idOf)
          .sort(),
        [...protectedOnes].sort(),
      );
    });
  }

  it("guards the database and the cluster in AWS as well", async () => {
    const { resources } = await run(caseNamed("aws, production"));
    const locked = resources.filter(({ inputs }) => inputs["deletionProtection"] === true);
    assert.deepEqual(locked.map(idOf).sort(), [
      "aws:eks/cluster:Cluster agents-production",
      "aws:rds/instance:Instance agents-production-db-main",
    ]);
  });
});

describe("a platform", () => {
  for (const name of ["aws, production", "aws, standby", "local, production", "local, existing stores"] as const) {
    it(`is the same each time: ${name}`, async () => {
      const byUrn = (a: RecordedResource, b: RecordedResource) => (a.urn < b.urn ? -1 : 1);
      const first = await run(caseNamed(name));
      const second = await runAgain(caseNamed(name));
      assert.deepEqual([...second.resources].sort(byUrn), [...first.resources].sort(byUrn));
      assert.deepEqual(await plainOf(second.result.outputs), await plainOf(first.result.outputs));
    });
  }

  it("says the same things of the same shapes on every cloud and in every mode", async () => {
    const expected = shapeOf(await plainOf((await run(caseNamed("aws, production"))).result.outputs));
    for (const one of cases) {
      const outputs = await plainOf((await run(one)).result.outputs);
      const { databases, ...shape } = shapeOf(outputs) as Record<string, Record<string, unknown>>;
      assert.deepEqual(
        sameKinds({ ...shape, databases: { main: databases?.["main"] } }),
        sameKinds(expected),
        one.name,
      );
    }
  });
});

/** Lists may be empty, and maps by key have what the stack has: neither is another shape. */
function sameKinds(shape: unknown): unknown {
  if (Array.isArray(shape)) return "list";
  if (typeof shape !== "object" || shape === null) return shape;
  return Object.fromEntries(
    Object.entries(shape).map(([key, item]) => [key, key === "buckets" ? "buckets" : sameKinds(item)]),
  );
}
