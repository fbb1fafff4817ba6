import { join, posix } from "node:path";
import { expand } from "./dockerfile.js";

/** One FROM and what follows it, so far. */
export interface Stage {
  readonly name: string;
  readonly base: string;
  /** Stands for `/`. */
  readonly root: string;
  readonly env: Record<string, string>;
  readonly args: Record<string, string>;
  readonly labels: Record<string, string>;
  readonly ports: number[];
  workdir: string;
  user: string;
  entrypoint: readonly string[];
  command: readonly string[];
  healthcheck: readonly string[];
}

/** What the lines of all stages have in common. */
export interface Build {
  /** The folder that COPY takes from. */
  readonly context: string;
  /** What `.dockerignore` leaves of it. */
  readonly keeps: (path: string) => boolean;
  readonly stages: Stage[];
  /** Of the ARG lines before the first FROM. */
  readonly globals: Record<string, string>;
  /** `--build-arg`, and what Docker gives by itself. */
  readonly given: Readonly<Record<string, string>>;
  /** What the commands print. */
  readonly log: string;
}

export const newStage = (name: string, base: string, root: string): Stage => ({
  name,
  base,
  root,
  env: {},
  args: {},
  labels: {},
  ports: [],
  workdir: "/",
  user: "root",
  entrypoint: [],
  command: [],
  healthcheck: [],
});

/** Where a path of the stage's own is on this machine; `..` does not lead out of it. */
export const placeIn = (stage: Stage, path: string): string => join(stage.root, posix.resolve(stage.workdir, path));

export const expanded = (stage: Stage, line: number, text: string): string =>
  expand(line, text, { ...stage.args, ...stage.env });
