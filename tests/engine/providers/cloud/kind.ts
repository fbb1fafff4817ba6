import type { Props } from "../serve.js";

/** A cloud's own words for what it refuses. */
export interface Codes {
  readonly taken: string;
  readonly missing: string;
  readonly inUse: string;
  readonly quota: string;
}

export interface Where {
  readonly region: string;
  readonly account: string;
  /** A real API server that clusters of this cloud lead to. */
  readonly kubernetes?: { readonly endpoint: string; readonly ca: string };
  /** How long a cloud's minute takes here. */
  readonly minuteMs?: number;
}

/** What the cloud holds, as rules and reads of a package see it. */
export interface View {
  readonly where: Where;
  /** By id, ARN or name. */
  find(type: string, value: unknown): Thing | undefined;
  all(type: string): readonly Thing[];
  /** Those that are being worked on, what is on its way out among them. */
  busy(type: string): readonly Thing[];
}
export interface Thing {
  readonly id: string;
  readonly inputs: Props;
  readonly outputs: Props;
  /** It was there before the program came: what the program would have made around it is not known. */
  readonly planted: boolean;
  readonly ready: boolean;
  /** Milliseconds. */
  readonly readyAt: number;
  /** It is being made, changed or deleted. */
  readonly busy: boolean;
}

/**
 * What an input names must exist and be ready. As long as the one that names it is there, the named one:
 * - `stays`: cannot be deleted
 * - `takes`: can, and takes the other with it
 * - `leaves`: can, and the other is left as it is
 */
export interface Need {
  /** A path in the inputs, or what makes the name of several of them. */
  readonly at: string | ((inputs: Props) => readonly string[]);
  readonly type: string;
  readonly named: "stays" | "takes" | "leaves";
}

/** How a cloud says no to what goes for all of its kinds. */
export interface Words {
  readonly missing: (kind: Kind, value: string) => string;
  readonly unready: (kind: Kind, value: string) => string;
  readonly quota: (kind: Kind) => string;
  readonly inUse: (kind: Kind, id: string, users: readonly string[]) => string;
  readonly taken: (kind: Kind, key: string) => string;
  /** The name is that of something deleted, which goes on taking it up. */
  readonly reserved: (kind: Kind, key: string) => string;
  /** Work that the cloud began and gave up. */
  readonly failed: (kind: Kind, id: string, op: "create" | "update") => string;
  readonly throttled: string;
}

/** What the cloud says no with, where it does. */
export type Rule = (inputs: Props, view: View, id: string) => string | undefined;

/** A `leftover` is what cannot be deleted at all. */
export type Remainder =
  | "snapshot"
  | "automated backup"
  | "soft-deleted"
  | "pending deletion"
  | "taken name"
  | "leftover";
export interface Copy {
  readonly kind: Remainder;
  readonly type: string;
  readonly name: string;
}

/** Where the property is absent the provider makes a name up, unless `auto` is false. */
export interface Naming {
  readonly property: string;
  readonly max: number;
  /** From the logical name and eight letters of chance. @default `name-1a2b3c4` */
  readonly auto?: false | ((name: string, chance: string) => string);
  /** What the cloud takes for a name. */
  readonly like?: RegExp;
}

/** What a resource type is like: a row of a package's table. */
export interface Kind {
  /** In a sentence: "The maximum number of ...s has been reached". */
  readonly noun: string;
  readonly codes: Codes;
  readonly naming?: Naming;
  readonly id: (inputs: Props, chance: string, where: Where) => string;
  /** No two may have the same at a time; the id where absent. */
  readonly unique?: (inputs: Props) => string;
  /** The same name in another region is the same thing. */
  readonly global?: true;
  /** Making it twice is not refused: the second call writes over the first one's. */
  readonly overwrites?: true;
  readonly needs?: readonly Need[];
  /** Most of its type in a region. */
  readonly quota?: number;
  /** Paths of inputs that take a new one. */
  readonly replaceOn?: readonly string[];
  /** Those of them that do not, where it is so: what may grow, and not shrink. */
  readonly inPlace?: Readonly<Record<string, (olds: Props, news: Props) => boolean>>;
  /** Inputs whose difference the provider passes over, and when: what is there stays as it is. */
  readonly keeps?: Readonly<Record<string, (olds: Props, news: Props) => boolean>>;
  /** Of the provider itself; one with a name that was given is always deleted before. */
  readonly deleteBeforeReplace?: true;
  /** Outputs by which others name it, beside its id. */
  readonly calledBy?: readonly string[];
  /** What it has beside its inputs: a function of them and the id, so that it stays the same. */
  readonly outputs?: (inputs: Props, id: string, where: Where, before: Props) => Props;
  /** Outputs that any update may change, so a preview cannot know them. */
  readonly changing?: readonly string[];
  readonly refuses?: { readonly create?: Rule; readonly delete?: Rule; readonly update?: UpdateRule };
  /** The input that lets it go though there is something in it. */
  readonly emptiedBy?: string;
  /** How it goes on taking up its name after it was deleted. */
  readonly stays?: (inputs: Props) => Remainder | undefined;
  readonly copies?: (inputs: Props, outputs: Props) => readonly Copy[];
}
export type UpdateRule = (olds: Props, news: Props, view: View, id: string) => string | undefined;

export type Read = (args: Props, view: View) => Props;

export interface Package {
  readonly kinds: Readonly<Record<string, Kind>>;
  readonly words: Words;
  /** The provider's own functions, by token. */
  readonly reads: Readonly<Record<string, Read>>;
  /** What the provider's settings say about where it works; throws where it would refuse them. */
  readonly where: (settings: Props) => Pick<Where, "region" | "account">;
}

/** `vpcConfig.subnetIds` of a tree; the keys of a list are its indices. */
export function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((one, key) => (typeof one === "object" && one !== null ? (one as Props)[key] : undefined), value);
}

/** All texts at a path: itself, or the elements of a list, through lists of objects. */
export function textsAt(value: unknown, path: readonly string[]): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => textsAt(one, path));
  const [key, ...rest] = path;
  if (key !== undefined) return typeof value === "object" && value !== null ? textsAt((value as Props)[key], rest) : [];
  return typeof value === "string" && value !== "" ? [value] : [];
}

export const namedIn = (inputs: Props, { at }: Need): readonly string[] =>
  typeof at === "string" ? textsAt(inputs, at.split(".")) : at(inputs);

export const namesOf = ({ calledBy = [] }: Kind, outputs: Props): readonly string[] =>
  calledBy.flatMap((output) => textsAt(outputs, output.split(".")));

export const text = (value: unknown): string => (typeof value === "string" ? value : "");
