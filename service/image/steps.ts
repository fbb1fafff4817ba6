import { mkdirSync } from "node:fs";
import { posix } from "node:path";
import { copy } from "./copy.js";
import { DockerfileError, expand, type Instruction, type InstructionName, list, pairs, words } from "./dockerfile.js";
import { run } from "./shell.js";
import { type Build, expanded, placeIn, type Stage } from "./stage.js";

type Step = (stage: Stage, instruction: Instruction, build: Build) => void | Promise<void>;

/** What each line of a stage does. */
export const steps: { readonly [Name in Exclude<InstructionName, "FROM">]: Step } = {
  ARG: (stage, instruction, build) => {
    Object.assign(stage.args, declared(instruction, build));
  },
  ENV: (stage, { line, text }) => {
    Object.assign(stage.env, Object.fromEntries(pairs(line, expanded(stage, line, text))));
  },
  LABEL: (stage, { line, text }) => {
    Object.assign(stage.labels, Object.fromEntries(pairs(line, expanded(stage, line, text))));
  },
  EXPOSE: (stage, { text }) => {
    stage.ports.push(...words(text).map(Number));
  },
  USER: (stage, { line, text }) => {
    stage.user = expanded(stage, line, text);
  },
  WORKDIR: (stage, { line, text }) => {
    stage.workdir = posix.resolve(stage.workdir, expanded(stage, line, text));
    mkdirSync(placeIn(stage, "."), { recursive: true });
  },
  COPY: copy,
  RUN: run,
  HEALTHCHECK: (stage, { line, text }) => {
    if (!text.startsWith("CMD ")) throw new DockerfileError(line, `HEALTHCHECK ${text}: expected CMD and a list`);
    stage.healthcheck = list(line, text.slice("CMD ".length));
  },
  ENTRYPOINT: (stage, { line, text }) => {
    stage.entrypoint = list(line, text);
  },
  CMD: (stage, { line, text }) => {
    stage.command = list(line, text);
  },
};

/** `ARG NAME=default`: what is given wins, then the default, then an ARG of that name before the first FROM. */
export function declared({ line, text }: Instruction, { given, globals }: Build): Readonly<Record<string, string>> {
  const [name = "", fallback] = text.split(/=(.*)/s);
  const value = given[name] ?? (fallback === undefined ? globals[name] : expand(line, fallback, globals));
  return value === undefined ? {} : { [name]: value };
}
