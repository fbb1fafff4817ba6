import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What an image says besides its files. */
export interface ImageConfig {
  /** The image that the last stage stands on: it brings Node, and nothing else that is used. */
  readonly base: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly user: string;
  readonly ports: readonly number[];
  readonly labels: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

/** An image without its base: what its last stage adds, in a folder. */
export interface Image {
  /** Stands for `/`. */
  readonly root: string;
  readonly config: ImageConfig;
}

const configOf = (folder: string) => join(folder, "config.json");
export const rootOf = (folder: string) => join(folder, "root");

export function saveImage(folder: string, config: ImageConfig): Image {
  writeFileSync(configOf(folder), `${JSON.stringify(config, null, 2)}\n`);
  return { root: rootOf(folder), config };
}

/** `undefined` where none was assembled. */
export function savedImage(folder: string): Image | undefined {
  if (!existsSync(configOf(folder))) return undefined;
  return { root: rootOf(folder), config: JSON.parse(readFileSync(configOf(folder), "utf8")) as ImageConfig };
}
