/** One value that is not what it was. A value that is not there is undefined. */
export interface Difference {
  /** `spec.tokens[0]`; empty for the value as a whole. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Every innermost value that differs, in the order of the paths. JSON within a text is looked into. */
export function differences(before: unknown, after: unknown, path = ""): readonly Difference[] {
  const [old, now] = [opened(before), opened(after)];
  if (Array.isArray(old) && Array.isArray(now)) {
    return range(Math.max(old.length, now.length)).flatMap((at) => differences(old[at], now[at], `${path}[${at}]`));
  }
  if (isMap(old) && isMap(now)) {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
    return keys.flatMap((key) => differences(old[key], now[key], path === "" ? key : `${path}.${key}`));
  }
  return JSON.stringify(old) === JSON.stringify(now) ? [] : [{ path, before, after }];
}

/** `spec.tokens[0]` is under `spec`, `spec.tokens` and itself; not under `spec.token`. */
export const isUnder = (path: string, above: string): boolean =>
  path === above || (path.startsWith(above) && (path[above.length] === "." || path[above.length] === "["));

const range = (length: number): readonly number[] => Array.from({ length }, (_, index) => index);

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function opened(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    // `[secret]` and the like: a text that only begins as JSON does.
    return value;
  }
}
