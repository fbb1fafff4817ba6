import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import { AwsRegistry } from "../../../providers/aws/registry.js";
import { inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { awsProduction, awsStack } from "../../support/settings.js";
import { deployAwsPart } from "../../support/stubs/aws-data.js";
import { tagsOf } from "../../support/tags.js";

const COMPONENT = "agent-platform:aws:Registry";
const REPOSITORY = "aws:ecr/repository:Repository";
const LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy";
const NAME = "agents-development";
const HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

const registryOf = (services: readonly string[] = ["api", "web"], said: Tree = awsStack, stubs: Stubs = {}) =>
  deployAwsPart(
    COMPONENT,
    said,
    ({ stack, opts }) => new AwsRegistry(NAME, { stack, settings: stack.registry, services }, opts),
    stubs,
  );

const made: Rows = [
  [COMPONENT, NAME],
  ["agent-platform:aws:Key", `${NAME}-images`],
  [LIFECYCLE, `${NAME}-api`],
  [LIFECYCLE, `${NAME}-web`],
  [REPOSITORY, `${NAME}-api`],
  [REPOSITORY, `${NAME}-web`],
  ["aws:kms/alias:Alias", `${NAME}-images`],
  ["aws:kms/key:Key", `${NAME}-images`],
];

describe("providers/aws/registry", () => {
  it("makes a repository for each service", async () => {
    assert.deepEqual(inventory((await registryOf()).resources), sorted(made));
  });

  it("makes repositories whose tags never change and whose images are scanned and encrypted", async () => {
    const { inputs } = only((await registryOf()).resources, REPOSITORY, `${NAME}-api`);
    assert.deepEqual(inputs, {
      name: "agents-development/api",
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [
        { encryptionType: "KMS", kmsKey: `arn:aws:kms:eu-west-1:123456789012:key/${NAME}-images` },
      ],
      forceDelete: true,
      tags: tagsOf(`${NAME}-api`),
    });
  });

  it("keeps production repositories that hold images", async () => {
    const { resources } = await registryOf(["api"], awsProduction);
    assert.equal(only(resources, REPOSITORY).inputs["forceDelete"], false);
  });

  it("keeps as many images as the stack says, and untagged ones for a week", async () => {
    const { resources } = await registryOf(["api"], { ...awsStack, registry: { keepImages: 5 } });
    const { inputs } = only(resources, LIFECYCLE);
    assert.equal(inputs["repository"], "agents-development/api");
    assert.deepEqual(JSON.parse(String(inputs["policy"])), {
      rules: [
        {
          rulePriority: 1,
          description: "Untagged for 7 days",
          selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 7 },
          action: { type: "expire" },
        },
        {
          rulePriority: 2,
          description: "More than 5 images",
          selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 5 },
          action: { type: "expire" },
        },
      ],
    });
  });

  it("says where images are", async () => {
    const { result } = await registryOf();
    assert.deepEqual(
      [await valueOf(result.url), await valueOf(result.repository("web"))],
      [HOST, `${HOST}/agents-development/web`],
    );
  });

  it("makes nothing without services", async () => {
    const { resources, result } = await registryOf([]);
    assert.deepEqual(inventory(resources), [[COMPONENT, NAME]]);
    assert.equal(await valueOf(result.url), "");
  });

  it("makes nothing where a registry exists", async () => {
    const { resources, result } = await registryOf(["api"], {
      ...awsStack,
      registry: { mode: "existing", url: "registry.example.com/team" },
    });
    assert.deepEqual(inventory(resources), [[COMPONENT, NAME]]);
    assert.deepEqual(
      [await valueOf(result.url), await valueOf(result.repository("api"))],
      ["registry.example.com/team", "registry.example.com/team/api"],
    );
  });

  it("makes nothing where there is no registry", async () => {
    const { resources, result } = await registryOf(["api"], { ...awsStack, registry: { mode: "none" } });
    assert.deepEqual(inventory(resources), [[COMPONENT, NAME]]);
    assert.deepEqual([await valueOf(result.url), await valueOf(result.repository("api"))], ["", "api"]);
  });

  it("fails for a service that it was not made for", async () => {
    const { result } = await registryOf(["api"]);
    assert.throws(
      () => result.repository("other"),
      new Error("aws: the registry was made without a repository for other"),
    );
  });

  it("shows every resource in a preview", async () => {
    assert.deepEqual(
      inventory((await registryOf(["api", "web"], awsStack, { preview: true })).resources),
      sorted(made),
    );
  });
});
