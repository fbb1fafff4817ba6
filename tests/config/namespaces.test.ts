import assert from "node:assert/strict";
import { formatProblem, SettingsError } from "../../config/problems.js";
import { parseSettings } from "../../config/settings.js";
import { isCommand, run } from "./cli.js";

const source = (config: Record<string, unknown>) => ({
  name: "Pulumi.test.yaml",
  config,
  encrypted: new Set<string>(),
});

function linesOf(config: Record<string, unknown>): readonly string[] {
  try {
    parseSettings(source(config));
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map((problem) => formatProblem(problem).trim());
    throw error;
  }
}

describe("namespaces", () => {
  it("keys without a namespace, and with :config:, belong to the project", () => {
    const { settings } = parseSettings(
      source({ cloud: "aws", "agent-platform:region": "eu-west", "agent-platform:config:size": "medium" }),
    );
    assert.deepEqual([settings.cloud, settings.region, settings.size], ["aws", "eu-west-1", "medium"]);
  });

  it("the same key with and without its namespace is said twice", () => {
    assert.deepEqual(linesOf({ cloud: "aws", region: "eu-west", "agent-platform:region": "us-east" }), [
      "agent-platform:region: said twice: as agent-platform:region as well; expected one of the two; take agent-platform:region out of the stack file",
    ]);
  });

  it("providers' own keys are refused, with the key to use", () => {
    const config = {
      "agent-platform:cloud": "aws",
      "aws:region": "eu-central-1",
      "gcp:project": "acme-agents",
      "azure-native:location": "northeurope",
      "aws:profile": "me",
    };
    assert.deepEqual(linesOf(config), [
      "aws:region: a provider's own key is not read; expected agent-platform:region, which means the same on every cloud; move it with: pulumi config rm aws:region && pulumi config set region eu-central-1",
      "gcp:project: a provider's own key is not read; expected agent-platform:gcp.project, which means the same on every cloud; move it with: pulumi config rm gcp:project && pulumi config set --path gcp.project acme-agents",
      "azure-native:location: a provider's own key is not read; expected agent-platform:region, which means the same on every cloud; move it with: pulumi config rm azure-native:location && pulumi config set region northeurope",
      "aws:profile: a provider's own key is not read: the program makes its providers from the settings; expected credentials in the environment, and the rest in settings; remove it with: pulumi config rm aws:profile",
      "agent-platform:region: missing; expected a region, native like eu-west-1 or neutral like eu-west; set it with: pulumi config set region eu-west",
    ]);
  });

  it("a provider's key beside the setting is taken out", () => {
    assert.deepEqual(linesOf({ cloud: "aws", region: "eu-west", "aws:region": "eu-central-1" }), [
      "aws:region: a provider's own key is not read; expected agent-platform:region, which means the same on every cloud; remove it with: pulumi config rm aws:region",
    ]);
  });

  it("a namespace close to ours is a slip of the pen", () => {
    const config = {
      cloud: "aws",
      region: "eu-west",
      "agent-platfrom:size": "medium",
      "agents-secret:OPENAI_API_KEY": "hunter2",
    };
    const lines = linesOf(config);
    assert.deepEqual(lines, [
      "agent-platfrom:size: unknown namespace; did you mean agent-platform?; expected keys under agent-platform: or agent-secrets:; move it with: pulumi config rm agent-platfrom:size && pulumi config set size medium",
      "agents-secret:OPENAI_API_KEY: unknown namespace; did you mean agent-secrets?; expected keys under agent-platform: or agent-secrets:; move it with: pulumi config rm agents-secret:OPENAI_API_KEY && pulumi config set --secret agent-secrets:OPENAI_API_KEY",
    ]);
    const repaired = lines.map((line) => line.slice(line.lastIndexOf("; ") + 2));
    assert.ok(repaired.every(isCommand));
    assert.equal(parseSettings(repaired.reduce(run, source(config))).settings.size, "medium");
  });

  it("other namespaces are not ours to judge", () => {
    const { warnings } = parseSettings(
      source({ cloud: "aws", region: "eu-west", "pulumi:tags": { a: "b" }, "datadog:site": "eu" }),
    );
    assert.deepEqual(warnings, [
      "datadog:site is not read: the settings are those under agent-platform: and agent-secrets:",
      "the API server is open to the whole internet: restrict it with cluster.access.cidrs or cluster.access.private",
    ]);
  });

  it("values without end are refused", () => {
    const endless: Record<string, unknown> = {};
    endless["again"] = endless;
    assert.deepEqual(linesOf({ cloud: "aws", region: "eu-west", cluster: endless }), [
      "agent-platform:cluster: maps within maps without end; expected a setting; remove it with: pulumi config rm cluster",
    ]);
  });
});
