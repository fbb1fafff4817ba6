import * as pulumi from "@pulumi/pulumi";
import type { CloudName } from "../../config/names.js";
import { isSecret, valueOf } from "../support/deploy.js";

/** What holds a value of the secret store on each cloud. */
export const entryTypes: Readonly<Record<CloudName, string>> = {
  aws: "aws:secretsmanager/secretVersion:SecretVersion",
  gcp: "gcp:secretmanager/secretVersion:SecretVersion",
  azure: "azure-native:keyvault:Secret",
  local: "kubernetes:core/v1:Secret",
};

/** Outputs as `pulumi stack output --json --show-secrets` would print them. */
export const plainOf = async (outputs: object): Promise<Record<string, unknown>> =>
  (await valueOf(pulumi.output(outputs as Record<string, unknown>))) as Record<string, unknown>;

/** What a value is made of: `{ host: "string", readHosts: ["string"] }`, so that shapes can be compared. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]));
}

/** Every text inside a value, with the path that leads to it. */
export function textsIn(value: unknown, path = ""): readonly (readonly [path: string, text: string])[] {
  if (typeof value === "string") return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsIn(item, `${path}[${index}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => textsIn(item, path === "" ? key : `${path}.${key}`));
}

/** Paths of outputs, down to where something is not secret, in which a text can be read by anyone. */
export async function openTexts(value: unknown, path = ""): Promise<readonly (readonly [string, string])[]> {
  if (pulumi.Output.isInstance(value)) return (await isSecret(value)) ? [] : openTexts(await valueOf(value), path);
  if (typeof value === "string") return [[path, value]];
  if (typeof value !== "object" || value === null || pulumi.Resource.isInstance(value)) return [];
  const inner = await Promise.all(
    Object.entries(value).map(([key, item]) => openTexts(item, path === "" ? key : `${path}.${key}`)),
  );
  return inner.flat();
}
