import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { formatProblem, PersonError, SettingsError, UsageError } from "../../config/problems.js";
import { parseSettings } from "../../config/settings.js";
import type { Source } from "../../config/source.js";
import {
  applySets,
  findStackFile,
  fromPulumiConfig,
  readStackFile,
  readStackText,
  StackFileError,
} from "../../config/stackfile.js";

const read = (text: string): Source => readStackText(text, "Pulumi.test.yaml");
const UNDER_CONFIG = "settings go under config:, each with its namespace, like agent-platform:cloud: aws";

/** One clear line, exit code 1. */
function refuses(title: string, text: string, message: string): void {
  it(title, () => {
    assert.throws(
      () => read(text),
      (error) => {
        assert.ok(error instanceof StackFileError);
        assert.equal(error.message, message);
        assert.equal(error.exitCode, 1);
        return true;
      },
    );
  });
}

describe("a stack file", () => {
  it("as found in the wild is read", () => {
    const source = read(`
# yaml-language-server: $schema=docs/settings.schema.json
environment:
  - acme/prod
encryptionsalt: v1:c2FsdA==:v1:AAAA:BBBB
secretsprovider: awskms://alias/pulumi
encryptedkey: QUJD
config:
  agent-platform:cloud: aws
  region: eu-west
  agent-platform:database:
    memory: "16"
    version: 17
    note:
      secure: v1:inner
  agent-secrets:OPENAI_API_KEY:
    secure: v1:outer
  aws:region: eu-west-1
`);
    assert.deepEqual(source, {
      name: "Pulumi.test.yaml",
      config: {
        "agent-platform:cloud": "aws",
        region: "eu-west",
        "agent-platform:database": { memory: "16", version: 17, note: "[secret]" },
        "agent-secrets:OPENAI_API_KEY": "[secret]",
        "aws:region": "eu-west-1",
      },
      encrypted: new Set(["agent-secrets:OPENAI_API_KEY"]),
      environments: ["acme/prod"],
      problems: [],
    });
  });

  it("has environments as a list, as imports or written in place", () => {
    const environments = (text: string) => read(`environment: ${text}\nconfig: {a: 1}`).environments;
    assert.deepEqual(environments("[a/b, c]"), ["a/b", "c"]);
    assert.deepEqual(environments("{imports: [a, {b: {merge: false}}], values: {x: 1}}"), ["a", "b"]);
    assert.deepEqual(environments("{values: {pulumiConfig: {x: 1}}}"), ["written in the stack file"]);
    assert.deepEqual(environments("acme/prod"), ["acme/prod"]);
  });

  it("with an environment warns that the plan does not know what it sets", () => {
    const stack = "environment: [acme/prod]\nconfig: {cloud: aws, region: eu-west, cluster: {access: {private: true}}}";
    assert.deepEqual(parseSettings(read(stack)).warnings, [
      "environment acme/prod is read by the engine only: what it sets is unknown to the plan",
    ]);
  });

  it("with an environment says that what is missing may come from there", () => {
    assert.throws(() => parseSettings(read("environment: [acme/prod]\nconfig: {cloud: aws}")), {
      message: [
        "Pulumi.test.yaml: 1 problem",
        "  agent-platform:region: missing, and a plan cannot read environment acme/prod; expected a region, native like eu-west-1 or neutral like eu-west; set it with: pulumi config set region eu-west",
      ].join("\n"),
    });
  });

  it("may use anchors, aliases and merges", () => {
    const { config } = read("config:\n  a: &range {cidr: 10.0.0.0/16}\n  b: *range\n  c: {<<: *range, zones: 3}\n");
    assert.deepEqual(config, {
      a: { cidr: "10.0.0.0/16" },
      b: { cidr: "10.0.0.0/16" },
      c: { cidr: "10.0.0.0/16", zones: 3 },
    });
  });

  it("keeps the digits of numbers that mean something else", () => {
    const { config } = read("config:\n  version: 1.30\n  account: 012345678901\n  shards: 3\n  share: 0.5\n");
    assert.deepEqual(config, { version: "1.30", account: "012345678901", shards: 3, share: 0.5 });
  });

  it("may be JSON", () => assert.deepEqual(read('{"config": {"cloud": "aws"}}').config, { cloud: "aws" }));

  it("may have keys that every object inherits, which are then unknown keys", () => {
    const source = read("config:\n  __proto__: 1\n  constructor: {a: 1}\n  cloud: aws\n  region: eu-west\n");
    assert.deepEqual(Object.keys(source.config), ["__proto__", "constructor", "cloud", "region"]);
    assert.throws(() => parseSettings(source), /agent-platform:__proto__: unknown key.*\n.*constructor: unknown key/);
  });

  it("with unknown keys beside config: tells them with all other problems", () => {
    const source = read("config: {cloud: aws}\nencryptionsalts: x\nruntime: nodejs\n");
    assert.deepEqual(
      problemsOf(source).map((line) => line.replace(/^ +/, "")),
      [
        "encryptionsalts: unknown key beside config:; did you mean encryptionsalt?; expected config, environment, encryptionsalt, encryptedkey or secretsprovider; rename it to encryptionsalt in Pulumi.test.yaml",
        "runtime: unknown key beside config:; expected config, environment, encryptionsalt, encryptedkey or secretsprovider; move it under config:, or take it out of Pulumi.test.yaml",
        "agent-platform:region: missing; expected a region, native like eu-west-1 or neutral like eu-west; set it with: pulumi config set region eu-west",
      ],
    );
  });
});

function problemsOf(source: Source): readonly string[] {
  try {
    parseSettings(source);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map(formatProblem);
    throw error;
  }
}

describe("a stack file that cannot be read", () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    .concat([..."bcdefgh"].map((name, index) => `${name}: &${name} [${`*${"abcdefg"[index]}, `.repeat(9)}]`))
    .join("\n");

  refuses("empty", "", `Pulumi.test.yaml: empty; ${UNDER_CONFIG}`);
  refuses("nothing but comments", "# later\n", `Pulumi.test.yaml: empty; ${UNDER_CONFIG}`);
  refuses("a plain text", "prod", `Pulumi.test.yaml: a plain text, not a map with config:; ${UNDER_CONFIG}`);
  refuses("a list", "- a\n- b\n", `Pulumi.test.yaml: a list, not a map with config:; ${UNDER_CONFIG}`);
  refuses("no config", "environment: [a]\n", `Pulumi.test.yaml: no config:; ${UNDER_CONFIG}`);
  refuses("config misspelt", "confg:\n  cloud: aws\n", "Pulumi.test.yaml: no config:; rename confg: to config:");
  refuses(
    "a project file",
    "name: agent-platform\nruntime: nodejs\n",
    "Pulumi.test.yaml: no config:; this is a project file, and a stack file is Pulumi.STACK.yaml",
  );
  refuses("nothing under config", "config:\n", `Pulumi.test.yaml: nothing under config:; ${UNDER_CONFIG}`);
  refuses("config as a list", "config: [a]\n", `Pulumi.test.yaml: config: is a list, not a map; ${UNDER_CONFIG}`);
  refuses("config as a text", "config: aws\n", `Pulumi.test.yaml: config: is a plain text, not a map; ${UNDER_CONFIG}`);
  refuses(
    "malformed YAML says where and what",
    "config:\n  cloud: aws\n region: eu-west\n",
    "Pulumi.test.yaml:3:1: malformed YAML: All mapping items must start at the same column",
  );
  refuses(
    "tabs",
    "config:\n\tcloud: aws\n",
    "Pulumi.test.yaml:2:1: malformed YAML: Tabs are not allowed as indentation",
  );
  refuses("an open quote", 'config:\n  cloud: "aws\n', 'Pulumi.test.yaml:3:1: malformed YAML: Missing closing "quote');
  refuses(
    "a key that is said twice",
    "config:\n  cloud: aws\n  region: eu-west\n  cloud: local\n",
    "Pulumi.test.yaml:4:3: malformed YAML: Map keys must be unique",
  );
  refuses(
    "several documents",
    "config: {a: 1}\n---\nconfig: {b: 1}\n",
    "Pulumi.test.yaml: 2 YAML documents, and a stack file is one; take out the lines with ---",
  );
  refuses("an alias without anchor", "config: {a: *b}\n", "Pulumi.test.yaml: alias *b has no anchor before it");
  refuses(
    "an alias within its own anchor",
    "config:\n  a: &a\n    b: *a\n",
    "Pulumi.test.yaml: maps within maps without end, or an alias within its own anchor",
  );
  refuses(
    "an alias bomb",
    `config:\n  x: 1\n${bomb}\n`,
    "Pulumi.test.yaml: aliases that unfold to far more than was written",
  );
  refuses(
    "maps within maps without end",
    `config: ${"{a: ".repeat(5000)}1${"}".repeat(5000)}`,
    "Pulumi.test.yaml: maps within maps without end, or an alias within its own anchor",
  );

  it("whatever it holds, it is read or ends in one line", () => {
    const pieces = [
      "config:",
      "\n  ",
      "cloud: aws",
      "&a",
      "*a",
      "- ",
      "{",
      "}",
      "[",
      "'",
      '"',
      "\t",
      "|",
      "? ",
      "%",
      "---\n",
      "!!set",
      "\u0000",
      "<<: ",
      "\r",
    ];
    const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((list) => list.join(""));
    fc.assert(
      fc.property(fc.oneof(texts, fc.string()), (text) => {
        try {
          parseSettings(read(text));
        } catch (error) {
          assert.ok(error instanceof PersonError, String(error));
          if (error instanceof StackFileError) assert.doesNotMatch(error.message, /[\p{C}\p{Zl}\p{Zp}]/u);
        }
      }),
      { numRuns: 3000, seed: 4 },
    );
  });
});

describe("finding a stack file", () => {
  const home = mkdtempSync(join(tmpdir(), "stackfile-"));
  before(() => {
    for (const stack of ["prod", "staging", "dev"])
      writeFileSync(join(home, `Pulumi.${stack}.yaml`), "config: {cloud: aws}\n");
    writeFileSync(join(home, "latin1.yaml"), Buffer.from([0x63, 0x3a, 0x20, 0xe9, 0x0a]));
    mkdirSync(join(home, "folder"));
  });
  after(() => rmSync(home, { recursive: true }));

  const fails = (title: string, act: () => unknown, message: () => string): void => {
    it(title, () => {
      assert.throws(act, (error) => {
        assert.ok(error instanceof StackFileError);
        assert.equal(error.message, message());
        return true;
      });
    });
  };

  it("a stack is found by its name, short or full", () => {
    assert.equal(findStackFile("prod", home), join(home, "Pulumi.prod.yaml"));
    assert.equal(findStackFile("acme/agent-platform/prod", home), join(home, "Pulumi.prod.yaml"));
    assert.deepEqual(readStackFile(findStackFile("prod", home)).config, { cloud: "aws" });
  });

  fails(
    "no stack of that name, but one near it",
    () => findStackFile("prd", home),
    () => "no stack prd: Pulumi.prd.yaml is not here; did you mean prod?; there are dev, prod and staging",
  );
  fails(
    "no stack of that name, nor near it",
    () => findStackFile("kitchen", home),
    () => "no stack kitchen: Pulumi.kitchen.yaml is not here; there are dev, prod and staging",
  );
  fails(
    "a name that is none",
    () => findStackFile("../x\u001b;rm", home),
    () => "no stack ../x\\u{1b};rm: Pulumi.x\\u{1b};rm.yaml is not here; there are dev, prod and staging",
  );
  fails(
    "no stacks at all",
    () => findStackFile("prod", join(home, "folder")),
    () => "no stack prod: Pulumi.prod.yaml is not here; there are no stack files here",
  );
  fails(
    "no such file",
    () => readStackFile("no-such.yaml"),
    () => "no-such.yaml: there is no such file",
  );
  fails(
    "a directory",
    () => readStackFile(join(home, "folder")),
    () => `${join(home, "folder")}: a directory, not a stack file`,
  );
  fails(
    "not UTF-8",
    () => readStackFile(join(home, "latin1.yaml")),
    () => `${join(home, "latin1.yaml")}: not UTF-8 text; save it as UTF-8`,
  );
});

describe("the engine's configuration", () => {
  const engine = {
    "agent-platform:cloud": "aws",
    "agent-platform:region": "eu-west",
    "agent-platform:size": "medium",
    "agent-platform:database": '{"memory":16,"highAvailability":true}',
    "agent-platform:cluster": '{"access":{"cidrs":["203.0.113.0/24"]}}',
    "agent-secrets:OPENAI_API_KEY": "hunter2",
    "pulumi:disable-default-providers": '["*"]',
  };
  const file = `config:
  agent-platform:cloud: aws
  agent-platform:region: eu-west
  agent-platform:size: medium
  agent-platform:database: {memory: 16, highAvailability: true}
  agent-platform:cluster: {access: {cidrs: [203.0.113.0/24]}}
  agent-secrets:OPENAI_API_KEY: {secure: v1:x}
`;

  it("gives the settings that its stack file gives", () => {
    const secret = (key: string) => key.startsWith("agent-secrets:");
    assert.deepEqual(parseSettings(fromPulumiConfig(engine, secret)), parseSettings(read(file)));
  });

  it("does not keep what is secret", () => {
    const source = fromPulumiConfig(engine, (key) => key.startsWith("agent-secrets:"));
    assert.equal(source.config["agent-secrets:OPENAI_API_KEY"], "[secret]");
    assert.deepEqual([...source.encrypted], ["agent-secrets:OPENAI_API_KEY"]);
  });
});

describe("--set", () => {
  const base = read(
    "config:\n  cloud: aws\n  agent-platform:region: eu-west\n  database: {memory: 8}\n  tags: {owner: me}\n",
  );
  const set = (...sets: string[]) => applySets(base, sets).config;

  it("says a setting in place of what the stack says, and leaves the stack as it was", () => {
    assert.deepEqual(set("region=us-east", "database.memory=16", "agent-platform:size=large"), {
      cloud: "aws",
      "agent-platform:region": "us-east",
      database: { memory: "16" },
      tags: { owner: "me" },
      "agent-platform:size": "large",
    });
    assert.deepEqual(base.config["database"], { memory: 8 });
  });

  it("knows Pulumi's notation, and = in keys and values", () => {
    assert.deepEqual(
      set("cluster.access.cidrs[0]=1.2.3.0/24", "cluster.access.cidrs[1]=1.2.4.0/24")["agent-platform:cluster"],
      {
        access: { cidrs: ["1.2.3.0/24", "1.2.4.0/24"] },
      },
    );
    assert.deepEqual(set('aws.machineTypes["pools.apps"]=m7g.large')["agent-platform:aws"], {
      machineTypes: { "pools.apps": "m7g.large" },
    });
    assert.deepEqual(set('tags["a=b"]=c=d')["tags"], { owner: "me", "a=b": "c=d" });
  });

  it("opens JSON", () => {
    assert.deepEqual(set('services={"api":{"uses":["database"]}}')["agent-platform:services"], {
      api: { uses: ["database"] },
    });
    assert.deepEqual(set('cluster.access.cidrs=["1.2.3.0/24"]')["agent-platform:cluster"], {
      access: { cidrs: ["1.2.3.0/24"] },
    });
  });

  it("changes the short or the long form, whichever the stack says", () => {
    assert.deepEqual(set("databases.main.memory=16")["database"], { memory: "16" });
    const long = read("config: {cloud: aws, region: eu-west, databases: {main: {memory: 8}}}");
    assert.deepEqual(applySets(long, ["database.memory=16"]).config["databases"], { main: { memory: "16" } });
    assert.equal(Object.hasOwn(applySets(long, ["database.memory=16"]).config, "database"), false);
  });

  it("reaches into JSON text, makes way for maps, and takes the place of what is encrypted", () => {
    const source: Source = {
      name: "t",
      config: { cache: '{"shards":2}', domain: "a.example.com", size: "[secret]" },
      encrypted: new Set(["size"]),
    };
    const changed = applySets(source, ["cache.memory=4", "domain.mode=none", "size=large"]);
    assert.deepEqual(changed.config, { cache: { shards: 2, memory: "4" }, domain: { mode: "none" }, size: "large" });
    assert.deepEqual([...changed.encrypted], []);
  });

  it("is parsed like everything else", () => {
    const source = applySets(base, ["cloud=local", "database.memory=16", "network.zones=3"]);
    assert.throws(() => parseSettings(source), {
      message: [
        "Pulumi.test.yaml: 1 problem",
        "  agent-platform:network.zones: does not go with mode none: local uses the network of the cluster that exists; expected mode none; remove it with: pulumi config rm --path network.zones",
      ].join("\n"),
    });
  });

  const wrong: Readonly<Record<string, string>> = {
    "": "--set : write it as KEY=VALUE, like --set database.memory=16",
    region: "--set region: write it as KEY=VALUE, like --set database.memory=16",
    "=x": '--set =x: no key; keys are like a.b, a[0] or a["b.c"]',
    "a..b=x": '--set a..b=x: no such notation; keys are like a.b, a[0] or a["b.c"]',
    "a[x]=1": '--set a[x]=1: no such notation; keys are like a.b, a[0] or a["b.c"]',
    "[0]=1": '--set [0]=1: no such notation; keys are like a.b, a[0] or a["b.c"]',
    "network={zones: 2}": "--set network: what begins with { or [ is read as JSON, and this is none",
    "agent-secrets:OPENAI_API_KEY=hunter2":
      "--set agent-secrets:OPENAI_API_KEY: secrets are not set here, where they would be seen; use: pulumi config set --secret agent-secrets:OPENAI_API_KEY",
    "aws:region=x": "--set aws:region: only settings can be set, and they need no namespace",
    "tags[0]=x": "--set tags[0]: tags is a map, whose keys have names",
    "cluster.admins[2]=x": "--set cluster.admins[2]: cluster.admins has 0 elements; the next is cluster.admins[0]",
    "cluster.admins[99999999]=x":
      "--set cluster.admins[99999999]: cluster.admins has 0 elements; the next is cluster.admins[0]",
    "sk-proj-abcdefghijklmnop1234": "--set [secret]: write it as KEY=VALUE, like --set database.memory=16",
  };
  for (const [text, message] of Object.entries(wrong)) {
    it(`refuses ${text === "" ? "nothing" : text.slice(0, 40)} as wrong usage`, () => {
      assert.throws(
        () => applySets(base, [text]),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.equal(error.message, message);
          assert.equal(error.exitCode, 2);
          return true;
        },
      );
    });
  }

  it("names where a list is and a key is not", () => {
    assert.throws(() => applySets(applySets(base, ['cluster.admins=["a"]']), ["cluster.admins.a=x"]), {
      message: "--set cluster.admins.a: cluster.admins is a list, whose elements have numbers, like cluster.admins[0]",
    });
  });

  it("whatever it is given, it is wrong usage or settings to parse", () => {
    const words = fc.array(
      fc.constantFrom("a", ".", "[", "]", "0", '"', "=", "{", "}", "cluster", "tags", ":", "\\", "__proto__"),
      {
        maxLength: 10,
      },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          words.map((list) => list.join("")),
          fc.string(),
        ),
        (text) => {
          try {
            parseSettings(applySets(base, [text]));
          } catch (error) {
            assert.ok(error instanceof PersonError, String(error));
            for (const line of error.message.split("\n")) assert.doesNotMatch(line, /[\p{C}\p{Zl}\p{Zp}]/u);
          }
        },
      ),
      { numRuns: 3000, seed: 4 },
    );
  });
});
