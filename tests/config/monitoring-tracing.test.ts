import assert from "node:assert/strict";
import { traceGib } from "../../config/checks/monitoring-tracing.js";
import { tracesOf } from "../../config/monitoring/tracing.js";
import { environmentNames, sizeNames } from "../../config/names.js";
import type { Tree } from "../../config/walk.js";
import { running, watchedElsewhere } from "../support/services.js";
import { awsProduction, awsStack, localStack, parsed, receivers, settingsOf } from "../support/settings.js";
import { refuses } from "./refuses.js";

const api = { image: "x.io/a/api:1.0.0" };
const traced = (tracing: Tree, over: Tree = {}) => ({
  ...awsStack,
  services: { api },
  monitoring: { tracing },
  ...over,
});
const otlp = "https://otlp.example.com";

describe("traces", () => {
  it("are kept by a Jaeger of the stack's own, one in ten and all that failed or were slow", () => {
    assert.deepEqual(tracesOf(settingsOf({ ...awsStack }).monitoring), {
      sampling: { percent: 10, slow: 1 },
      replicas: 1,
      memory: 0.5,
      store: { kind: "jaeger", retention: 2, storage: 1 },
    });
  });

  it("have by their environment and size what they need, and little on one's own machine", () => {
    const keptBy = (said: Tree) => {
      const traces = tracesOf(settingsOf(said).monitoring);
      assert.ok(traces?.store.kind === "jaeger");
      return [traces.replicas, traces.store.retention, traces.store.storage];
    };
    const production = { ...awsProduction, monitoring: { receivers } };
    assert.deepEqual(keptBy(production), [2, 14, 7]);
    assert.deepEqual(keptBy({ ...production, size: "medium" }), [2, 14, 35]);
    assert.deepEqual(keptBy({ ...production, size: "large" }), [2, 14, 140]);
    assert.deepEqual(keptBy({ ...awsStack, environment: "staging" }), [1, 6, 3]);
    assert.deepEqual(keptBy({ ...localStack, environment: "production", monitoring: { receivers } }), [1, 2, 1]);
  });

  it("go to an endpoint, in either mode, or nowhere", () => {
    const storeOf = (monitoring: Tree) => tracesOf(settingsOf({ ...awsStack, monitoring }).monitoring)?.store;
    assert.deepEqual(storeOf({ tracing: { otlp } }), { kind: "otlp", url: otlp, token: undefined });
    assert.deepEqual(storeOf({ tracing: { otlp, token: "T" } }), { kind: "otlp", url: otlp, token: "T" });
    assert.deepEqual(storeOf({ ...watchedElsewhere, otlp, otlpToken: "T" }), { kind: "otlp", url: otlp, token: "T" });
    const { otlp: _, otlpToken: __, ...metricsAlone } = watchedElsewhere as Tree;
    assert.equal(storeOf(metricsAlone), undefined);
    assert.equal(storeOf({ tracing: { enabled: false } }), undefined);
    assert.equal(storeOf({ mode: "none" }), undefined);
  });

  it("have a disk that holds them, at every size and in every environment", () => {
    for (const environment of environmentNames)
      for (const size of sizeNames) {
        const access = { cluster: { access: { cidrs: ["203.0.113.0/24"] } } };
        const said = { ...awsStack, ...access, environment, size, services: running, monitoring: { receivers } };
        const { monitoring } = settingsOf(said);
        assert.ok(monitoring.mode === "inCluster");
        const gib = traceGib(settingsOf(said));
        assert.ok(gib <= monitoring.tracing.storage, `${environment} ${size}: ${gib}`);
      }
  });

  refuses("a Jaeger's disk and days, and no Jaeger", traced({ otlp, retention: 7, storage: 10 }), [
    `monitoring.tracing.retention: traces go to ${otlp}, and no Jaeger keeps them here; expected one of the two; remove it with: pulumi config rm --path monitoring.tracing.retention`,
    `monitoring.tracing.storage: traces go to ${otlp}, and no Jaeger keeps them here; expected one of the two; remove it with: pulumi config rm --path monitoring.tracing.storage`,
  ]);

  refuses("a token that goes nowhere", traced({ token: "OTLP_TOKEN" }), [
    "monitoring.tracing.token: there is no monitoring.tracing.otlp that it would go to; expected both, or neither; remove it with: pulumi config rm --path monitoring.tracing.token",
  ]);

  refuses("a token that everybody on the way reads", traced({ otlp: "http://otlp.example.com", token: "OTLP_TOKEN" }), [
    "monitoring.tracing.otlp: the token OTLP_TOKEN would go to otlp.example.com unencrypted; expected an https address; set it with: pulumi config set --path monitoring.tracing.otlp https://otlp.example.com",
  ]);

  refuses(
    "the same of a collector that exists",
    {
      ...awsStack,
      monitoring: { ...watchedElsewhere, otlp: "http://otlp.example.com:4318", otlpToken: "OTLP_TOKEN" },
    },
    [
      "monitoring.otlp: the token OTLP_TOKEN would go to otlp.example.com unencrypted; expected an https address; set it with: pulumi config set --path monitoring.otlp https://otlp.example.com:4318",
    ],
  );

  it("may go plainly inside the cluster, or without a token", () => {
    for (const tracing of [{ otlp: "http://otel.observe.svc:4318", token: "T" }, { otlp: "http://otlp.example.com" }])
      assert.notEqual(tracesOf(settingsOf(traced(tracing)).monitoring), undefined);
  });

  const estimate = (percent: number, pods: number) => `${percent} % of a call a second of each of ${pods} pods`;

  refuses("more days than the disk holds", traced({ retention: 90, storage: 1 }), [
    `monitoring.tracing.storage: 1 GiB, and 90 days of traces take about 11: ${estimate(10, 2)}; expected at least 11 GiB of storage, or fewer days; set it with: pulumi config set --path monitoring.tracing.storage 11`,
  ]);

  refuses("more days than the usual disk holds", traced({ retention: 90 }), [
    `monitoring.tracing.retention: 1 GiB, and 90 days of traces take about 11: ${estimate(10, 2)}; expected at least 11 GiB of storage, or fewer days; set it with: pulumi config set --path monitoring.tracing.storage 11`,
  ]);

  refuses(
    "what is no share, no time and no number of pods",
    traced({ sampling: { percent: 101, slow: 0 }, replicas: 0 }),
    [
      "monitoring.tracing.sampling.percent: 101 is above 100; expected a number from 0 to 100; set it with: pulumi config set --path monitoring.tracing.sampling.percent 100",
      "monitoring.tracing.sampling.slow: 0 is below 0.001; expected a number from 0.001 to 3600; set it with: pulumi config set --path monitoring.tracing.sampling.slow 0.001",
      "monitoring.tracing.replicas: 0 is below 1; expected a whole number from 1 to 20; set it with: pulumi config set --path monitoring.tracing.replicas 1",
    ],
  );

  it("that are more than the usual disk holds are a warning where the stack says neither days nor disk", () => {
    const warned = (services: Tree, monitoring: Tree) =>
      parsed({ ...awsStack, services, monitoring }).warnings.filter((line) => line.startsWith("monitoring.tracing"));
    const repair = "set it with: pulumi config set --path monitoring.tracing.storage";
    assert.deepEqual(warned({ api: { ...api, replicas: { min: 60, max: 60 } } }, {}), [
      `monitoring.tracing.storage: 1 GiB, and 2 days of traces take about 7: ${estimate(10, 60)}; ${repair} 7`,
    ]);
    assert.deepEqual(warned({ api }, { tracing: { sampling: { percent: 100 } } }), [
      `monitoring.tracing.storage: 1 GiB, and 2 days of traces take about 2: ${estimate(100, 2)}; ${repair} 2`,
    ]);
    assert.deepEqual(warned({ api }, {}), []);
  });
});
