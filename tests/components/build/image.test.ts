import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { hashBuild } from "../../../components/build/context-hash.js";
import { buildImages } from "../../../components/build/image.js";
import type { Tree } from "../../../config/walk.js";
import type { Registry } from "../../../providers/contract.js";
import { all, deploy, inventory, isKnown, only, type Stubs, valueOf } from "../../support/deploy.js";
import { awsStack, localStack, settingsOf } from "../../support/settings.js";

const IMAGE = "docker-build:index:Image";
const PROVIDER = "pulumi:providers:docker-build";
const DIGEST = `sha256:${"0".repeat(64)}`;

const registry: Registry = {
  url: pulumi.output("registry.example.com"),
  repository: (service) => pulumi.output(`registry.example.com/team/${service}`),
};

describe("images that the platform builds", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "image-"));
    writeFileSync(join(folder, "Dockerfile"), "FROM scratch\n");
    writeFileSync(join(folder, "Second"), "FROM scratch\nCOPY . .\n");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const built = (services: Tree, stack: Tree = awsStack, stubs: Stubs = {}) => {
    const settings = settingsOf({ ...stack, services });
    return deploy(
      () => {
        const parent = new pulumi.ComponentResource("test:index:Platform", "platform");
        return buildImages("platform", { stack: settings, registry }, parent);
      },
      {
        outputs: {
          [IMAGE]: ({ inputs }) => ({ ref: `${(inputs["tags"] as readonly string[])[0]}@${DIGEST}` }),
        },
        ...stubs,
      },
    );
  };
  const hashes = (said: Tree = {}) => hashBuild({ context: folder, args: {}, ...said });

  it("are none where none is built, and neither is a builder", async () => {
    const { resources, result } = await built({ api: { image: "a:1" } });
    assert.deepEqual(inventory(resources), [["test:index:Platform", "platform"]]);
    assert.deepEqual(result, {});
  });

  it("are built for both architectures and pushed, under a tag that says what is in them", async () => {
    const { resources, result } = await built({ api: { build: { context: folder } } });
    assert.deepEqual(inventory(resources), [
      [IMAGE, "agents-development-api"],
      [PROVIDER, "platform-docker-build"],
      ["test:index:Platform", "platform"],
    ]);
    const image = only(resources, IMAGE);
    const { content, files } = hashes();
    const tag = `registry.example.com/team/api:${files}`;
    assert.deepEqual(image.inputs, {
      context: { location: folder },
      dockerfile: { location: join(folder, "Dockerfile") },
      buildArgs: {},
      tags: [tag],
      push: true,
      platforms: ["linux/amd64", "linux/arm64"],
      buildOnPreview: false,
      network: "default",
    });
    assert.equal(image.provider, only(resources, PROVIDER).urn);
    assert.equal(image.retainOnDelete, true);
    assert.deepEqual(Object.keys(result), ["api"]);
    assert.equal(result["api"]?.fixed, content);
    assert.equal(await valueOf(result["api"]?.ref ?? ""), `${tag}@${DIGEST}`);
  });

  it("are of the file, the stage and the arguments that the service says", async () => {
    const build = { context: folder, dockerfile: join(folder, "Second"), target: "runtime", args: { VERSION: "1" } };
    const { resources, result } = await built({ api: { build } });
    const { inputs } = only(resources, IMAGE);
    assert.deepEqual(inputs["dockerfile"], { location: join(folder, "Second") });
    assert.deepEqual([inputs["target"], inputs["buildArgs"]], ["runtime", { VERSION: "1" }]);
    assert.equal(result["api"]?.fixed, hashes(build).content);
  });

  it("are known by their files in a preview, and by their digests only afterwards", async () => {
    const { resources, result } = await built({ api: { build: { context: folder } } }, awsStack, { preview: true });
    assert.equal(all(resources, IMAGE).length, 1);
    assert.equal(result["api"]?.fixed, hashes().content);
    assert.equal(await isKnown(result["api"]?.ref ?? pulumi.output("")), false);
  });

  it("stay in the machine's own engine, for its own platform, where there is no registry", async () => {
    const { resources, result } = await built({ api: { build: { context: folder } } }, localStack);
    const { inputs } = only(resources, IMAGE);
    const tag = `agents-development/api:${hashes().files}`;
    assert.deepEqual(inputs["tags"], [tag]);
    assert.deepEqual([inputs["push"], inputs["load"], inputs["platforms"]], [false, true, undefined]);
    assert.equal(await valueOf(result["api"]?.ref ?? ""), tag);
  });

  it("go to a registry that exists, from wherever the cluster is", async () => {
    const stack = { ...localStack, registry: { mode: "existing", url: "registry.example.com/team" } };
    const { resources } = await built({ api: { build: { context: folder } } }, stack);
    const { inputs } = only(resources, IMAGE);
    assert.deepEqual(inputs["tags"], [`registry.example.com/team/api:${hashes().files}`]);
    assert.equal(inputs["push"], true);
  });

  it("are built once for all deployments of one", async () => {
    const { resources, result } = await built(
      {
        api: { agents: {}, build: { context: folder } },
        gateway: { agents: { role: "gateway", of: "api" } },
        other: { build: { context: folder } },
      },
      localStack,
    );
    assert.deepEqual(
      all(resources, IMAGE).map(({ name }) => name),
      ["agents-development-api", "agents-development-other"],
    );
    assert.equal(all(resources, PROVIDER).length, 1);
    assert.equal(result["gateway"], result["api"]);
  });

  const nowhere = (build: Tree, message: string) =>
    assert.rejects(built({ api: { build } }), { name: "BuildError", message, exitCode: 1 });
  it("are refused in a person's words where there is nothing to build", async () => {
    await nowhere(
      { context: "not/there" },
      "agent-platform:services.api.build.context: there is no folder not/there; expected a folder of this machine, from the project's own; set it with: pulumi config set --path services.api.build.context PATH",
    );
    await nowhere(
      { context: folder, dockerfile: "not/there" },
      "agent-platform:services.api.build.dockerfile: there is no file not/there; expected a Dockerfile, from the project's own folder; set it with: pulumi config set --path services.api.build.dockerfile PATH",
    );
  });
});
