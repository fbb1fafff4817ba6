import { createHash } from "node:crypto";
import type { Props } from "../../serve.js";
import { type Codes, text, type Where, type Words } from "../kind.js";

export const words: Words = {
  missing: ({ codes, noun }, value) => `${codes.missing}: The ${noun} '${value}' does not exist`,
  unready: ({ codes, noun }, value) => `${codes.inUse}: The ${noun} '${value}' is not ready: it is still being created`,
  quota: ({ codes, noun }) => `${codes.quota}: The maximum number of ${noun}s has been reached.`,
  inUse: ({ codes, noun }, id, users) =>
    `${codes.inUse}: The ${noun} '${id}' has dependencies and cannot be deleted: ${users.join(", ")}`,
  taken: ({ codes, noun }, key) => `${codes.taken}: The ${noun} '${key}' already exists`,
  reserved: ({ noun }, key) =>
    `InvalidRequestException: You can't create the ${noun} '${key}' because one of this name is already scheduled for deletion`,
  failed: ({ noun }, id, op) =>
    `waiting for ${noun} (${id}) ${op}: unexpected state 'failed', wanted target 'available'`,
  throttled: "ThrottlingException: Rate exceeded",
};

/** The codes of each service. */
export const ec2 = (code: string): Codes => ({
  taken: `Invalid${code}.Duplicate`,
  missing: `Invalid${code}ID.NotFound`,
  inUse: "DependencyViolation",
  quota: `${code}LimitExceeded`,
});
export const iam: Codes = {
  taken: "EntityAlreadyExists",
  missing: "NoSuchEntity",
  inUse: "DeleteConflict",
  quota: "LimitExceeded",
};
export const eks: Codes = {
  taken: "ResourceInUseException",
  missing: "ResourceNotFoundException",
  inUse: "ResourceInUseException",
  quota: "ResourceLimitExceededException",
};
export const kms: Codes = {
  taken: "AlreadyExistsException",
  missing: "NotFoundException",
  inUse: "KMSInvalidStateException",
  quota: "LimitExceededException",
};
export const s3: Codes = {
  taken: "BucketAlreadyOwnedByYou",
  missing: "NoSuchBucket",
  inUse: "BucketNotEmpty",
  quota: "TooManyBuckets",
};
export const secrets: Codes = {
  taken: "ResourceExistsException",
  missing: "ResourceNotFoundException",
  inUse: "InvalidRequestException",
  quota: "LimitExceededException",
};
export const logs: Codes = {
  taken: "ResourceAlreadyExistsException",
  missing: "ResourceNotFoundException",
  inUse: "OperationAbortedException",
  quota: "LimitExceededException",
};
export const ecr: Codes = {
  taken: "RepositoryAlreadyExistsException",
  missing: "RepositoryNotFoundException",
  inUse: "RepositoryNotEmptyException",
  quota: "LimitExceededException",
};
export const dns: Codes = {
  taken: "HostedZoneAlreadyExists",
  missing: "NoSuchHostedZone",
  inUse: "HostedZoneNotEmpty",
  quota: "TooManyHostedZones",
};
/** RDS and ElastiCache name their errors alike. */
export const data = (code: string): Codes => ({
  taken: `${code}AlreadyExists`,
  missing: `${code}NotFoundFault`,
  inUse: `Invalid${code}State`,
  quota: `${code}QuotaExceeded`,
});

export const arn = ({ region, account }: Where, service: string, path: string): string =>
  `arn:aws:${service}:${region}:${account}:${path}`;

/** `vpc-0a1b2c3d4e5f60718` of a chance text. */
export const short =
  (prefix: string) =>
  (_: Props, chance: string): string =>
    `${prefix}-${chance.replaceAll("-", "").slice(0, 17)}`;

export const named =
  (property: string) =>
  (inputs: Props): string =>
    text(inputs[property]);

/** Letters that look like chance and are the same each time. */
export const hash = (seed: string, length: number): string =>
  createHash("sha256").update(seed).digest("hex").slice(0, length);

/** What endpoints of a region's data services end in: `euw1`. */
export const shortRegion = ({ region }: Where): string =>
  region.replace(/^(\w+)-(\w)\w*-(\d)$/, (_, land: string, side: string, number: string) => land + side + number);
