import * as fc from "fast-check";
import { wanted } from "../../config/problems.js";
import { settingsSchema } from "../../config/schema.js";
import { asNode, bare, type SchemaNode, type Tree } from "../../config/walk.js";

/** Settings trees as people and accidents write them: mostly what the schema wants, here and there what it does not. */

const PASSWORD = "hunter2-is-no-password";
/** Values that must never be shown. */
export const rawSecrets = [PASSWORD, "sk-proj-abcdefghijklmnop1234", "AKIAABCDEFGHIJKLMNOP"] as const;

const junk = [
  null,
  "",
  " ",
  "none",
  "true",
  true,
  0,
  -1,
  2.5,
  3,
  1e21,
  Number.NaN,
  "17",
  "[1, 2]",
  '{"mode": "managed"}',
  '{"broken',
  [],
  ["a", 1],
  {},
  { mode: "existing" },
  { constructor: 1 },
  "agents.example.com",
  "10.0.0.0/16",
  "eu-west-1",
  "локальный\u202e",
  "\u0000\u001b[31m",
  "line\nbreak",
  "$(rm -rf /); `x` 'y' \"z\" \\",
  "-----",
  "x".repeat(5000),
  "[secret]",
  { fromStack: "prod" },
  ...rawSecrets.slice(1),
] as const;
const junkKeys = [
  "__proto__",
  "constructor",
  "toString",
  "",
  "a b",
  "a.b",
  "a:b",
  'a"b',
  "a\\",
  "a\nb",
  "[0]",
  "-x",
  "Zeile\u202e",
  "moode",
  "k".repeat(300),
  "database",
  "cidr",
] as const;
const names = ["main", "apps", "system", "sessions", "api", "a-much-longer-name-than-services-take", "constructor"];

type Draw = fc.GeneratorValue;
/** How often a value is junk: one tree is wild, another has a single slip, another none. */
let slips = 1;
const oneOf = <T>(draw: Draw, values: readonly T[]): T => values[draw(fc.nat, { max: values.length - 1 })] as T;
const chance = (draw: Draw, oneIn: number): boolean => draw(fc.nat, { max: oneIn - 1 }) === 0;

function valueFor(draw: Draw, node: SchemaNode): unknown {
  if (chance(draw, slips)) return oneOf(draw, junk);
  const inner = bare(node);
  const { def } = inner;
  if (def.type === "union") return valueFor(draw, oneOf(draw, def.options ?? [inner]));
  if (def.type === "object") return mapFor(draw, Object.entries(def.shape ?? {}));
  if (def.type === "record") {
    const keys = [...new Set(Array.from({ length: draw(fc.nat, { max: 2 }) }, () => oneOf(draw, names)))];
    return mapFor(
      draw,
      keys.map((key) => [key, def.valueType ?? inner]),
      1,
    );
  }
  if (def.type === "array") {
    return Array.from({ length: draw(fc.nat, { max: 2 }) }, () => valueFor(draw, def.element ?? inner));
  }
  if (def.type === "enum") return oneOf(draw, Object.values(def.entries ?? {}));
  if (def.type === "literal") return oneOf(draw, def.values ?? []);
  if (def.type === "boolean") return draw(fc.boolean);
  if (def.type === "number") return draw(fc.nat, { max: 400 });
  return wanted(node).example;
}

function mapFor(draw: Draw, entries: readonly (readonly [string, SchemaNode])[], oneIn = 3): unknown {
  const map = new Map<string, unknown>();
  for (const [key, node] of entries)
    if (key === "mode" ? chance(draw, 2) : chance(draw, oneIn)) map.set(key, valueFor(draw, node));
  if (chance(draw, slips)) map.set(oneOf(draw, junkKeys), oneOf(draw, junk));
  if (chance(draw, 3 * slips)) map.set("password", PASSWORD);
  const tree = Object.fromEntries(map);
  return chance(draw, 15) ? JSON.stringify(tree) : tree;
}

const shape = Object.entries(bare(asNode(settingsSchema)).def.shape ?? {});

export const settingsTrees: fc.Arbitrary<Tree> = fc.gen().map((draw) => {
  slips = oneOf(draw, [8, 40, 1000]);
  const tree = mapFor(draw, shape, 4);
  const said: Tree = typeof tree === "string" ? (JSON.parse(tree) as Tree) : (tree as Tree);
  return {
    ...said,
    ...(chance(draw, slips) ? {} : { cloud: oneOf(draw, ["aws", "aws", "local"]) }),
    ...(chance(draw, slips) ? {} : { region: oneOf(draw, ["eu-west", "us-east-1", "us-west-1"]) }),
  };
});
