import keys from "./fluent-bit-keys.json" with { type: "json" };

/** Fluent Bit itself is not to be had for tests: its configuration is held against what its documentation lists. */

type Keyed = Readonly<Record<string, unknown>>;
export interface Config {
  readonly service: object;
  readonly multiline_parsers?: readonly object[];
  readonly pipeline: Readonly<Record<Kind, readonly Keyed[]>>;
}
const kinds = ["inputs", "filters", "outputs"] as const;
type Kind = (typeof kinds)[number];

const not = (known: readonly string[], where: string, section: object): readonly string[] =>
  Object.keys(section).flatMap((key) => (known.includes(key) ? [] : [`${where}.${key}`]));

/** Keys of one plugin that no list of Fluent Bit's has, or the plugin itself. */
export function unknownToPlugin(kind: Kind, section: Keyed): readonly string[] {
  const name = String(section["name"]);
  const plugins: Readonly<Record<string, readonly string[]>> = keys[kind];
  const own = plugins[name];
  return own === undefined ? [`${kind} ${name}`] : not([...own, ...keys.common[kind]], name, section);
}

/** The same of a whole configuration. */
export const unknownKeys = ({ service, multiline_parsers = [], pipeline }: Config): readonly string[] => [
  ...not(keys.service, "service", service),
  ...multiline_parsers.flatMap((parser) => not(keys.multiline_parsers, "multiline_parsers", parser)),
  ...kinds.flatMap((kind) => pipeline[kind].flatMap((section) => unknownToPlugin(kind, section))),
];
