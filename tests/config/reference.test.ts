import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type AnySchema } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { referenceFiles, WRITE_COMMAND } from "../../config/reference.js";
import { parseSettings } from "../../config/settings.js";
import { readStackText } from "../../config/stackfile.js";

const home = join(import.meta.dirname, "../..");
const files = referenceFiles();

describe("the settings reference", () => {
  for (const [file, text] of Object.entries(files)) {
    it(`${file} is what the schema and the presets say`, () => {
      const path = join(home, file);
      assert.ok(existsSync(path) && readFileSync(path, "utf8") === text, `${file} is stale: run ${WRITE_COMMAND}`);
    });
  }

  it("the page has every setting, with its default", () => {
    const page = files["docs/settings.md"] ?? "";
    for (const row of [
      "| `network.zones` | managed | a whole number from 2 to 3 | `2` in development and staging, `3` in production and dr | How many availability zones. |",
      "| `databases.KEY.memory` | managed, inCluster, replica | a whole number from 1 to 512 | `4` in small, `16` in medium, `64` in large | GiB. |",
      "| `cloud` | aws, gcp, azure or local | must be said | Where everything is made. |",
      "| `region` | a region, native like eu-west-1 or neutral like eu-west | must be said on aws, gcp and azure, `local` on local | Native (`eu-west-1`) or neutral (`eu-west`); `local` needs none. |",
    ]) {
      assert.ok(page.includes(row), row);
    }
  });
});

describe("the editors' schema", () => {
  const validate = new Ajv2020({ allErrors: true, strict: false }).compile(
    JSON.parse(files["docs/settings.schema.json"] ?? "") as AnySchema,
  );
  const accepts = (text: string): boolean => validate(parse(text)) === true;

  const good = `
environment: [acme/prod]
encryptionsalt: v1:x
config:
  agent-platform:cloud: aws
  region: eu-west
  agent-platform:environment: production
  agent-platform:network: {zones: "3", flowLogs: {enabled: "false"}}
  agent-platform:cluster:
    version: 1.36
    access: {cidrs: [203.0.113.0/24]}
    pools: {gpu: {gpu: 1, arch: amd64, taints: [{key: gpu, effect: NoSchedule}]}}
  database: {memory: 16, parameters: {jit: "off"}}
  caches: {sessions: {memory: 2}}
  domain: agents.example.com
  services: {api: {uses: [database, cache:sessions], secrets: [OPENAI_API_KEY]}}
  monitoring: {receivers: {pagerduty: {routingKey: PAGERDUTY_KEY}}}
  agent-secrets:OPENAI_API_KEY: {secure: v1:x}
  datadog:site: eu
`;

  it("takes what the parse takes", () => {
    assert.ok(accepts(good), JSON.stringify(validate.errors));
    assert.doesNotThrow(() => parseSettings(readStackText(good, "good")));
    assert.ok(accepts('config: {cloud: aws, region: {secure: v1:x}, agent-platform:cluster: \'{"mode": "managed"}\'}'));
    assert.ok(accepts("config: {cloud: aws, network: {mode: existing, fromStack: shared}}"));
    assert.ok(accepts("config: {cloud: aws, network: {mode: existing, id: {fromStack: shared}}}"));
  });

  const bad: Readonly<Record<string, string>> = {
    "an unknown key": "config: {agent-platform:regoin: eu-west}",
    "an unknown nested key": "config: {cache: {shard: 1}}",
    "an unknown word": "config: {cloud: awz}",
    "a number out of range": "config: {cache: {shards: 0}}",
    "a list where a map is wanted": "config: {network: [a]}",
    "a key of another mode": "config: {network: {mode: none, cidr: 10.0.0.0/16}}",
    "a secret in plain text": "config: {agent-secrets:A: hunter2}",
    "a provider's own key": "config: {aws:region: eu-west-1}",
    "a key beside config": "config: {cloud: aws}\nconfg: {}",
    "no config": "environment: [a]",
  };
  for (const [what, text] of Object.entries(bad)) it(`refuses ${what}`, () => assert.equal(accepts(text), false));

  const stacks = readdirSync(home).filter((file) => /^Pulumi\..+\.yaml$/.test(file));
  for (const file of stacks) {
    it(`takes ${file}`, () =>
      assert.ok(accepts(readFileSync(join(home, file), "utf8")), JSON.stringify(validate.errors)));
  }
});
