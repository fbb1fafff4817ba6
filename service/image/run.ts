import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import type { Image } from "./config.js";

/** Runs an assembled image's program where it lies, as a container engine would: its variables, its user, its folder. */
export interface Run {
  /** What the base image brings. */
  readonly node?: string;
  /** As `docker run --user`; only root can choose, for others it is who they are. */
  readonly uid?: number;
  /** As `docker run --env`. */
  readonly env?: Readonly<Record<string, string>>;
  /** In place of the image's own, as words after `docker run IMAGE`. */
  readonly command?: readonly string[];
  readonly stdio?: StdioOptions;
}

export const start = (image: Image, run: Run = {}): ChildProcess =>
  program(image, [...image.config.entrypoint, ...(run.command ?? image.config.command)], run);

/** Once, beside it, as an engine does every few seconds. */
export const check = (image: Image, run: Run = {}): ChildProcess => program(image, image.config.healthcheck, run);

function program({ root, config }: Image, words: readonly string[], run: Run): ChildProcess {
  const [first = "", ...rest] = words;
  const [user, group] = config.user.split(":").map(Number);
  const uid = run.uid ?? user;
  const mayChoose = process.getuid?.() === 0;
  return spawn(first, rest, {
    cwd: join(root, config.workdir),
    env: {
      PATH: [join(root, "usr/local/bin"), dirname(run.node ?? process.execPath)].join(":"),
      HOME: "/",
      ...config.env,
      ...run.env,
    },
    ...(mayChoose && uid !== undefined ? { uid, gid: run.uid ?? group ?? uid } : {}),
    stdio: run.stdio ?? "inherit",
  });
}
