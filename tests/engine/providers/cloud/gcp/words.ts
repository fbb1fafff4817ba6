import { createHash } from "node:crypto";
import type { Props } from "../../serve.js";
import { type Kind, type Need, text, type Where, type Words } from "../kind.js";

/** The only project's number. */
export const NUMBER = "123456789012";

/** A row as Google Cloud's tables have it: what is the same for all of them is added in `index.ts`. */
export type Row = Omit<Kind, "codes" | "global">;
export type Table = Readonly<Record<string, Row>>;

export const refused = (status: number, why: string, reason: string): string =>
  `googleapi: Error ${status}: ${why}, ${reason}`;

export const words: Words = {
  missing: ({ noun }, value) => refused(404, `The ${noun} '${value}' was not found`, "notFound"),
  unready: ({ noun }, value) => refused(400, `The ${noun} '${value}' is not ready`, "resourceNotReady"),
  quota: ({ noun }) => refused(403, `Quota '${noun.toUpperCase().replaceAll(" ", "_")}S' exceeded`, "quotaExceeded"),
  inUse: ({ noun }, id, users) =>
    refused(
      400,
      `The ${noun} resource '${id}' is already being used by '${users.join("', '")}'`,
      "resourceInUseByAnotherResource",
    ),
  taken: ({ noun }, key) => refused(409, `The ${noun} '${key}' already exists`, "alreadyExists"),
  reserved: ({ noun }, key) =>
    refused(409, `The ${noun} name '${key}' was in use by one that was deleted lately`, "instanceAlreadyExists"),
  failed: ({ noun }, id, op) =>
    `Error waiting for ${op === "create" ? "creating" : "updating"} ${noun}: ${id}: Error code 13, message: an internal error has occurred`,
  throttled: refused(
    429,
    "Quota exceeded for quota metric 'Requests' and limit 'Requests per minute'",
    "rateLimitExceeded",
  ),
};

/** Letters that look like chance and are the same each time. */
export const hash = (seed: string, length: number): string =>
  createHash("sha256").update(seed).digest("hex").slice(0, length);

/** `projects/P/regions/R/subnetworks/NAME`; where a part is a path already only its end counts. */
export const path =
  (...parts: readonly string[]) =>
  (inputs: Props, _: string, where: Where): string =>
    parts
      .map((part) => (part.startsWith("{") ? last(inputs[part.slice(1, -1)]) || whereOf(part, where) : part))
      .join("/");

const whereOf = (part: string, { account, region }: Where): string =>
  ({ "{project}": account, "{region}": region, "{location}": region })[part] ?? "";

export const last = (value: unknown): string => text(value).split("/").at(-1) ?? "";

export const link = (id: string): string => `https://www.googleapis.com/compute/v1/${id}`;

/** Names of RFC 1035, which is what most services want. */
export const label = { property: "name", max: 63, like: /^[a-z]([-a-z0-9]*[a-z0-9])?$/ } as const;

export const need = (at: string, type: string, named: Need["named"] = "stays"): Need => ({ at, type, named });

export const pem = (seed: string): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(hash(seed, 48)).toString("base64")}\n-----END CERTIFICATE-----`;
