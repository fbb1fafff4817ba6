/** What a service takes as a name, as its own documentation says: told by hand, so that the program is held against it. */
export interface NameRule {
  /** The input that holds the name, as a path. Where a resource has none, Pulumi makes it up of the logical name. */
  readonly at: string;
  readonly min?: number;
  readonly max: number;
  readonly pattern: RegExp;
  /** What no name may be, or begin with. */
  readonly reserved?: RegExp;
  /** Where a name is the only one of its kind: the input that says in what. @default anywhere */
  readonly within?: string;
}

/** Types whose names are given by what they belong to, or that have none, each with the reason. */
export type Nameless = Readonly<Record<string, string>>;

export interface NamesOfCloud {
  readonly rules: Readonly<Record<string, NameRule>>;
  readonly nameless: Nameless;
}

/** Begins with a letter, ends with a letter or digit, and has no two hyphens together. */
export const plainLabel = /^[a-z](-?[a-z0-9])*$/;
/** RFC 1035: begins with a letter, ends with a letter or digit. */
export const label = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
export const domain = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z]{2,63}\.?$/;
