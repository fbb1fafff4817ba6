import type z from "./zod.cjs";

/** Reading a zod schema as a tree: what coercion, did-you-mean and the settings reference have in common. */
export interface SchemaNode {
  readonly def: {
    readonly type: string;
    readonly shape?: Readonly<Record<string, SchemaNode>>;
    readonly keyType?: SchemaNode;
    readonly valueType?: SchemaNode;
    readonly element?: SchemaNode;
    readonly innerType?: SchemaNode;
    readonly options?: readonly SchemaNode[];
    readonly entries?: Readonly<Record<string, string>>;
    readonly values?: readonly unknown[];
    readonly defaultValue?: unknown;
    readonly discriminator?: string;
  };
  readonly description?: string | undefined;
  meta(): Readonly<Record<string, unknown>> | undefined;
  safeParse(value: unknown): { readonly success: boolean };
}

export type Path = readonly (string | number)[];
export type Tree = Record<string, unknown>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A key of the map itself, and not one that every object inherits: `constructor` is a key like any other. */
export const own = <T>(map: Readonly<Record<string, T>> | undefined, key: string | number): T | undefined =>
  map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;

export const asNode = (schema: z.ZodType): SchemaNode => schema as unknown as SchemaNode;

/** Without the wrappers that only say what happens when a value is missing. */
export function bare(node: SchemaNode): SchemaNode {
  return node.def.innerType === undefined ? node : bare(node.def.innerType);
}

/** The variant of a union that a value means: by its mode, or the first whose kind fits. */
export function variantFor(node: SchemaNode, value: unknown): SchemaNode {
  const inner = bare(node);
  const options = inner.def.options ?? [];
  if (inner.def.type !== "union") return inner;
  if (inner.def.discriminator !== undefined) {
    const mode = isTree(value) ? value["mode"] : undefined;
    return options.find((option) => modeOf(option) === mode) ?? inner;
  }
  const kind = Array.isArray(value) ? "array" : isTree(value) ? "object" : "string";
  return options.map(bare).find((option) => option.def.type === kind) ?? inner;
}

export const modeOf = (variant: SchemaNode): unknown => variant.def.shape?.["mode"]?.def.values?.[0];

/** The schema of one key or index of `node`, given the value that holds it. */
export function childOf(node: SchemaNode, key: string | number, holder: unknown): SchemaNode | undefined {
  const { def } = variantFor(node, holder);
  return own(def.shape, key) ?? def.valueType ?? (typeof key === "number" ? def.element : undefined);
}

export function nodeAt(root: SchemaNode, tree: unknown, path: Path): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  let holder = tree;
  for (const key of path) {
    if (node === undefined) return undefined;
    node = childOf(node, key, holder);
    holder = valueAt(holder, [key]);
  }
  return node;
}

/** Whether a text there is the name of one of the stack's secrets. */
export const namesSecret = (node: SchemaNode): boolean => bare(node).meta()?.["names"] === "secret";

/** Every schema that a path may mean, while it is not settled which mode a part has. */
export const nodesAt = (root: SchemaNode, path: Path): readonly SchemaNode[] =>
  path.reduce<readonly SchemaNode[]>((nodes, key) => nodes.flatMap((node) => childrenOf(node, key)), [root]);

export function valueAt(tree: unknown, path: Path): unknown {
  let value = tree;
  for (const key of path) value = isTree(value) || Array.isArray(value) ? own(value as Tree, key) : undefined;
  return value;
}

/** A copy of `tree` without the value at `path`. */
export function without(tree: unknown, path: Path): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return undefined;
  if (Array.isArray(tree)) {
    return rest.length === 0
      ? tree.filter((_, index) => index !== key)
      : tree.map((item, index) => (index === key ? without(item, rest) : item));
  }
  if (!isTree(tree) || !Object.hasOwn(tree, key)) return tree;
  const { [key]: value, ...others } = tree;
  return rest.length === 0 ? others : { ...others, [key]: without(value, rest) };
}

/** Where paths in a tree were before the elements at `gone` were taken out of its lists. */
export function beforeRemoval(gone: readonly Path[]): (path: Path) => Path {
  const indexes = (list: Path): readonly number[] =>
    gone
      .filter((path) => path.length === list.length + 1 && list.every((key, at) => path[at] === key))
      .flatMap((path) => (typeof path.at(-1) === "number" ? [Number(path.at(-1))] : []))
      .sort((a, b) => a - b);
  return (path) => {
    const before: (string | number)[] = [];
    for (const key of path) {
      const there =
        typeof key === "number" ? indexes(before).reduce((at, removed) => (removed <= at ? at + 1 : at), key) : key;
      before.push(there);
    }
    return before;
  };
}

/** A copy of `tree` with `value` at `path`; maps and lists on the way are made. */
export function withValue(tree: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (typeof key === "number") {
    const list = Array.isArray(tree) ? [...tree] : [];
    list[key] = withValue(list[key], rest, value);
    return list;
  }
  const map = isTree(tree) ? tree : {};
  return { ...map, [key]: withValue(own(map, key), rest, value) };
}

/** Pulumi's own notation: `a.b[0]["c.d"]`. Undefined where the text is no path. */
export function parsePath(text: string): Path | undefined {
  const path: (string | number)[] = [];
  const step = /(?:^|\.)([^.[\]"]+)|\[(\d+)\]|\["((?:\\"|[^"])*)"\]/y;
  while (step.lastIndex < text.length) {
    const match = step.exec(text);
    if (match === null) return undefined;
    const [, name, index, quoted] = match;
    path.push(name ?? (index !== undefined ? Number(index) : (quoted ?? "").replaceAll('\\"', '"')));
  }
  return path.length === 0 ? undefined : path;
}

export function formatPath(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(key)) return text === "" ? key : `${text}.${key}`;
    // The command line knows one escape in a quoted key, that of the quote.
    return `${text}["${key.replaceAll('"', '\\"')}"]`;
  }, "");
}

/**
 * The command line writes every value as text, YAML reads `17` as a number: `3` and `"3"`, `true` and `"true"`
 * mean the same here, and what is a text in the schema is a text whatever YAML made of it.
 */
export function coerce(node: SchemaNode, value: unknown): unknown {
  const variant = variantFor(node, value);
  const { def } = variant;
  if (Array.isArray(value))
    return def.element === undefined ? value : value.map((item) => coerce(def.element as SchemaNode, item));
  if (isTree(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        const child = childOf(variant, key, value);
        return [key, child === undefined ? item : coerce(child, item)];
      }),
    );
  }
  const wantsText =
    def.type === "string" || def.type === "enum" || (def.type === "literal" && typeof def.values?.[0] === "string");
  if (wantsText || def.type === "union") {
    return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
  }
  if (typeof value !== "string") return value;
  if (def.type === "boolean" && (value === "true" || value === "false")) return value === "true";
  const wantsNumber = def.type === "number" || (def.type === "literal" && typeof def.values?.[0] === "number");
  return wantsNumber && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

/**
 * The engine hands maps and lists over as JSON text, and `config set --path` stores them so: a text that is JSON is
 * opened wherever the schema wants a map or a list. Modes are not settled yet, so every variant is asked.
 */
export function openJson(nodes: readonly SchemaNode[], value: unknown): unknown {
  const variants = nodes.flatMap(variantsOf);
  if (typeof value === "string") {
    if (!/^\s*[[{]/.test(value) || !variants.some(({ def }) => containers.has(def.type))) return value;
    const inner = parseJson(value);
    return typeof inner === "object" && inner !== null ? openJson(nodes, inner) : value;
  }
  const children = (key: string | number): readonly SchemaNode[] => nodes.flatMap((node) => childrenOf(node, key));
  if (Array.isArray(value)) return value.map((item, index) => openJson(children(index), item));
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, openJson(children(key), item)]));
}

/** The schemas of one key or index, in every variant. */
const childrenOf = (node: SchemaNode, key: string | number): readonly SchemaNode[] =>
  variantsOf(node).flatMap(
    ({ def }) => own(def.shape, key) ?? def.valueType ?? (typeof key === "number" ? def.element : undefined) ?? [],
  );

const containers: ReadonlySet<string> = new Set(["object", "record", "array"]);

const variantsOf = (node: SchemaNode): readonly SchemaNode[] => {
  const inner = bare(node);
  return inner.def.options === undefined ? [inner] : inner.def.options.flatMap(variantsOf);
};

export function parseJson(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    return tooDeep(value) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** No setting is this deep; what is has an alias to itself, or was made to exhaust whoever reads it. */
const DEEPEST = 40;
export function tooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
    const below = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
    level = [...new Set(below)];
  }
  return level.length > 0;
}
