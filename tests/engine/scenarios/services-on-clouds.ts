import assert from "node:assert/strict";
import type { Deployment } from "kubernetes-types/apps/v1.js";
import type { Job } from "kubernetes-types/batch/v1.js";
import { Api, type Manifest } from "../cluster/api.js";
import { operationsOf } from "../providers/cloud/disk.js";
import { repeats } from "../support/all.js";
import { changesOf, type StateResource, type Step } from "../support/stack.js";
import { type Ground, openGround, Trial } from "../support/trial.js";

const NAMESPACE = "agents-production";
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`;
const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const image = (tag: string) => `ghcr.io/acme/api:${tag}`;

const settings = {
  deletionProtection: "false",
  "services.api.image": image("1.0.0"),
};
const reports = {
  "services.reports.image": "ghcr.io/acme/reports:1.0.0",
  "services.reports.uses[0]": "cache",
  "services.reports.secrets[0]": "ANTHROPIC_API_KEY",
};

const short = ({ op, type, name }: Step): string => `${op} ${type} ${name}`;
const isOf =
  (service: string) =>
  ({ name }: Step): boolean =>
    name === service || name.includes(`-${service}-`) || name.endsWith(`-${service}`);

/** What a load balancer stands in, and who takes it away. */
const beneath: Readonly<Record<string, readonly string[]>> = {
  aws: [
    "aws:eks/cluster:Cluster",
    "aws:eks/nodeGroup:NodeGroup",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/vpc:Vpc",
  ],
  gcp: ["gcp:container/cluster:Cluster", "gcp:container/nodePool:NodePool", "gcp:compute/network:Network"],
  azure: ["azure-native:containerservice:ManagedCluster", "azure-native:network:VirtualNetwork"],
};
const CONTROLLER = /aws-load-balancer-controller$/;

const isLoadBalancer = ({ type, inputs }: StateResource): boolean =>
  type === "kubernetes:core/v1:Service" && (inputs?.["spec"] as { type?: string } | undefined)?.type === "LoadBalancer";

/** What local shows as well, in the production stack of each cloud, whose stores are the cloud's own. */
for (const cloud of ["aws", "gcp", "azure"]) {
  describe(`services in production on ${cloud}`, () => {
    let ground: Ground;
    let trial: Trial;
    let api: Api;

    before(async () => {
      ground = await openGround();
      api = new Api(ground.cluster);
      trial = await Trial.open(ground, {
        stack: "prod",
        serving: true,
        settings: { cloud, ...settings },
        secretNames: ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"],
      });
    });
    after(async () => {
      api?.close();
      await trial?.close();
      await ground?.close();
    });
    afterEach("leaves no secret in plain text and nothing half done", () => trial.assertSound());

    const up = async (): Promise<readonly Step[]> => {
      const ran = await trial.stack.up();
      assert.equal(ran.code, 0, ran.output);
      return changesOf(ran);
    };
    const deployment = async (name: string) => {
      const found = await api.get<Deployment & Manifest>(`${DEPLOYMENTS}/${name}`);
      assert.ok(found !== undefined);
      return found;
    };
    /** How many there are is the autoscaler's to say, and nobody plays it. */
    const assertServing = async (name: string) => {
      const { status } = await deployment(name);
      assert.ok((status?.availableReplicas ?? 0) > 0 && status?.availableReplicas === status?.replicas, name);
    };
    const migrations = async () =>
      ((await api.get<{ items: Job[] }>(JOBS))?.items ?? [])
        .map(({ metadata }) => metadata?.name ?? "")
        .filter((name) => name.startsWith("api-migrate-"));
    let added: readonly Step[] = [];

    it("come up in one up, beside the cloud's own stores", async () => {
      await up();
      await assertServing("api");
      assert.equal((await migrations()).length, 1);
    });

    it("are scaled by their autoscaler alone, while a service more is nothing but its own objects", async function () {
      if (repeats(cloud)) this.skip();
      await api.merge(`${DEPLOYMENTS}/api`, { spec: { replicas: 7 } });
      await trial.stack.configure({ "services.api.replicas.min": "4", ...reports });
      const changes = await up();
      added = changes.filter(isOf("reports"));
      assert.deepEqual(changes.filter((step) => !added.includes(step)).map(short), [
        "update kubernetes:autoscaling/v2:HorizontalPodAutoscaler agents-production-api",
      ]);
      assert.deepEqual([...new Set(added.map(({ op }) => op))], ["create"]);
      assert.equal((await deployment("api")).spec?.replicas, 7);
      await assertServing("reports");
    });

    it("start again with a rotated secret, while a service less takes exactly its own objects along", async function () {
      if (repeats(cloud)) this.skip();
      const generation = (await deployment("api")).metadata?.generation ?? 0;
      await trial.rotate("OPENAI_API_KEY");
      await trial.stack.must("config", "rm", "--path", "agent-platform:services.reports");
      const changes = await up();
      const removed = changes.filter(isOf("reports"));
      const shown = (steps: readonly Step[]) => steps.map(({ urn }) => urn).sort();
      assert.deepEqual(shown(removed), shown(added));
      assert.deepEqual([...new Set(removed.map(({ op }) => op))], ["delete"]);
      const others = changes.filter((step) => !removed.includes(step));
      assert.deepEqual(others.filter(({ type }) => type.includes("apps/v1")).map(short), [
        "update kubernetes:apps/v1:Deployment agents-production-api",
      ]);
      assert.deepEqual(others.filter((step) => !/openai-api-key$|-api(-env)?$/.test(step.name)).map(short), []);
      assert.equal((await deployment("api")).metadata?.generation, generation + 1);
    });

    it("migrate once for another image, and then serve by it", async function () {
      if (repeats(cloud)) this.skip();
      await trial.stack.configure({ "services.api.image": image("2.0.0") });
      const changes = await up();
      assert.deepEqual(changes.filter(({ name }) => !/-api(-migrate.*)?$/.test(name)).map(short), []);
      assert.equal((await migrations()).length, 1);
      assert.equal((await deployment("api")).spec?.template.spec?.containers[0]?.image, image("2.0.0"));
      assert.equal((await deployment("api")).spec?.replicas, 7);
    });

    it("go with what was made for them, the load balancer before its controller, the cluster and the network", async () => {
      const balancer = trial.stack.state().resources.find(isLoadBalancer);
      assert.ok(balancer !== undefined, "there is no load balancer");
      const destroy = await trial.stack.destroy();
      assert.equal(destroy.code, 0, destroy.output);
      assert.deepEqual(trial.stack.state().resources, []);
      const gone = operationsOf(trial.stack.cloud).filter(({ op }) => op === "delete");
      const [first] = gone.filter(({ urn }) => urn === balancer.urn);
      assert.ok(first !== undefined, "the load balancer is not deleted: it went with something else");
      const later = gone.filter(({ type, name }) => beneath[cloud]?.includes(type) || CONTROLLER.test(name));
      assert.ok(later.length > 1);
      for (const { type, name, began } of later) assert.ok(first.ended <= began, `${type} ${name} goes before it`);
    });
  });
}
