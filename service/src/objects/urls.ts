/** Where uploads can go, and what such an address looks like. */
export interface BucketKind {
  readonly scheme: "s3" | "gs" | "azblob" | "file";
  readonly pattern: RegExp;
  readonly example: string;
}

/** `/one/two`: no empty step, and none that begins with a dot, so nothing climbs. */
const PREFIX = "(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?";
const options = (...allowed: readonly string[]) => `(\\?(${allowed.join("|")})(&(${allowed.join("|")}))*)?`;
const REGION = "region=[a-z0-9-]+";
const ENDPOINT = "endpoint=https?(://|%3A%2F%2F)[^&#\\s]+";

export const buckets: readonly BucketKind[] = [
  {
    scheme: "s3",
    pattern: new RegExp(`^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]${PREFIX}${options(REGION, ENDPOINT)}$`),
    example: "s3://BUCKET/PREFIX?region=REGION&endpoint=https://HOST",
  },
  {
    scheme: "gs",
    pattern: new RegExp(`^gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]${PREFIX}${options(ENDPOINT)}$`),
    example: "gs://BUCKET/PREFIX",
  },
  {
    scheme: "azblob",
    pattern: new RegExp(`^azblob://[a-z0-9]{3,24}/[a-z0-9][a-z0-9-]{1,61}[a-z0-9]${PREFIX}${options(ENDPOINT)}$`),
    example: "azblob://ACCOUNT/CONTAINER/PREFIX",
  },
  {
    scheme: "file",
    // A path without a scheme begins with / or ./ or ../: a misspelt scheme would be a folder's name otherwise.
    pattern: /^(file:\/\/\/|\/|\.\.?\/)[^\0?#]*$/,
    example: "/ABSOLUTE/FOLDER",
  },
];

/** An address in parts. What it may look like was checked by its `pattern`. */
export interface BucketAddress {
  readonly host: string;
  /** The path's steps. */
  readonly steps: readonly string[];
  readonly region: string | undefined;
  /** Without a slash at its end. */
  readonly endpoint: string | undefined;
}

export function partsOf(address: string): BucketAddress {
  const { hostname, pathname, searchParams } = new URL(address);
  return {
    host: hostname,
    steps: pathname.split("/").filter((step) => step !== ""),
    region: searchParams.get("region") ?? undefined,
    endpoint: searchParams.get("endpoint")?.replace(/\/+$/, ""),
  };
}

/** What every key of a bucket begins with. */
export const prefixOf = (steps: readonly string[]): string => steps.map((step) => `${step}/`).join("");
