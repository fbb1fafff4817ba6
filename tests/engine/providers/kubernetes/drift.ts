import { type Props, UNKNOWN } from "../serve.js";
import { isObject, isSecret } from "./objects.js";

/**
 * A live object, seen through the inputs that made it: the same fields with the values that they have now. What the
 * server or others added is not among them, and a value that only is written in another way counts as unchanged.
 */
export function throughInputs(inputs: Props, live: Props): Props {
  return seen(inputs, isSecret(inputs) ? decoded(inputs, live) : live) as Props;
}

function seen(input: unknown, live: unknown): unknown {
  if (live === undefined || live === null) return isEmpty(input) ? input : undefined;
  if (isObject(input) && isObject(live))
    return Object.fromEntries(
      Object.entries(input)
        .map(([key, value]) => [key, seen(value, live[key])] as const)
        .filter(([, value]) => value !== undefined),
    );
  if (Array.isArray(input) && Array.isArray(live))
    return live.map((value, index) => (index < input.length ? seen(input[index], value) : value));
  return meansTheSame(input, live) ? input : live;
}

/** The server leaves out what says nothing. */
const isEmpty = (value: unknown): boolean =>
  value === false ||
  value === 0 ||
  value === "" ||
  value === null ||
  (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.values(value).every(isEmpty));

/** The live object has only `data`. */
function decoded({ stringData }: Props, live: Props): Props {
  const { data } = live;
  if (!isObject(stringData) || !isObject(data)) return live;
  const texts = Object.keys(stringData)
    .filter((key) => key in data)
    .map((key) => [key, Buffer.from(String(data[key]), "base64").toString("utf8")]);
  return { ...live, stringData: Object.fromEntries(texts) };
}

const meansTheSame = (input: unknown, live: unknown): boolean => {
  if (input === live) return true;
  const [one, other] = [quantity(input), quantity(live)];
  return one !== undefined && other !== undefined && (one.suffixed || other.suffixed) && one.value === other.value;
};

const powers = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 } as const;
const binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** `1000m` is 1, and `0.5Gi` is `512Mi`. */
export function quantity(value: unknown): { readonly value: number; readonly suffixed: boolean } | undefined {
  const [, digits, suffix = ""] = /^([+-]?(?:\d+\.?\d*|\.\d+))([KMGTPE]i|[numkMGTPE])?$/.exec(String(value)) ?? [];
  if (digits === undefined || (typeof value !== "string" && typeof value !== "number")) return undefined;
  const factor = binary.includes(suffix)
    ? 1024 ** (binary.indexOf(suffix) + 1)
    : 10 ** powers[suffix as keyof typeof powers];
  // Nano is the smallest there is; the rest is what floating point adds.
  return { value: Number((Number(digits) * factor).toPrecision(15)), suffixed: suffix !== "" };
}

export type Path = readonly (string | number)[];

/** Where two trees differ. Under an unknown value everything that was there before differs. */
export function changes(old: unknown, now: unknown, path: Path = []): Path[] {
  if (isObject(old) && now === UNKNOWN && Object.keys(old).length > 0) return changes(old, {}, path);
  if (isObject(old) && isObject(now)) {
    const keys = new Set([...Object.keys(old), ...Object.keys(now)]);
    return [...keys].sort().flatMap((key) => changes(old[key], now[key], [...path, key]));
  }
  if (Array.isArray(old) && Array.isArray(now)) {
    const longest = Math.max(old.length, now.length);
    return Array.from({ length: longest }, (_, index) => changes(old[index], now[index], [...path, index])).flat();
  }
  return meansTheSame(old ?? null, now ?? null) ? [] : [path];
}

/** `metadata.labels["a.b/c"]` */
export const written = (path: Path): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    if (/[."[\]]/.test(key)) return `${text}["${key.replaceAll('"', '\\"')}"]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
