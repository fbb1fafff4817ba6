import assert from "node:assert/strict";
import { SettingsError } from "../../config/problems.js";
import { hideSecrets } from "../../config/secrets.js";
import { parseSettings } from "../../config/settings.js";
import type { Source } from "../../config/source.js";
import { fromPulumiConfig } from "../../config/stackfile.js";
import { awsStack } from "../support/settings.js";

const sourceOf = (config: Record<string, unknown>, encrypted: readonly string[] = []): Source => ({
  name: "Pulumi.test.yaml",
  config: { cloud: awsStack.cloud, region: awsStack.region, ...config },
  encrypted: new Set(encrypted),
});

const messageOf = (source: Source): string => {
  try {
    parseSettings(source);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  throw new Error("no problem was found");
};
const linesOf = (source: Source): readonly string[] => messageOf(source).split("\n").slice(1);

const plainText = (key: string, name: string): string =>
  `  agent-platform:${key}: a secret in plain text; expected none in a setting: secrets are encrypted, under agent-secrets:; take it out and set it with: pulumi config set --secret agent-secrets:${name}`;

describe("secrets", () => {
  it("a secret in plain text is refused by the name of its key, wherever it stands", () => {
    const source = sourceOf({
      database: { password: "hunter2", parameters: { auth_token: "hunter2" } },
      apiKey: "hunter2",
      services: { api: { credentials: { user: "u", pin: 1234 }, uses: ["database"] } },
      tags: { token: "hunter2" },
      mirror: { accessKey: 99887766 },
    });
    const refused = linesOf(source).filter((line) => line.includes("plain text"));
    assert.deepEqual(refused, [
      plainText("apiKey", "API_KEY"),
      plainText("services.api.credentials.user", "USER"),
      plainText("services.api.credentials.pin", "PIN"),
      plainText("tags.token", "TOKEN"),
      plainText("mirror.accessKey", "ACCESS_KEY"),
      plainText("database.password", "PASSWORD"),
      plainText("database.parameters.auth_token", "AUTH_TOKEN"),
    ]);
    assert.doesNotMatch(messageOf(source), /hunter2|1234|99887766/);
  });

  const shapes: Readonly<Record<string, string>> = {
    "a model provider's key": "sk-proj-abcdefghijklmnop1234",
    "a GitHub token": "ghp_abcdefghijklmnop1234",
    "an AWS key": "AKIAABCDEFGHIJKLMNOP",
    "a Google key": "AIzaSyabcdefghijklmnopqrstuvwxyz0123456",
    "a signed token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    "an address with a password": "postgres://agents:hunter2@db.example.com/agents",
  };
  for (const [what, value] of Object.entries(shapes)) {
    it(`${what} is refused under any key, and is not shown`, () => {
      const source = sourceOf({ mirror: { images: value }, region: value, aws: { account: [value] } });
      assert.deepEqual(
        linesOf(source).filter((line) => line.includes("plain text")),
        [plainText("region", "REGION"), plainText("mirror.images", "IMAGES"), plainText("aws.account[0]", "ACCOUNT")],
      );
      assert.ok(!messageOf(source).includes(value));
      assert.equal(hideSecrets(`before ${value} after`).includes(value), false);
    });
  }

  it("a private key is refused, and is not shown", () => {
    const source = sourceOf({ database: { mode: "existing", ca: "-----BEGIN RSA PRIVATE KEY-----\nMIIEsecret" } });
    assert.ok(linesOf(source).includes(plainText("database.ca", "CA")));
    assert.doesNotMatch(messageOf(source), /MIIEsecret/);
  });

  it("a secret that is a key is not shown", () => {
    const source = sourceOf({ tags: { "sk-proj-abcdefghijklmnop1234": "x" }, "sk-proj-abcdefghijklmnop9999": 1 });
    assert.doesNotMatch(messageOf(source), /abcdefghijklmnop/);
    assert.ok(linesOf(source).includes(plainText("tags", "TAGS")));
  });

  it("a secret inside of JSON text is refused as well", () => {
    assert.deepEqual(linesOf(sourceOf({ database: '{"password":"hunter2"}' })), [
      plainText("database.password", "PASSWORD"),
    ]);
  });

  it("a repair of its neighbour in the same JSON text does not show it", () => {
    const source = sourceOf({ database: '{"password":"hunter2","memory":0}' });
    assert.ok(linesOf(source).some((line) => line.endsWith("; set database.memory in the stack file")));
    assert.doesNotMatch(messageOf(source), /hunter2/);
  });

  it("a secret in plain text under agent-secrets is refused", () => {
    const source = sourceOf({ "agent-secrets:OPENAI_API_KEY": "hunter2" });
    assert.deepEqual(linesOf(source), [
      "  agent-secrets:OPENAI_API_KEY: a secret in plain text; expected an encrypted value; set it with: pulumi config set --secret agent-secrets:OPENAI_API_KEY",
    ]);
  });

  it("an encrypted secret in a setting is refused: settings end up in the state", () => {
    const line =
      "  agent-platform:database.password: a secret in a setting: settings end up in plans and in the state; expected none in a setting: secrets are encrypted, under agent-secrets:; take it out and set it with: pulumi config set --secret agent-secrets:PASSWORD";
    assert.ok(linesOf(sourceOf({ database: { password: "[secret]" } })).includes(line));
    const atUp = fromPulumiConfig(
      {
        "agent-platform:cloud": "aws",
        "agent-platform:region": "eu-west-1",
        "agent-platform:database": '{"password":"hunter2"}',
      },
      (key) => key === "agent-platform:database",
    );
    assert.deepEqual(linesOf(atUp), [line]);
  });

  it("names of secrets and of entries in the store are no secrets", () => {
    const { settings, unsetSecrets } = parseSettings(
      sourceOf({
        database: { mode: "existing", host: "db.example.com", ownerSecret: "team/db-owner" },
        services: { token: { uses: ["database"], secrets: ["OPENAI_API_KEY"] } },
      }),
    );
    assert.deepEqual(settings.services["token"]?.secrets, ["OPENAI_API_KEY"]);
    assert.deepEqual(unsetSecrets, ["OPENAI_API_KEY"]);
  });

  it("a number of tokens is no secret, and tokens that are none are", () => {
    const env = (tokens: Record<string, unknown>) =>
      sourceOf({ services: { api: { image: "ghcr.io/acme/api:1.0.0", env: tokens } } });
    parseSettings(env({ LIMIT_TOKENS: "20000", MAX_TOKENS: 4096 }));
    assert.deepEqual(linesOf(env({ LIMIT_TOKENS: "20000", AUTH_TOKENS: "hunter2", AUTH_TOKEN: "20000" })), [
      plainText("services.api.env.AUTH_TOKENS", "AUTH_TOKENS"),
      plainText("services.api.env.AUTH_TOKEN", "AUTH_TOKEN"),
    ]);
  });

  it("secrets without a value are listed once, and those with one are not", () => {
    const { unsetSecrets } = parseSettings(
      sourceOf(
        {
          services: { api: { secrets: ["B", "A"] }, worker: { secrets: ["B", "C"] } },
          "agent-secrets:A": "[secret]",
        },
        ["agent-secrets:A"],
      ),
    );
    assert.deepEqual(unsetSecrets, ["B", "C"]);
  });

  it("an encrypted setting is left out of the plan, with a warning", () => {
    const { settings, warnings } = parseSettings(
      sourceOf({ database: { memory: "[secret]" }, size: "[secret]" }, ["size"]),
    );
    assert.equal(settings.size, "small");
    assert.deepEqual(warnings.slice(0, 3), [
      "size is encrypted, but settings end up in plans and in the state as plain text",
      "size is encrypted: the plan leaves it out",
      "database.memory is encrypted: the plan leaves it out",
    ]);
  });

  it("an encrypted setting that decides what is made is asked for in plain text", () => {
    assert.deepEqual(
      linesOf(sourceOf({ region: undefined, cloud: "[secret]" }, ["cloud"]))[0],
      "  agent-platform:cloud: encrypted, and it decides what is made; expected aws, gcp, azure or local; set it with: pulumi config set cloud aws",
    );
  });
});
