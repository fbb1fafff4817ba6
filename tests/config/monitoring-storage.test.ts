import assert from "node:assert/strict";
import {
  alertmanagerReplicas,
  countSeries,
  daysIn,
  gibPerDay,
  keeping,
  prometheusCpu,
  prometheusMemory,
  prometheusReplicas,
  seriesOf,
  storageFor,
  tell,
} from "../../config/monitoring/size.js";
import { environmentNames, sizeNames } from "../../config/names.js";
import { SettingsError } from "../../config/problems.js";
import type { Tree } from "../../config/walk.js";
import { running, watchedElsewhere } from "../support/services.js";
import { awsProduction, awsStack, localStack, parsed, receivers, settingsOf, stacks } from "../support/settings.js";

const problemsOf = (said: Tree): string[] => {
  try {
    parsed(said);
    return [];
  } catch (error) {
    assert.ok(error instanceof SettingsError, String(error));
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
};
const warningsOf = (said: Tree): readonly string[] =>
  parsed(said).warnings.filter((warning) => warning.startsWith("monitoring."));

const production = { ...awsProduction, monitoring: { receivers } };
const small = settingsOf({ ...awsStack, services: { api: { image: "x.io/a/api:1.0.0", metrics: {} } } });

describe("the estimate of what is measured", () => {
  it("counts what there is, what scales by itself half way", () => {
    assert.deepEqual(countSeries(small), [
      { of: "nodes", count: 9, series: 220 },
      { of: "pods", count: 35 + 9 * 6 + 6, series: 80 },
      { of: "pods of other services", count: 6, series: 600 },
      { of: "databases", count: 1, series: 120 },
      { of: "caches", count: 1, series: 150 },
    ]);
    const series = 9 * 220 + 95 * 80 + 6 * 600 + 120 + 150;
    assert.equal(seriesOf(small), series);
    assert.equal(
      tell(small),
      "9 nodes x 220, 95 pods x 80, 6 pods of other services x 600, 1 databases x 120, 1 caches x 150",
    );
  });

  it("is two bytes for each look at each series, on a disk that is never full", () => {
    const perDay = (seriesOf(small) * (86_400 / 15) * 2) / 1024 ** 3;
    assert.equal(gibPerDay(small), perDay);
    assert.equal(storageFor(90, small), Math.ceil((90 * perDay) / 0.8));
    assert.equal(daysIn(storageFor(90, small), small) >= 90, true);
    const slow = settingsOf({ ...awsStack, monitoring: { scrapeInterval: 60 } });
    const fast = settingsOf({ ...awsStack });
    assert.equal(gibPerDay(slow), gibPerDay(fast) / 4);
  });

  it("grows with services, and more with the agent service", () => {
    const agents = settingsOf({
      ...awsStack,
      services: {
        agents: { agents: {}, image: "x.io/a/agents:1.0.0", uses: ["database", "cache", "models"], metrics: {} },
      },
    });
    assert.deepEqual(
      countSeries(agents).find(({ of }) => of === "pods of agent services"),
      { of: "pods of agent services", count: 6, series: 1500 },
    );
    assert.ok(seriesOf(settingsOf({ ...awsStack, services: running })) > seriesOf(settingsOf({ ...awsStack })));
  });

  it("gives Prometheus the memory and the cores for it", () => {
    assert.deepEqual([prometheusMemory(small), prometheusCpu(small)], [768, 250]);
  });

  it("lets one go in production only", () => {
    const careful = settingsOf(production);
    assert.deepEqual(
      [small, careful].map((stack) => [prometheusReplicas(stack), alertmanagerReplicas(stack)]),
      [
        [1, 1],
        [2, 3],
      ],
    );
    assert.equal(prometheusReplicas(settingsOf({ ...awsProduction, monitoring: watchedElsewhere })), 1);
  });

  it("is a day where another Prometheus keeps the rest", () => {
    assert.deepEqual(keeping(settingsOf({ ...awsStack, monitoring: watchedElsewhere })), { days: 1, storage: 5 });
  });
});

describe("a disk for measurements", () => {
  it("holds what every size and every environment asks for, on every cloud", () => {
    for (const stack of Object.values(stacks))
      for (const environment of environmentNames)
        for (const size of sizeNames) {
          const settings = settingsOf({
            ...stack,
            ...(stack.cloud === "local" ? {} : { cluster: { access: { cidrs: ["203.0.113.0/24"] } } }),
            environment,
            size,
            services: running,
            monitoring: { receivers },
          });
          const { monitoring } = settings;
          assert.ok(monitoring.mode === "inCluster");
          const needed = storageFor(monitoring.retention, settings);
          assert.ok(needed <= monitoring.storage, `${stack.cloud} ${environment} ${size}: ${needed}`);
        }
  });

  it("is for 90 days in production and for two where somebody develops", () => {
    const keptBy = (said: Tree) => {
      const { days, storage } = keeping(settingsOf(said));
      return [days, storage];
    };
    assert.deepEqual(keptBy(production), [90, 40]);
    assert.deepEqual(keptBy({ ...production, size: "medium" }), [90, 75]);
    assert.deepEqual(keptBy({ ...production, size: "large" }), [90, 180]);
    assert.deepEqual(keptBy({ ...awsStack, environment: "staging" }), [15, 10]);
    assert.deepEqual(keptBy({ ...awsStack }), [2, 5]);
    assert.deepEqual(keptBy({ ...localStack, environment: "production", monitoring: { receivers } }), [2, 5]);
  });

  it("that the stack makes too small is refused with the estimate", () => {
    const counted =
      "13300 series (9 nodes x 220, 95 pods x 80, 6 pods of other services x 600, 1 databases x 120) every 15 s make 0.14 GiB a day";
    const said = (monitoring: object) => ({
      ...awsStack,
      caches: {},
      services: { api: { image: "x.io/a/api:1.0.0", metrics: {} } },
      monitoring,
    });
    const expected = "expected at least 17 GiB of storage, fewer days, or an archive";
    const repair = "set it with: pulumi config set --path monitoring.storage 17";
    assert.deepEqual(problemsOf(said({ retention: 90, storage: 10 })), [
      `agent-platform:monitoring.storage: 10 GiB hold about 56 of 90 days: ${counted}; ${expected}; ${repair}`,
    ]);
    assert.deepEqual(problemsOf(said({ retention: 90 })), [
      `agent-platform:monitoring.retention: 5 GiB hold about 28 of 90 days: ${counted}; ${expected}; ${repair}`,
    ]);
    assert.deepEqual(problemsOf(said({ retention: 90, storage: 17 })), []);
  });

  it("that is too small for what else the stack says is a warning", () => {
    const many = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [
        `api${index}`,
        { image: "x.io/a/api:1.0.0", metrics: {}, replicas: { min: 20, max: 20 } },
      ]),
    );
    const [warning] = warningsOf({ ...production, services: many });
    assert.match(
      warning ?? "",
      /^monitoring\.storage: 40 GiB hold about \d+ of 90 days, and the oldest go: \d+ series \(.*240 pods of other services x 600.*\) every 15 s make [\d.]+ GiB a day; set it with: pulumi config set --path monitoring\.storage \d+$/,
    );
  });
});

describe("an archive of measurements", () => {
  const archived = (archive: object, over: object = {}) => ({ ...awsStack, monitoring: { archive, ...over } });

  it("goes into a bucket of the stack", () => {
    assert.deepEqual(problemsOf(archived({ bucket: "main" })), []);
    assert.deepEqual(problemsOf(archived({ bucket: "mian" })), [
      "agent-platform:monitoring.archive.bucket: there is no buckets.mian; expected main; set it with: pulumi config set --path monitoring.archive.bucket main",
    ]);
    assert.deepEqual(problemsOf({ ...localStack, monitoring: { archive: { bucket: "main" } } }), [
      "agent-platform:monitoring.archive.bucket: there is no buckets.main; expected a key of buckets, which has none; remove it with: pulumi config rm --path monitoring.archive",
    ]);
  });

  it("reaches farther back than the disk", () => {
    assert.deepEqual(problemsOf(archived({ bucket: "main", retention: 10 }, { retention: 10, storage: 20 })), [
      "agent-platform:monitoring.archive.retention: 10 days, and the disk keeps 10; expected more than monitoring.retention; set it with: pulumi config set --path monitoring.archive.retention 20",
    ]);
  });

  it("makes a long disk a thing that is paid for twice", () => {
    const monitoring = { receivers, archive: { bucket: "main" } };
    assert.deepEqual(warningsOf({ ...production, monitoring }), [
      "monitoring.retention: 90 days are on 2 disks and in buckets.main; 15 on the disk are enough: set it with: pulumi config set --path monitoring.retention 15",
    ]);
    assert.deepEqual(warningsOf({ ...production, monitoring: { ...monitoring, retention: 90 } }), []);
    assert.deepEqual(warningsOf(archived({ bucket: "main" })), []);
  });
});

describe("a Prometheus that exists", () => {
  const existing = (over: object) => ({ ...awsStack, monitoring: { ...watchedElsewhere, ...over } });

  it("is never sent a token that others could read", () => {
    assert.deepEqual(problemsOf(existing({ remoteWrite: "http://prometheus.example.com/api/v1/write" })), [
      "agent-platform:monitoring.remoteWrite: the token PROMETHEUS_TOKEN would go to prometheus.example.com unencrypted; expected an https address; set it with: pulumi config set --path monitoring.remoteWrite https://prometheus.example.com/api/v1/write",
    ]);
    assert.deepEqual(
      problemsOf(existing({ alertmanager: "http://alerts.example.com", alertmanagerToken: "ALERTS_TOKEN" })),
      [
        "agent-platform:monitoring.alertmanager: the token ALERTS_TOKEN would go to alerts.example.com unencrypted; expected an https address; set it with: pulumi config set --path monitoring.alertmanager https://alerts.example.com",
      ],
    );
  });

  it("may be spoken to plainly inside the cluster, and where no token is sent", () => {
    assert.deepEqual(problemsOf(existing({ query: "http://prometheus.monitoring.svc:9090" })), []);
    assert.deepEqual(problemsOf(existing({ query: "http://prometheus.monitoring.svc.cluster.local:9090" })), []);
    assert.deepEqual(problemsOf(existing({ alertmanager: "http://alerts.example.com" })), []);
  });
});
