import { type Fault, invalidInput, Problem } from "./http/problem.js";

export interface Variable {
  readonly name: string;
  readonly description?: string | undefined;
  readonly required: boolean;
  readonly default?: string | undefined;
}

const PLACEHOLDER = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;
/** 10,000 characters of template with a value of 10,000 in each placeholder would be millions. */
const MAX_RENDERED = 100_000;

export const placeholdersOf = (body: string): readonly string[] => [
  ...new Set([...body.matchAll(PLACEHOLDER)].map(([, name = ""]) => name)),
];

/** Values are put in once and as they are: a value that looks like a placeholder stays what it is. */
export function render(
  { body, variables }: { readonly body: string; readonly variables: readonly Variable[] },
  values: Readonly<Record<string, string>>,
): string {
  const known = new Map(variables.map((one) => [one.name, one]));
  const faults: Fault[] = [
    ...Object.keys(values)
      .filter((name) => !known.has(name))
      .map((name) => ({ pointer: `/body/variables/${name}`, message: "is not a variable of this template" })),
    ...variables
      .filter((one) => one.required && one.default === undefined && !Object.hasOwn(values, one.name))
      .map(({ name }) => ({ pointer: `/body/variables/${name}`, message: "is required" })),
  ];
  if (faults.length > 0) throw invalidInput(faults);
  const filledIn = (name: string) => (Object.hasOwn(values, name) ? values[name] : known.get(name)?.default) ?? "";
  const rendered = body.replaceAll(PLACEHOLDER, (_, name: string) => filledIn(name));
  if (rendered.length <= MAX_RENDERED) return rendered;
  throw new Problem("invalid", `the text would have ${rendered.length} characters; at most ${MAX_RENDERED}`);
}
