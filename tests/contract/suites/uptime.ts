import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { images } from "../../../config/versions.js";
import {
  type Cluster,
  cloudRecords,
  type Duty,
  type Measure,
  type SecretStore,
  type UptimeArgs,
} from "../../../providers/contract.js";
import type { RegionalCloud } from "../../../providers/regions.js";
import { all, inventory, valueOf } from "../../support/deploy.js";
import * as onAws from "../../support/stubs/aws-data.js";
import * as onAzure from "../../support/stubs/azure-data.js";
import * as onGcp from "../../support/stubs/gcp-data.js";
import { type Entered, entered } from "../entered.js";
import { resourcesOf } from "../resources.js";

/** What a cloud asks from outside, and what it measures: the same promises on each. */

const regional = ["aws", "gcp", "azure"] as const;
const clusters: Readonly<Record<RegionalCloud, () => Cluster>> = {
  aws: onAws.dataCluster,
  gcp: onGcp.dataCluster,
  azure: onAzure.dataCluster,
};
const NAME = "agents-development-uptime";

/** What is asked, and whom the cloud tells. */
const kinds: Readonly<Record<RegionalCloud, { readonly check: string; readonly tells: readonly string[] }>> = {
  aws: {
    check: "aws:route53/healthCheck:HealthCheck",
    tells: [
      "aws:cloudwatch/metricAlarm:MetricAlarm",
      "aws:sns/topic:Topic",
      "aws:sns/topicSubscription:TopicSubscription",
    ],
  },
  gcp: {
    check: "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig",
    tells: ["gcp:monitoring/alertPolicy:AlertPolicy", "gcp:monitoring/notificationChannel:NotificationChannel"],
  },
  azure: {
    check: "azure-native:applicationinsights:WebTest",
    tells: ["azure-native:monitor:ActionGroup", "azure-native:monitor:MetricAlert"],
  },
};

const uptimeWith =
  (more: Partial<UptimeArgs>) =>
  ({ cloud, parent }: Entered) => {
    assert.ok(cloud.uptime);
    const observe = cloud.observe("platform", {}, { parent });
    const checks = {
      api: { host: "agents.example.com", path: "/health" },
      web: { host: pulumi.output("www.example.com"), path: "/" },
    };
    return cloud.uptime(
      NAME,
      { checks, certified: true, interval: 60, timeout: 10, emails: [], observe, ...more },
      { parent },
    );
  };

for (const name of regional)
  describe(`uptime on ${name}`, () => {
    const { check, tells } = kinds[name];
    const run = (more: Partial<UptimeArgs> = {}, preview = false) =>
      entered(name, (given) => uptimeWith(more)(given), { tags: { owner: "team-a" } }, preview);

    it("makes one check of each page, and says how it is called in measurements", async () => {
      const { resources, result } = await run();
      assert.deepEqual(
        all(resources, check).map((one) => one.name),
        [`${NAME}-api`, `${NAME}-web`],
      );
      assert.deepEqual(Object.keys(result.checks), ["api", "web"]);
    });

    it("tells people by mail only, and only where the stack names some", async () => {
      const silent = await run();
      assert.deepEqual(
        silent.resources.filter(({ type }) => tells.includes(type)),
        [],
      );
      const { resources } = await run({ emails: ["on-call@example.com"] });
      assert.deepEqual([...new Set(resources.map(({ type }) => type).filter((type) => tells.includes(type)))].sort(), [
        ...tells,
      ]);
      const said = JSON.stringify(resources.filter(({ type }) => tells.includes(type)).map(({ inputs }) => inputs));
      assert.match(said, /on-call@example\.com/);
      assert.doesNotMatch(said, /https?:\/\//);
    });

    it("tags all that takes tags", async () => {
      const { tagsOf, takesTags, untaggable, prefix } = resourcesOf[name];
      const { resources } = await run({ emails: ["on-call@example.com"] });
      const own = resources.filter(({ type, name: one }) => type.startsWith(prefix) && one.startsWith(NAME));
      assert.ok(own.length > 3);
      for (const one of own) {
        assert.equal(takesTags(one.type), !(one.type in untaggable), one.type);
        if (takesTags(one.type)) assert.equal(tagsOf(one)?.["owner"], "team-a", one.urn);
      }
    });

    it("shows every resource in a preview", async () => {
      const more = { emails: ["on-call@example.com"] };
      assert.deepEqual(inventory((await run(more, true)).resources), inventory((await run(more)).resources));
    });
  });

for (const name of regional)
  describe(`measurements of ${name}`, () => {
    const run = (loadBalancer: boolean, preview = false) =>
      entered(
        name,
        (given): Measure => {
          assert.ok(given.cloud.measure);
          const uptime = uptimeWith({})(given);
          return given.cloud.measure({ cluster: clusters[name](), loadBalancer, uptime });
        },
        {},
        preview,
      );

    it("are read by an image of this cloud's, and told by the names of all", async () => {
      for (const preview of [false, true]) {
        const { result } = await run(true, preview);
        assert.deepEqual(result.image, images.cloudMetrics[name]);
        assert.ok(result.interval >= 60 && result.interval <= 300);
        const records = Object.keys(result.recordings);
        assert.deepEqual(
          records.filter((record) => !(cloudRecords as readonly string[]).includes(record)),
          [],
        );
        for (const record of ["database_cpu_ratio", "cache_memory_ratio", "load_balancer_bytes_per_second"])
          assert.ok(records.includes(`cloud:${record}`), record);
        assert.ok(records.includes("cloud:uptime_success"));
      }
    });

    it("hold no key and no password", async () => {
      const { args, env, files, scrapes } = (await run(true)).result;
      const said = JSON.stringify(
        await valueOf(pulumi.output({ args: [...args], env: { ...env }, files: { ...files } })),
      );
      assert.doesNotMatch(`${said}${JSON.stringify(scrapes)}`, /password|secret|token|access_?key/i);
    });

    it("say what each check is called", async () => {
      const { namings } = (await run(false)).result;
      assert.deepEqual(
        namings.map(({ gets, named }) => [gets, named]),
        [
          ["check", "api"],
          ["check", "web"],
        ],
      );
    });
  });

/** What an identity takes more for it. */
const grants: Readonly<Record<RegionalCloud, readonly string[]>> = {
  aws: ["aws:iam/rolePolicy:RolePolicy pods"],
  gcp: [
    "gcp:projects/iAMMember:IAMMember pods-reads-metrics",
    "gcp:projects/service:Service platform-monitoring",
    "time:index/sleep:Sleep platform-monitoring",
  ],
  azure: ["metrics", "balancer-metrics"].flatMap((noun) => [
    `azure-native:authorization:RoleAssignment pods-${noun}`,
    `random:index/randomUuid:RandomUuid pods-${noun}`,
  ]),
};

for (const name of regional)
  it(`an identity on ${name} may read measurements where that is its duty`, async () => {
    const idsOf = async (duties: readonly Duty[], preview = false) => {
      const made = await entered(
        name,
        ({ cloud, parent }) =>
          void cloud.identity(
            "pods",
            {
              cluster: clusters[name](),
              namespace: "apps",
              serviceAccount: "pods",
              buckets: {},
              secrets: [],
              store: {} as SecretStore,
              duties,
            },
            { parent },
          ),
        {},
        preview,
      );
      return inventory(made.resources).map((row) => row.join(" "));
    };
    const without = await idsOf([]);
    const given = await idsOf(["read metrics"]);
    assert.deepEqual(
      given.filter((id) => !without.includes(id)),
      [...grants[name]].sort(),
    );
    assert.deepEqual(await idsOf(["read metrics"], true), given);
  });

it("local has nobody outside, and no measurements of its own", async () => {
  const { result } = await entered("local", ({ cloud }) => [cloud.uptime, cloud.measure]);
  assert.deepEqual(result, [undefined, undefined]);
});
