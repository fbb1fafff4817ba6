import assert from "node:assert/strict";
import type { RecordedResource } from "../../../plan/record.js";
import { inventory } from "../../support/deploy.js";
import { PLANTED } from "../../support/platform.js";
import { caseNamed, cases, preview, run, runAgain, settingsOfCase, unlocked } from "../cases.js";
import { resourcesOf } from "../resources.js";
import { openTexts, plainOf, shapeOf, textsIn } from "../values.js";

const inCluster = ({ type, read }: RecordedResource) => type.startsWith("kubernetes:") && !read;
const idOf = ({ type, name }: RecordedResource) => `${type} ${name}`;
const bySecretPath = ({ secretInputs }: RecordedResource, path: string) =>
  secretInputs.some((secret) => path === secret || path.startsWith(`${secret}.`) || path.startsWith(`${secret}[`));

/** What takes long in a cluster, on every cloud. */
const slowInCluster = [
  "kubernetes:apps/v1:StatefulSet",
  "kubernetes:helm.sh/v3:Release",
  "kubernetes:postgresql.cnpg.io/v1:Cluster",
];
const clouds = ["aws", "gcp", "azure"] as const;

for (const one of cases) {
  const cloud = one.cloud === "local" ? undefined : resourcesOf[one.cloud];
  describe(`every resource of ${one.name}`, () => {
    it("is inside the platform, but for the providers", async () => {
      const { resources } = await run(one);
      const platform = resources.filter(({ type }) => type === "agent-platform:index:Platform");
      assert.equal(platform.length, 1);
      const outside = resources.filter(({ urn, parent }) => parent === undefined && urn !== platform[0]?.urn);
      assert.deepEqual(
        outside.map(({ type }) => type).sort(),
        [...(cloud?.providers ?? []), "pulumi:providers:random"].sort(),
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

    it("goes with the cluster where that is the platform's, if it is inside it and is nothing of the cloud's", async () => {
      const { resources } = await run(one);
      const [cluster] = resources.filter(({ type }) => type === cloud?.cluster);
      const objects = resources.filter(inCluster);
      assert.ok(objects.length > 0);
      // A load balancer would stay behind, and hold the network.
      const ofItsOwn = objects.filter(({ type, inputs }) => {
        const { spec } = inputs as { spec?: { type?: string } };
        return type === "kubernetes:core/v1:Service" && spec?.type === "LoadBalancer";
      });
      assert.deepEqual(
        objects.filter(({ deletedWith }) => deletedWith !== cluster?.urn).map(idOf),
        cluster === undefined ? [] : ofItsOwn.map(idOf),
      );
      assert.deepEqual(ofItsOwn.filter(({ deletedWith }) => deletedWith !== undefined).map(idOf), []);
    });

    it("stays after destroy only if it is the key of copies that stay", async () => {
      const { resources } = await run(one);
      const kept = resources.filter(({ retainOnDelete }) => retainOnDelete).map(idOf);
      assert.deepEqual(
        kept.filter((id) => cloud?.kept.test(id) !== true),
        [],
      );
    });

    it("can go when the one lock is lifted", async () => {
      const { resources } = await unlocked(one);
      assert.deepEqual(resources.filter(({ protect }) => protect).map(idOf), []);
      for (const { type, name, inputs } of resources) {
        const { deletionProtectionEnabled } = (inputs["settings"] ?? {}) as { deletionProtectionEnabled?: unknown };
        for (const lock of [
          inputs["deletionProtection"],
          inputs["deletionProtectionEnabled"],
          deletionProtectionEnabled,
        ])
          assert.notEqual(lock, true, `${type} ${name}`);
        assert.notEqual(type, "azure-native:authorization:ManagementLockByScope", name);
        if ("forceDestroy" in inputs) assert.equal(inputs["forceDestroy"], true, `${type} ${name}`);
        if ("forceDelete" in inputs) assert.equal(inputs["forceDelete"], true, `${type} ${name}`);
      }
    });

    it("gives slow resources their time", async () => {
      const { resources } = await run(one);
      for (const resource of resources.filter(({ type }) =>
        [...slowInCluster, ...(cloud?.slow ?? [])].includes(type),
      )) {
        const { create, delete: gone } = resource.customTimeouts;
        assert.ok(create !== undefined && gone !== undefined, idOf(resource));
      }
    });

    if (cloud === undefined) return;
    it("has the stack's own tags, if it takes any", async () => {
      const { resources } = await run(one);
      const { name, environment } = settingsOfCase(one);
      const made = resources.filter(({ type, read }) => type.startsWith(cloud.prefix) && !read);
      for (const resource of made.filter(({ type }) => cloud.untaggable[type] === undefined)) {
        const tags: Readonly<Record<string, unknown>> = cloud.tagsOf(resource) ?? {};
        const { [cloud.nameTag]: named, ...rest } = tags;
        assert.equal(typeof named, "string", `${idOf(resource)} has no tags`);
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

describe("resources without tags", () => {
  for (const name of clouds) {
    it(`are those whose SDK class takes none: ${name}`, async () => {
      const { prefix, takesTags, untaggable } = resourcesOf[name];
      const types = new Set<string>();
      for (const one of cases.filter(({ cloud }) => cloud === name)) {
        for (const { type } of (await run(one)).resources.filter((made) => made.type.startsWith(prefix)))
          types.add(type);
      }
      const without = [...types].filter((type) => !takesTags(type)).sort();
      assert.deepEqual(without, Object.keys(untaggable).sort());
    });
  }
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
    "gcp, production": [
      "gcp:kms/cryptoKey:CryptoKey agents-production-key",
      "gcp:kms/cryptoKey:CryptoKey agents-production-secrets",
      "gcp:kms/cryptoKey:CryptoKey agents-production-db-main-key",
      "gcp:kms/cryptoKey:CryptoKey agents-production-kv-main-key",
      "gcp:kms/cryptoKey:CryptoKey agents-production-bucket-main-key",
      "gcp:kms/cryptoKey:CryptoKey agents-production-images",
      "gcp:artifactregistry/repository:Repository agents-production-api",
      "gcp:storage/bucket:Bucket agents-production-bucket-main",
      "gcp:sql/databaseInstance:DatabaseInstance agents-production-db-main",
      "gcp:memorystore/instance:Instance agents-production-kv-main",
      "gcp:dns/managedZone:ManagedZone agents-production",
      "random:index/randomId:RandomId this-stack-keeps-its-cloud-and-name--make-a-second-stack-to-move",
    ],
    "gcp, standby": [
      "gcp:kms/cryptoKey:CryptoKey agents-dr-key",
      "gcp:kms/cryptoKey:CryptoKey agents-dr-secrets",
      "gcp:kms/cryptoKey:CryptoKey agents-dr-db-main-key",
      "gcp:kms/cryptoKey:CryptoKey agents-dr-kv-main-key",
      "gcp:kms/cryptoKey:CryptoKey agents-dr-bucket-main-key",
      "gcp:kms/cryptoKey:CryptoKey agents-dr-images",
      "gcp:artifactregistry/repository:Repository agents-dr-api",
      "gcp:storage/bucket:Bucket agents-dr-bucket-main",
      "gcp:sql/databaseInstance:DatabaseInstance agents-dr-db-main",
      "gcp:memorystore/instance:Instance agents-dr-kv-main",
      "random:index/randomId:RandomId this-stack-keeps-its-cloud-and-name--make-a-second-stack-to-move",
    ],
    "azure, production": [
      "azure-native:resources:ResourceGroup agents-production",
      "azure-native:keyvault:Vault agents-production",
      "azure-native:containerregistry:Registry agents-production",
      "azure-native:redisenterprise:RedisEnterprise agents-production-kv-main",
      "azure-native:redisenterprise:Database agents-production-kv-main",
      "azure-native:storage:StorageAccount agents-production-bucket-main",
      "azure-native:storage:BlobContainer agents-production-bucket-main",
      "azure-native:containerservice:ManagedCluster agents-production",
      "azure-native:dbforpostgresql:Server agents-production-db-main",
      "azure-native:dns:Zone agents-production",
      "azure-native:dbforpostgresql:Database agents-production-db-main",
      "random:index/randomId:RandomId this-stack-keeps-its-cloud-and-name--make-a-second-stack-to-move",
    ],
    "azure, standby": [
      "azure-native:resources:ResourceGroup agents-dr",
      "azure-native:keyvault:Vault agents-dr",
      "azure-native:containerregistry:Registry agents-dr",
      "azure-native:redisenterprise:RedisEnterprise agents-dr-kv-main",
      "azure-native:redisenterprise:Database agents-dr-kv-main",
      "azure-native:storage:StorageAccount agents-dr-bucket-main",
      "azure-native:storage:BlobContainer agents-dr-bucket-main",
      "azure-native:containerservice:ManagedCluster agents-dr",
      "azure-native:dbforpostgresql:Server agents-dr-db-main",
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

  /** Locks in the cloud itself, which stop whoever goes round this program too. */
  const locked = {
    "aws, production": [
      "aws:eks/cluster:Cluster agents-production",
      "aws:rds/instance:Instance agents-production-db-main",
    ],
    "gcp, production": [
      "gcp:container/cluster:Cluster agents-production",
      "gcp:memorystore/instance:Instance agents-production-kv-main",
      "gcp:sql/databaseInstance:DatabaseInstance agents-production-db-main",
    ],
    "azure, production": [
      "azure-native:authorization:ManagementLockByScope agents-production-db-main-lock",
      "azure-native:authorization:ManagementLockByScope agents-production-kv-main-lock",
    ],
  } as const;
  const isLocked = ({ type, inputs }: RecordedResource) =>
    inputs["deletionProtection"] === true ||
    inputs["deletionProtectionEnabled"] === true ||
    type === "azure-native:authorization:ManagementLockByScope";

  for (const [name, guards] of Object.entries(locked)) {
    it(`locks the database in the cloud itself as well: ${name}`, async () => {
      const { resources } = await run(caseNamed(name as keyof typeof locked));
      assert.deepEqual(resources.filter(isLocked).map(idOf).sort(), guards);
    });
  }
});

describe("a platform", () => {
  for (const name of [
    ...clouds.flatMap((cloud) => [`${cloud}, production`, `${cloud}, standby`] as const),
    "local, production",
    "local, existing stores",
  ] as const) {
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
      const { databases, services, ...shape } = shapeOf(outputs) as Record<string, Record<string, unknown>>;
      assert.deepEqual(
        sameKinds({ ...shape, databases: { main: databases?.["main"] }, services: { api: services?.["api"] } }),
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
