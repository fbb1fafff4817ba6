import assert from "node:assert/strict";
import type { Source } from "../../config/source.js";
import { masked, planAsJson } from "../../plan/json.js";
import { planStack } from "../../plan/plan.js";
import { wrapped } from "../../plan/summary.js";
import { planAsTree } from "../../plan/tree.js";
import { only } from "../support/deploy.js";
import { planOf, shippedStacks } from "../support/stacks.js";

interface PlanJson {
  readonly stack: string;
  readonly cloud: string;
  readonly environment: string;
  readonly settings: { readonly region: string };
  readonly resources: readonly {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    readonly inputs: Record<string, unknown>;
  }[];
  readonly outputs: Record<string, unknown>;
  readonly warnings: readonly string[];
  readonly beforeUp: readonly string[];
}

describe("the plan", () => {
  for (const stack of shippedStacks) {
    it(`of the stack ${stack} is made`, async () => {
      const plan = await planOf(stack);
      assert.ok(plan.resources.length > 20);
      assert.equal(plan.outputs["cloud"], plan.settings.cloud);
    });
  }

  it("has the keys of its interface, and no others", async () => {
    const json = JSON.parse(planAsJson(await planOf("prod"))) as PlanJson;
    assert.deepEqual(Object.keys(json), [
      "stack",
      "cloud",
      "environment",
      "settings",
      "resources",
      "outputs",
      "warnings",
      "beforeUp",
    ]);
    assert.deepEqual(
      [json.stack, json.cloud, json.environment, json.settings.region],
      ["prod", "aws", "production", "eu-west-1"],
    );
    for (const resource of json.resources) {
      assert.deepEqual(Object.keys(resource), [
        "name",
        "type",
        "urn",
        "parent",
        "custom",
        "read",
        "inputs",
        "dependsOn",
        "protect",
        "retainOnDelete",
        "deletedWith",
        "provider",
      ]);
    }
    const urns = json.resources.map(({ urn }) => urn);
    assert.deepEqual(urns, [...urns].sort());
  });

  it("is the same to the byte when it is made again", async () => {
    assert.equal(planAsJson(await planOf("prod")), planAsJson(await planOf("prod")));
  });

  it("names secrets and unknowns and shows nothing of them", async () => {
    const json = JSON.parse(planAsJson(await planOf("prod"))) as PlanJson;
    const find = (type: string, name: string) =>
      json.resources.find((one) => one.type === type && one.name === name)?.inputs;
    assert.equal(
      find("aws:secretsmanager/secretVersion:SecretVersion", "agents-production-openai-api-key")?.["secretString"],
      "[secret]",
    );
    assert.equal(find("aws:rds/instance:Instance", "agents-production-db-main")?.["password"], "[unknown]");
    assert.equal(json.outputs["kubeconfig"], "[secret]");
    assert.equal((json.outputs["network"] as { id: string }).id, "[unknown]");
  });

  it("lists the secrets that are not set, and does not fail for them", async () => {
    assert.deepEqual((await planOf("prod")).beforeUp, [
      "pulumi config set --secret agent-secrets:ANTHROPIC_API_KEY",
      "pulumi config set --secret agent-secrets:OPENAI_API_KEY",
      "pulumi config set --secret agent-secrets:PAGERDUTY_ROUTING_KEY",
      "pulumi config set --secret agent-secrets:SLACK_WEBHOOK",
    ]);
  });

  it("takes the neighbour of another cloud's region, and warns", async () => {
    const plan = await planOf("prod", ["region=europe-west1"]);
    assert.equal(plan.settings.region, "eu-west-1");
    assert.deepEqual(plan.warnings, [
      "region europe-west1 is another cloud's: the plan takes its neighbour eu-west-1; up wants a region of aws",
      "services.api: uploads stay in the /tmp of the pod that took them; to keep them, add bucket to services.api.uses",
    ]);
  });

  it("knows nothing of another stack without its outputs, and uses them where it has them", async () => {
    const source: Source = {
      name: "test",
      encrypted: new Set(),
      config: {
        "agent-platform:cloud": "aws",
        "agent-platform:region": "eu-central-1",
        "agent-platform:network": { mode: "existing", fromStack: "acme/net/prod" },
      },
    };
    const idOf = async (stackOutputs: Record<string, Record<string, unknown>>) => {
      const plan = await planStack({ source, stack: "test", stackOutputs });
      return (plan.outputs["network"] as { id: string }).id;
    };
    const network = { id: "vpc-1", subnets: { public: ["a", "b"], private: ["c", "d"], data: ["e", "f"] } };
    assert.equal(await idOf({}), "[unknown]");
    assert.equal(await idOf({ "acme/net/prod": { network } }), "vpc-1");
    assert.equal(await idOf({ prod: { network } }), "vpc-1");
  });

  it("makes the marker first, protected in production, with the cloud and the name as its keepers", async () => {
    const { resources } = await planOf("prod");
    const marker = only(
      resources,
      "random:index/randomId:RandomId",
      "this-stack-keeps-its-cloud-and-name--make-a-second-stack-to-move",
    );
    assert.deepEqual(marker.inputs, { byteLength: 4, keepers: { cloud: "aws", name: "agents" } });
    assert.equal(marker.protect, true);
  });

  it("ends with the lock, which waits for everything and is protected where data is", async () => {
    const isProtected = { dev: false, staging: false, prod: true, dr: true };
    for (const stack of shippedStacks) {
      const { resources } = await planOf(stack);
      const name = "this-stack-is-locked--set-deletionProtection-to-false-and-run-up-before-destroy";
      const lock = only(resources, "random:index/randomId:RandomId", name);
      assert.equal(lock.protect, isProtected[stack], stack);
      const others = resources.filter(
        ({ custom, read, type, urn }) => custom && !read && urn !== lock.urn && !type.startsWith("pulumi:providers:"),
      );
      assert.ok(others.length > 10);
      assert.deepEqual(
        others.filter(({ urn }) => !lock.dependsOn.includes(urn)).map(({ urn }) => urn),
        [],
        stack,
      );
    }
  });
});

describe("masking", () => {
  it("hides exactly the paths that are secret", () => {
    const inputs = { a: { b: "x", c: ["y", "z"] }, d: "[unknown]" };
    assert.deepEqual(masked(inputs, ["a.c[1]", "d"]), { a: { b: "x", c: ["y", "[secret]"] }, d: "[unknown]" });
  });
});

describe("the tree", () => {
  it("shows each resource once, under its parent, with what is special about it", async () => {
    const plan = await planOf("dev");
    const lines = planAsTree(plan).trimEnd().split("\n");
    assert.equal(lines.length, plan.resources.length + 1);
    assert.equal(lines[0], "dev");
    assert.ok(lines.includes("│  │  ├─ kubernetes:core/v1:ServiceAccount  agents-development-api"), lines.join("\n"));
  });
});

describe("wrapping", () => {
  it("breaks between words, and leaves whole what has no space", () => {
    assert.deepEqual(wrapped("one two three", 7, "- ", "  "), ["- one two", "  three"]);
    assert.deepEqual(wrapped("a-word-that-is-long", 5, "", ""), ["a-word-that-is-long"]);
  });
});
