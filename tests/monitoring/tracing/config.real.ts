import assert from "node:assert/strict";
import { tiersOf } from "../../../components/monitoring/tracing/collector-config.js";
import { tracesOf } from "../../../config/monitoring/tracing.js";
import type { Tree } from "../../../config/walk.js";
import { settingsOf } from "../../support/settings.js";
import { absent, configOf, validate } from "./collector.js";

/** Every form that the configuration takes. */
const stacks: Readonly<Record<string, Tree>> = {
  "one pod that sends to Jaeger": {},
  "several, in two tiers": { replicas: 3 },
  "nothing but what failed or was slow": { sampling: { percent: 0, slow: 0.25 } },
  "to an endpoint": { otlp: "https://otlp.example.com:4318/v1/traces" },
  "to an endpoint with a token, in two tiers": { otlp: "https://otlp.example.com", token: "OTLP_TOKEN", replicas: 2 },
};
const services = {
  api: { image: "a:1.0.0", probes: { live: "/health", ready: "/health/ready" }, metrics: {} },
};

describe("the collector's configuration, by its own word", () => {
  for (const [title, tracing] of Object.entries(stacks)) {
    const stack = settingsOf({ cloud: "local", services, monitoring: { mode: "inCluster", tracing } });
    const traces = tracesOf(stack.monitoring) ?? assert.fail("no traces");
    for (const tier of tiersOf(traces))
      it(`is valid: ${title} (${tier})`, () => assert.equal(validate(configOf(tier, stack)), ""));
  }

  it("is refused with a word that no component knows, or a component that is not there", () => {
    const config = configOf("all", settingsOf({ cloud: "local" }));
    const wrong = { ...config, processors: { ...config.processors, batch: { timeouts: "1s" } } };
    assert.match(validate(wrong), /'batch'.*\n?.*timeouts|has invalid keys: timeouts/);
    const unknown = { ...config, processors: { ...config.processors, [absent[0]]: {} } };
    assert.match(validate(unknown), /unknown type: "k8s_attributes"/);
  });
});
