import type { z } from "zod";
import { type Fault, invalidInput } from "./problem.js";
import type { Parsed, RouteInput } from "./route.js";

type Given = { readonly [P in "params" | "query" | "headers" | "body"]: unknown };

/** Every part of the input against the route's schemas; all faults at once, each with a pointer to the value. */
export function validate<Input extends RouteInput>(schemas: Input, given: Given): Parsed<Input> {
  const faults: Fault[] = [];
  const part = (name: keyof Given, schema: z.ZodType | undefined): unknown => {
    if (schema === undefined) return undefined;
    const { success, data, error } = schema.safeParse(given[name], { reportInput: false });
    if (success) return data;
    faults.push(...error.issues.flatMap((issue) => faultsOf([name], issue)));
    return undefined;
  };
  const parsed = {
    params: part("params", schemas.params),
    query: part("query", schemas.query),
    headers: part("headers", schemas.headers),
    body: part("body", schemas.body),
  };
  if (faults.length === 0) return parsed as Parsed<Input>;
  throw invalidInput(faults);
}

/** One value; `at` is where it stands in what was sent. */
export function validateOne<T extends z.ZodType>(schema: T, value: unknown, at: readonly string[] = []): z.output<T> {
  const { success, data, error } = schema.safeParse(value, { reportInput: false });
  if (success) return data;
  throw invalidInput(error.issues.flatMap((issue) => faultsOf(at, issue)));
}

function faultsOf(at: readonly string[], issue: z.core.$ZodIssue): readonly Fault[] {
  const path = [...at, ...issue.path];
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ pointer: pointerOf([...path, key]), message: "is not known here" }));
  return [{ pointer: pointerOf(path), message: issue.message }];
}

/** RFC 6901. What a stranger sent is cut: an answer is no place for 10,000 characters of it. */
const pointerOf = (path: readonly PropertyKey[]): string =>
  ["", ...path.map((step) => String(step).slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1"))].join("/");
