import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Image } from "@pulumi/docker-build/image.js";
import { Provider as Builder } from "@pulumi/docker-build/provider.js";
import { Chart } from "@pulumi/kubernetes/helm/v4/chart.js";
import { Provider as Kubernetes } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { UNKNOWN } from "../../plan/record.js";
import { reveal, SECRET } from "../../plan/values.js";
import { deploy, inventory, isKnown, only, valueOf } from "../support/deploy.js";

class Part extends pulumi.ComponentResource {
  readonly password: random.RandomPassword;
  constructor(name: string, opts: pulumi.ComponentResourceOptions = {}) {
    super("agent-platform:test:Part", name, {}, opts);
    this.password = new random.RandomPassword(name, { length: 12 }, { parent: this, protect: true });
    this.registerOutputs({});
  }
}
const withProvider = () => ({ providers: [new random.Provider("random")] });

describe("the recorder", () => {
  it("records parents, the whole chain of types in a URN, protection and the provider", async () => {
    const { resources } = await deploy(() => void new Part("a", withProvider()));
    assert.deepEqual(inventory(resources), [
      ["agent-platform:test:Part", "a"],
      ["pulumi:providers:random", "random"],
      ["random:index/randomPassword:RandomPassword", "a"],
    ]);
    const password = only(resources, "random:index/randomPassword:RandomPassword");
    const project = "urn:pulumi:test::agent-platform";
    assert.equal(password.urn, `${project}::agent-platform:test:Part$random:index/randomPassword:RandomPassword::a`);
    assert.equal(password.parent, `${project}::agent-platform:test:Part::a`);
    assert.equal(password.provider, `${project}::pulumi:providers:random::random`);
    assert.equal(password.protect, true);
  });

  it("opens secret envelopes and notes where they were", async () => {
    const { resources } = await deploy(() => {
      const opts = { provider: new random.Provider("random") };
      new random.RandomId("id", { byteLength: 4, keepers: { open: "a", closed: pulumi.secret("b") } }, opts);
    });
    const id = only(resources, "random:index/randomId:RandomId");
    assert.deepEqual(id.inputs, { byteLength: 4, keepers: { open: "a", closed: "b" } });
    assert.deepEqual(id.secretInputs, ["keepers.closed"]);
  });

  it("keeps ids and outputs unknown in a preview", async () => {
    const { result, resources } = await deploy(
      () => {
        const part = new Part("a", withProvider());
        const opts = { parent: part };
        new random.RandomId("id", { byteLength: 4, keepers: { from: part.password.result } }, opts);
        return { id: part.password.id, result: part.password.result };
      },
      { preview: true },
    );
    assert.equal(await isKnown(result.id), false);
    assert.equal(await isKnown(result.result), false);
    assert.deepEqual(only(resources, "random:index/randomId:RandomId").inputs, {
      byteLength: 4,
      keepers: { from: UNKNOWN },
    });
  });

  it("marks a provider's additional secret outputs", async () => {
    const { result } = await deploy(() => new Part("a", withProvider()).password.result, {
      outputs: { "random:index/randomPassword:RandomPassword": () => ({ result: "planted" }) },
    });
    assert.equal(await pulumi.isSecret(result), true);
    assert.equal(await valueOf(result), "planted");
    assert.equal(await reveal(result), SECRET);
  });

  it("refuses a resource without an explicit provider", async () => {
    await assert.rejects(
      deploy(() => void new Part("a")),
      new Error(
        "random:index/randomPassword:RandomPassword a has no explicit provider: pass { parent } or { provider }",
      ),
    );
  });

  it("records a component that a provider makes, with its inputs", async () => {
    const { resources } = await deploy(() => {
      const provider = new Kubernetes("cluster");
      new Chart("definitions", { chart: "crds", version: "1.0.0", values: { enabled: true } }, { provider });
    });
    const { custom, provider, inputs } = only(resources, "kubernetes:helm.sh/v4:Chart");
    assert.deepEqual(
      [custom, provider],
      [false, "urn:pulumi:test::agent-platform::pulumi:providers:kubernetes::cluster"],
    );
    assert.deepEqual(inputs, { chart: "crds", version: "1.0.0", values: { enabled: true } });
  });

  it("refuses one without an explicit provider", async () => {
    await assert.rejects(
      deploy(() => void new Chart("definitions", { chart: "crds" })),
      new Error("kubernetes:helm.sh/v4:Chart definitions has no explicit provider: pass { parent } or { provider }"),
    );
  });

  it("knows of an image that is to be built only what it is built of", async () => {
    const { result } = await deploy(
      () => {
        const provider = new Builder("builder");
        const { digest, ref, push } = new Image("api", { push: true, context: { location: "." } }, { provider });
        return { digest, ref, push };
      },
      { preview: true },
    );
    assert.deepEqual([await isKnown(result.digest), await isKnown(result.ref)], [false, false]);
    assert.equal(await valueOf(result.push), true);
  });

  it("fails on a call that nobody stubbed", async () => {
    await assert.rejects(
      deploy(() => {
        const provider = new random.Provider("random");
        return pulumi.runtime.invokeOutput("cloud:index/read:read", { of: "x" }, { provider });
      }),
      new Error('nobody stubbed the call cloud:index/read:read({"of":"x"})'),
    );
  });

  it("fails on two resources with one URN", async () => {
    await assert.rejects(
      deploy(() => {
        const opts = withProvider();
        new Part("a", opts);
        new Part("a", opts);
      }),
      new Error("two resources have the URN urn:pulumi:test::agent-platform::agent-platform:test:Part::a"),
    );
  });

  it("sees what is registered late, from an output", async () => {
    const { resources } = await deploy(async () => {
      const opts = { provider: new random.Provider("random") };
      const first = new random.RandomId("first", { byteLength: 4 }, opts);
      const later = first.id.apply(async (id) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return id;
      });
      new random.RandomId("second", { byteLength: 4, keepers: { later } }, opts);
    });
    assert.equal(only(resources, "random:index/randomId:RandomId", "second").inputs["byteLength"], 4);
  });

  it("fails on an error inside an output that nobody awaits", async () => {
    await assert.rejects(
      deploy(() => {
        pulumi.output("x").apply(() => {
          throw new Error("inside");
        });
      }),
      /inside/,
    );
  });
});

describe("the test harness", () => {
  it("goes red on an assertion that nobody awaits", () => {
    const fixture = join(import.meta.dirname, "..", "support", "red.fixture.ts");
    const run = spawnSync("node_modules/.bin/mocha", [fixture], { encoding: "utf8" });
    assert.notEqual(run.status, 0);
    assert.match(run.stderr + run.stdout, /unawaited assertion/);
  });
});
