import { support } from "../providers/support.js";
import { defaultModes, fillDefaults } from "./defaults.js";
import { mapValues } from "./maps.js";
import { cloudNames, environmentNames, sizeNames } from "./names.js";
import { capacities } from "./presets.js";
import { listed, NAMESPACE, wanted } from "./problems.js";
import { settingsSchema } from "./schema.js";
import { SECRETS_NAMESPACE, setSecretCommand } from "./secrets.js";
import { shorthands } from "./settings.js";
import { asNode, bare, coerce, isTree, modeOf, own, type Path, type SchemaNode, type Tree, valueAt } from "./walk.js";
import z from "./zod.cjs";

/**
 * What is written about the settings is generated from the schema that reads them and the presets that fill them:
 * `docs/settings.md` for people, `docs/settings.schema.json` for their editors.
 */
export const referenceFiles = (): Readonly<Record<string, string>> => ({
  "docs/settings.md": settingsPage(),
  "docs/settings.schema.json": `${JSON.stringify(stackFileSchema(), undefined, 1)}\n`,
});
export const WRITE_COMMAND = "npm run docs";

const root = asNode(settingsSchema);
const shape = bare(root).def.shape ?? {};

// The page

/** A map's own key where defaults are worked out, and as what it stands in the page. */
const KEY = "key";
const SHOWN_KEY = "KEY";

interface Row {
  readonly path: Path;
  readonly node: SchemaNode;
  /** The modes that have it; empty where the part has no modes. */
  readonly modes: readonly string[];
}

function rowsOf(node: SchemaNode, path: Path, modes: readonly string[] = []): readonly Row[] {
  const inner = bare(node);
  const { def } = inner;
  if (def.type === "union" && def.discriminator !== undefined) {
    const all = (def.options ?? []).flatMap((option) => rowsOf(option, path, [String(modeOf(option))]));
    return mergedByPath(all.filter((row) => row.path.at(-1) !== "mode"));
  }
  if (def.type === "object") {
    return Object.entries(def.shape ?? {}).flatMap(([key, child]) => rowsOf(child, [...path, key], modes));
  }
  const values = def.valueType === undefined ? undefined : bare(def.valueType).def.type;
  if (values === "object" || values === "union") return rowsOf(def.valueType ?? node, [...path, KEY], modes);
  return [{ path, node, modes }];
}

const mergedByPath = (rows: readonly Row[]): readonly Row[] =>
  rows.flatMap((row, index) => {
    const same = rows.filter((other) => other.path.join() === row.path.join());
    return rows.findIndex((other) => other.path.join() === row.path.join()) === index
      ? [{ ...row, modes: same.flatMap(({ modes }) => modes) }]
      : [];
  });

interface Corner {
  readonly cloud: (typeof cloudNames)[number];
  readonly environment: (typeof environmentNames)[number];
  readonly size: (typeof sizeNames)[number];
}
const corners: readonly Corner[] = cloudNames.flatMap((cloud) =>
  environmentNames.flatMap((environment) => sizeNames.map((size) => ({ cloud, environment, size }))),
);

/** The least that a stack says for the row to have a value. */
function leastSaid({ path }: Row, mode: string | undefined): Tree {
  const [part = "", key] = path;
  if (path.length === 1) return {};
  const said = path.slice(0, -1).reduceRight<Tree>((inner, one) => ({ [String(one)]: inner }), {});
  if (mode === undefined) return said;
  const holder = key === KEY ? valueAt(said, [part, KEY]) : said[String(part)];
  const withMode = { mode, ...(isTree(holder) ? holder : {}) };
  return { [String(part)]: key === KEY ? { [KEY]: withMode } : withMode };
}

const filled = new Map<string, unknown>();
function settingsFor(corner: Corner, row: Row, mode: string | undefined): unknown {
  const { [String(row.path[0])]: _, ...rest } = { region: "eu-west", ...corner } as Tree;
  const said = { ...leastSaid(row, mode), ...rest };
  const key = JSON.stringify(said);
  if (!filled.has(key)) {
    const tree = coerce(root, fillDefaults(said));
    filled.set(key, settingsSchema.safeParse(tree).data ?? tree);
  }
  return filled.get(key);
}

/** The default in words: one value, or one by size, by environment or by cloud. */
function defaultOf(row: Row): string {
  const unset = row.node.def.type === "optional" ? "" : "must be said";
  const modes: readonly (string | undefined)[] = row.modes.length === 0 ? [undefined] : row.modes;
  const found = modes.flatMap((mode) =>
    corners
      .filter(
        ({ cloud }) =>
          mode === undefined ||
          own<{ [C in Corner["cloud"]]: unknown }>(support, `${row.path[0]}.${mode}`)?.[cloud] === true,
      )
      .map((corner) => ({
        ...corner,
        mode: mode ?? "",
        value: inWords(valueAt(settingsFor(corner, row, mode), row.path) ?? ownDefault(row.node)) ?? unset,
      })),
  );
  const words = inWordsBy(found);
  if (words !== undefined) return words;
  const byMode = modes.map((mode) => [mode, inWordsBy(found.filter((one) => one.mode === mode))] as const);
  if (byMode.some(([, inner]) => inner === undefined)) {
    throw new Error(`${row.path.join(".")}: its default depends on more than can be told in a line`);
  }
  return byMode.map(([mode, inner]) => `${mode}: ${inner}`).join("; ");
}

/** Beside something that must be said, which only a person can say, nothing is filled. */
const ownDefault = ({ def }: SchemaNode): unknown => (def.type === "default" ? def.defaultValue : undefined);

type InWords = (found: readonly Found[]) => string | undefined;

/** A cloud that has less lowers a default; what is kept for long is much in large environments only. */
const inWordsBy: InWords = (found) =>
  byOneThing(found) ?? byCloud(byOneThing)(found) ?? byCloud((one) => byOneThing(one) ?? byEnvironment(one))(found);

const byCloud =
  (inner: InWords): InWords =>
  (found) =>
    grouped(found, "cloud", inner)
      ?.map(([clouds, words]) => `on ${clouds} ${words}`)
      .join("; ");
const byEnvironment: InWords = (found) =>
  grouped(found, "environment", byOneThing)
    ?.map(([environments, words]) => `in ${environments} (${words})`)
    .join(", ");

/** Those with the same words together; nothing where some have none. */
function grouped(found: readonly Found[], by: "cloud" | "environment", inner: InWords) {
  const groups = new Map<string, string[]>();
  for (const one of new Set(found.map((corner) => corner[by]))) {
    const words = inner(found.filter((corner) => corner[by] === one));
    if (words === undefined) return undefined;
    groups.set(words, [...(groups.get(words) ?? []), one]);
  }
  return [...groups].map(([words, ones]) => [listed(ones, "and"), words] as const);
}

type Found = Corner & { readonly mode: string; readonly value: string };

function byOneThing(found: readonly Found[]): string | undefined {
  const by = (["cloud", "size", "environment", "mode"] as const).find((dimension) =>
    found.every((one) => found.every((other) => one[dimension] !== other[dimension] || one.value === other.value)),
  );
  const values = [...new Set(found.map(({ value }) => value))];
  if (values.length === 1 || by === undefined) return values.length === 1 ? values[0] : undefined;
  return values
    .map((value) => {
      const when = new Set(found.filter((one) => one.value === value).map((one) => one[by]));
      return `${value} ${by === "cloud" ? "on" : by === "mode" ? "when" : "in"} ${listed([...when], "and")}`;
    })
    .join(", ");
}

function inWords(value: unknown): string | undefined {
  if (value === undefined || value === "") return undefined;
  if (Array.isArray(value) || isTree(value)) {
    const text = JSON.stringify(value).replaceAll(`"${KEY}"`, `"${SHOWN_KEY}"`);
    return Object.keys(value).length === 0 ? "none" : `\`${text}\``;
  }
  return `\`${String(value)}\``;
}

function takes(node: SchemaNode): string {
  const { def } = bare(node);
  if (def.type === "array") return `a list: ${takes(def.element ?? node)}`;
  if (def.type === "record") return `a map: ${takes(def.valueType ?? node)}`;
  if (def.type === "object") return `a map of ${listed(Object.keys(def.shape ?? {}), "and")}`;
  return wanted(node).expected;
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
const tableOf = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n");

function section(part: string): string {
  const node = own(shape, part) ?? root;
  const inner = bare(node);
  const values = inner.def.valueType === undefined ? undefined : bare(inner.def.valueType);
  const modal = [inner, values].find((one) => one?.def.discriminator !== undefined);
  const rows = rowsOf(node, [part]);
  const heads = ["Key", ...(modal === undefined ? [] : ["In mode"]), "Takes", "Default", "Meaning"];
  const lines = rows.map((row) => [
    `\`${row.path.map((key) => (key === KEY ? SHOWN_KEY : key)).join(".")}\``,
    ...(modal === undefined ? [] : [row.modes.join(", ")]),
    takes(row.node),
    defaultOf(row),
    descriptionOf(row.node),
  ]);
  const modes = (modal?.def.options ?? []).map((option) => {
    const mode = String(modeOf(option));
    const defaults = cloudNames.filter((cloud) => own<string>(defaultModes[cloud], part) === mode);
    const meaning = descriptionOf(own(option.def.shape, "mode") ?? option);
    return `- \`mode: ${mode}\`: ${meaning}${defaults.length === 0 ? "" : ` The default on ${listed(defaults, "and")}.`}`;
  });
  return [
    `## ${part}`,
    descriptionOf(node),
    ...(modes.length === 0 ? [] : [modes.join("\n")]),
    tableOf(heads, lines),
    ...(part === "cluster" ? [poolsTable()] : []),
  ].join("\n\n");
}

const descriptionOf = (node: SchemaNode): string => node.description ?? bare(node).description ?? "";

function poolsTable(): string {
  const rows = sizeNames.flatMap((size) =>
    Object.entries(capacities[size].pools).map(([pool, { cpu, memory, min, max }]) => [
      size,
      pool,
      ...[cpu, memory, min, max].map(String),
    ]),
  );
  return [
    "Every cluster has these pools; `max: 0` leaves one out, and a pool of your own begins as `apps`:",
    tableOf(["Size", "Pool", "cpu", "memory", "min", "max"], rows),
  ].join("\n\n");
}

function settingsPage(): string {
  const simple = Object.keys(shape).filter((key) => {
    const [first, ...more] = rowsOf(shape[key] ?? root, [key]);
    return more.length === 0 && first?.path.length === 1;
  });
  const parts = Object.keys(shape).filter((key) => !simple.includes(key));
  const short = Object.entries(shorthands).map(([from, to]) => `\`${from}\` for \`${to}.main\``);
  return `${[
    `<!-- Generated from config/schema.ts and config/presets.ts by ${WRITE_COMMAND}: change those. -->`,
    "# Settings",
    `Keys are under \`${NAMESPACE}:\` in \`Pulumi.STACK.yaml\`, and the same on every cloud. \`cloud\` and \`region\` are enough;
\`size\` fills in how much, \`environment\` how safe, and every default can be overridden:`,
    `\`\`\`sh
pulumi config set region eu-west
pulumi config set --path database.memory 16
pulumi config set --path 'cluster.access.cidrs[0]' 203.0.113.0/24
\`\`\``,
    `Numbers, \`true\` and \`false\` may be written as texts, maps and lists as JSON. An unknown key is an error. Editors that
know YAML schemas check a stack file that begins with
\`# yaml-language-server: $schema=docs/settings.schema.json\`.`,
    `Short forms: ${listed(short, "and")}; \`domain: agents.example.com\` for a new zone of that name.`,
    "Where an id is asked for, `{fromStack: ORGANIZATION/PROJECT/STACK}` takes it from another stack's outputs: the one under\n`output`, by default the setting's own path. `fromStack` on a part fills every id that the part does not say.",
    `Secrets are never settings. A service names them, and their values are encrypted under \`${SECRETS_NAMESPACE}:\`:`,
    `\`\`\`sh
${setSecretCommand("OPENAI_API_KEY")}
pulumi config set --path 'services.api.secrets[0]' OPENAI_API_KEY
\`\`\``,
    "## The stack",
    tableOf(
      ["Key", "Takes", "Default", "Meaning"],
      simple.map((key) => {
        const node = shape[key] ?? root;
        return [`\`${key}\``, takes(node), defaultOf({ path: [key], node, modes: [] }), descriptionOf(node)];
      }),
    ),
    ...parts.map(section),
  ].join("\n\n")}\n`;
}

// The editors' schema

type Json = { readonly [key: string]: unknown };

const refTo = (name: string): Json => ({ $ref: `#/$defs/${name}` });
/** Keys that nothing fills where their map is said. */
const mustBeSaid: ReadonlySet<string> = new Set(["fromStack", "of", "url", "key", "effect"]);

/** Of a whole stack file: settings under both of their names, what is encrypted, numbers as texts. */
function stackFileSchema(): Json {
  const settings = z.toJSONSchema(settingsSchema, {
    io: "input",
    override: ({ jsonSchema }) => {
      // What the errors need to know means nothing to an editor.
      for (const key of ["example", "expected", "most", "names"]) delete (jsonSchema as Record<string, unknown>)[key];
    },
  });
  const properties = mapValues((settings.properties ?? {}) as Record<string, Json>, loosened);
  const entries = Object.entries(shorthands).map(([short, long]) => {
    const { additionalProperties, ...map } = (settings.properties?.[long] ?? {}) as Json;
    const maps = { ...map, additionalProperties: refTo(short) };
    return {
      [short]: loosened(additionalProperties as Json),
      [long]: { anyOf: [maps, refTo("json"), refTo("encrypted")] },
    };
  });
  const domain = { anyOf: [properties["domain"], { type: "string" }] };
  const all: Readonly<Record<string, Json>> = Object.assign({}, properties, ...entries, { domain });
  const named = Object.fromEntries(
    Object.keys(all).flatMap((key) => [
      [key, refTo(key)],
      [`${NAMESPACE}:${key}`, refTo(key)],
    ]),
  );
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A stack of the agent platform",
    type: "object",
    required: ["config"],
    additionalProperties: false,
    properties: {
      config: {
        type: "object",
        properties: named,
        patternProperties: {
          [`^${SECRETS_NAMESPACE}:[^:]+$`]: refTo("encrypted"),
          [`^(?!(${NAMESPACE}|${SECRETS_NAMESPACE}|aws|gcp|azure|azure-native|kubernetes|random):)[^:]+:`]: true,
        },
        additionalProperties: false,
      },
      environment: { description: "Environments of Pulumi ESC." },
      encryptionsalt: { type: "string" },
      encryptedkey: { type: "string" },
      secretsprovider: { type: "string" },
    },
    $defs: {
      ...all,
      encrypted: {
        type: "object",
        properties: { secure: { type: "string" } },
        required: ["secure"],
        additionalProperties: false,
      },
      json: { type: "string", pattern: "^\\s*[\\[{]" },
    },
  };
}

/** What presets fill need not be said; what the command line writes as text is taken as text. */
function loosened(schema: Json): Json {
  const { description, default: fallback, ...rest } = schema;
  const about = {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
  };
  const variants = (rest["oneOf"] ?? rest["anyOf"]) as readonly Json[] | undefined;
  if (variants !== undefined) return { ...about, anyOf: variants.map(loosened) };
  if (rest["const"] !== undefined && typeof rest["const"] === "string") return schema;
  return { ...about, anyOf: [...formsOf(rest), refTo("encrypted")] };
}

function formsOf(schema: Json): readonly Json[] {
  const { type, properties, required, additionalProperties, items } = schema;
  const values = schema["enum"] as readonly (string | number)[] | undefined;
  if (values !== undefined) {
    const texts = values.map(String);
    return [{ enum: [...texts, ...texts.filter((text) => /^[0-9.]+$/.test(text)).map(Number)] }];
  }
  if (type === "object") {
    const kept = ((required ?? []) as readonly string[]).filter((key) => mustBeSaid.has(key));
    const { required: _, ...open } = schema;
    const inner = {
      ...open,
      ...(properties === undefined ? {} : { properties: mapValues(properties as Record<string, Json>, loosened) }),
      ...(isTree(additionalProperties) ? { additionalProperties: loosened(additionalProperties) } : {}),
      ...(kept.length === 0 ? {} : { required: kept }),
    };
    return [inner, refTo("json")];
  }
  if (type === "array") return [{ ...schema, items: loosened(items as Json) }, refTo("json")];
  if (type === "integer") return [schema, { type: "string", pattern: "^-?[0-9]+$" }];
  if (type === "number") return [schema, { type: "string", pattern: "^-?[0-9]+(\\.[0-9]+)?$" }];
  if (type === "boolean") return [schema, { enum: ["true", "false"] }];
  if (type === "string") return [{ ...schema, type: ["string", "number", "boolean"] }];
  throw new Error(`no editor's schema for ${JSON.stringify(schema)}`);
}
