import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Image, rootOf, saveImage } from "./config.js";
import {
  DockerfileError,
  expand,
  type Instruction,
  type InstructionName,
  readDockerfile,
  words,
} from "./dockerfile.js";
import { keptBy } from "./ignored.js";
import { discard, seal } from "./seal.js";
import { type Build, newStage } from "./stage.js";
import { declared, steps } from "./steps.js";

/**
 * Carries out a Dockerfile's stages, each in a folder that stands for its `/`. Base images are empty there: Node, Python
 * and a shell are this machine's. What is not understood is refused, so a folder that comes out is what Docker makes.
 */
export interface Assembly {
  readonly dockerfile: string;
  /** The folder that COPY takes from, less what the file's own `.dockerignore` leaves out. */
  readonly context: string;
  /** Filled with `root/`, `config.json` and `build.log`; a failure leaves nothing there. */
  readonly into: string;
  /** `--build-arg` */
  readonly args?: Readonly<Record<string, string>>;
  /** `--target`: the stages after it are not carried out. */
  readonly target?: string;
  readonly onStep?: (step: string) => void;
}

/** Node's and Docker's names of the same machines. */
const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

export async function assemble(assembly: Assembly): Promise<Image> {
  const { dockerfile, context, into, args = {}, target, onStep } = assembly;
  if (existsSync(into) && readdirSync(into).length > 0)
    throw new Error(`${into} is not empty: expected a folder that is not there yet, or an empty one`);
  const ignore = `${dockerfile}.dockerignore`;
  const build: Build = {
    context,
    keeps: keptBy(existsSync(ignore) ? readFileSync(ignore, "utf8") : ""),
    stages: [],
    globals: {},
    given: { TARGETARCH: architectures[process.arch] ?? process.arch, ...args },
    log: join(into, "build.log"),
  };
  // As in a container: what a command makes can be read by whomever the service runs as.
  const umask = process.umask(0o022);
  try {
    mkdirSync(into, { recursive: true });
    for (const instruction of readDockerfile(readFileSync(dockerfile, "utf8"))) {
      if (instruction.name === "FROM" && target !== undefined && build.stages.at(-1)?.name === target) break;
      onStep?.(textOf(instruction));
      await carryOut(build, instruction, into);
    }
    return finish(build, assembly);
  } catch (error) {
    discard(into);
    throw error;
  } finally {
    process.umask(umask);
  }
}

function textOf({ name, flags, text }: Instruction): string {
  const given = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  return [name, ...given, text].join(" ");
}

async function carryOut(build: Build, instruction: Instruction, into: string): Promise<void> {
  const { name, line, flags } = instruction;
  const unknown = Object.keys(flags).find((flag) => !knownFlags[name].includes(flag));
  if (unknown !== undefined) throw new DockerfileError(line, `${name} --${unknown} is not carried out here`);
  if (name === "FROM") return begin(build, instruction, join(into, "stages", `${build.stages.length}`));
  const stage = build.stages.at(-1);
  if (stage !== undefined) return steps[name](stage, instruction, build);
  if (name !== "ARG") throw new DockerfileError(line, `${name} stands before the first FROM`);
  Object.assign(build.globals, declared(instruction, build));
}

const knownFlags: Readonly<Record<InstructionName, readonly string[]>> = {
  ARG: [],
  // Which machine carries a stage out makes no difference to its files: here it is this one.
  FROM: ["platform"],
  WORKDIR: [],
  COPY: ["from"],
  // A cache between builds: this machine's own stands in for it.
  RUN: ["mount"],
  ENV: [],
  LABEL: [],
  EXPOSE: [],
  USER: [],
  HEALTHCHECK: ["interval", "timeout", "start-period", "retries"],
  ENTRYPOINT: [],
  CMD: [],
};

function begin({ stages, globals }: Build, { line, text }: Instruction, root: string): void {
  const [image, as, name = `${stages.length}`] = words(text);
  if (image === undefined || (as !== undefined && as.toUpperCase() !== "AS"))
    throw new DockerfileError(line, `FROM ${text}: expected FROM image, or FROM image AS name`);
  const base = expand(line, image, globals);
  if (stages.some((stage) => stage.name === base))
    throw new DockerfileError(line, `FROM ${base}: a stage on top of another is not carried out here`);
  mkdirSync(root, { recursive: true });
  stages.push(newStage(name, base, root));
}

function finish({ stages }: Build, { dockerfile, into, target }: Assembly): Image {
  const stage = stages.at(-1);
  if (stage === undefined || (target !== undefined && stage.name !== target))
    throw new Error(`${dockerfile} has no ${target === undefined ? "FROM" : `stage '${target}'`}`);
  renameSync(stage.root, rootOf(into));
  rmSync(join(into, "stages"), { recursive: true, force: true });
  seal(rootOf(into));
  const { base, env, workdir, user, ports, labels, entrypoint, command, healthcheck } = stage;
  return saveImage(into, { base, env, workdir, user, ports, labels, entrypoint, command, healthcheck });
}
