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

/** The source of choices for one tree, and how rarely it slips: some trees are wild, some have a slip, some none. */
interface Hand {
  readonly draw: fc.GeneratorValue;
  readonly slips: number;
}
/** A builder for each bound: fast-check finds a builder at once, but compares what it was called with, one by one. */
const numbers = new Map<number, () => fc.Arbitrary<number>>();
function numberTo(max: number): () => fc.Arbitrary<number> {
  const builder = numbers.get(max) ?? (() => fc.nat({ max }));
  numbers.set(max, builder);
  return builder;
}
const oneOf = <T>({ draw }: Pick<Hand, "draw">, values: readonly T[]): T =>
  values[draw(numberTo(values.length - 1))] as T;
const chance = ({ draw }: Hand, oneIn: number): boolean => draw(numberTo(oneIn - 1)) === 0;

function valueFor(hand: Hand, node: SchemaNode): unknown {
  if (chance(hand, hand.slips)) return oneOf(hand, junk);
  const inner = bare(node);
  const { def } = inner;
  const few = (): readonly undefined[] => Array.from({ length: hand.draw(numberTo(2)) }, () => undefined);
  if (def.type === "union") return valueFor(hand, oneOf(hand, def.options ?? [inner]));
  if (def.type === "object") return mapFor(hand, Object.entries(def.shape ?? {}));
  if (def.type === "record") {
    const keys = new Set(few().map(() => oneOf(hand, names)));
    const entries = [...keys].map((key): [string, SchemaNode] => [key, def.valueType ?? inner]);
    return mapFor(hand, entries, 1);
  }
  if (def.type === "array") return few().map(() => valueFor(hand, def.element ?? inner));
  if (def.type === "enum") return oneOf(hand, Object.values(def.entries ?? {}));
  if (def.type === "literal") return oneOf(hand, def.values ?? []);
  if (def.type === "boolean") return hand.draw(fc.boolean);
  if (def.type === "number") return hand.draw(numberTo(400));
  return wanted(node).example;
}

function mapFor(hand: Hand, entries: readonly (readonly [string, SchemaNode])[], oneIn = 3): unknown {
  const map = new Map<string, unknown>();
  for (const [key, node] of entries) if (chance(hand, key === "mode" ? 2 : oneIn)) map.set(key, valueFor(hand, node));
  if (chance(hand, hand.slips)) map.set(oneOf(hand, junkKeys), oneOf(hand, junk));
  if (chance(hand, 3 * hand.slips)) map.set("password", PASSWORD);
  const tree = Object.fromEntries(map);
  return chance(hand, 15) ? JSON.stringify(tree) : tree;
}

const shape = Object.entries(bare(asNode(settingsSchema)).def.shape ?? {});

export const settingsTrees: fc.Arbitrary<Tree> = fc.gen().map((draw) => {
  const hand = { draw, slips: oneOf({ draw }, [8, 40, 1000]) };
  const tree = mapFor(hand, shape, 4);
  const said: Tree = typeof tree === "string" ? (JSON.parse(tree) as Tree) : (tree as Tree);
  return {
    ...said,
    ...(chance(hand, hand.slips) ? {} : { cloud: oneOf(hand, ["aws", "aws", "local"]) }),
    ...(chance(hand, hand.slips) ? {} : { region: oneOf(hand, ["eu-west", "us-east-1", "us-west-1"]) }),
  };
});
