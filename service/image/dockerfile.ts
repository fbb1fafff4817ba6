/** A Dockerfile's lines, read. What this knows of the language is what `service/Dockerfile` uses; the rest is refused. */

export const instructionNames = [
  "ARG",
  "FROM",
  "WORKDIR",
  "COPY",
  "RUN",
  "ENV",
  "LABEL",
  "EXPOSE",
  "USER",
  "HEALTHCHECK",
  "ENTRYPOINT",
  "CMD",
] as const;
export type InstructionName = (typeof instructionNames)[number];

export interface Instruction {
  /** Of its first word in the file. */
  readonly line: number;
  readonly name: InstructionName;
  /** `--from=build` is `from`: `build`. */
  readonly flags: Readonly<Record<string, string>>;
  readonly text: string;
}

export class DockerfileError extends Error {
  constructor(line: number, problem: string) {
    super(`Dockerfile:${line}: ${problem}`);
    this.name = "DockerfileError";
  }
}

export function readDockerfile(text: string): readonly Instruction[] {
  const instructions: Instruction[] = [];
  let begun: { readonly line: number; readonly parts: string[] } | undefined;
  for (const [index, raw] of text.split("\n").entries()) {
    const content = raw.trim();
    // Also between the lines of one instruction.
    if (content === "" || content.startsWith("#")) continue;
    begun ??= { line: index + 1, parts: [] };
    begun.parts.push(content.endsWith("\\") ? content.slice(0, -1).trim() : content);
    if (content.endsWith("\\")) continue;
    instructions.push(instruction(begun.line, begun.parts.join(" ")));
    begun = undefined;
  }
  if (begun !== undefined) throw new DockerfileError(begun.line, "ends in the middle: nothing follows its last '\\'");
  return instructions;
}

function instruction(line: number, whole: string): Instruction {
  const [, word = "", rest = ""] = /^(\S+)\s*(.*)$/s.exec(whole) ?? [];
  const name = instructionNames.find((known) => known === word.toUpperCase());
  if (name === undefined)
    throw new DockerfileError(line, `${word} is not carried out here; expected one of ${instructionNames.join(", ")}`);
  const flags: Record<string, string> = {};
  let text = rest;
  for (let flag = flagAt(text); flag !== undefined; flag = flagAt(text)) {
    flags[flag.name] = flag.value;
    text = flag.rest;
  }
  return { line, name, flags, text };
}

function flagAt(text: string) {
  const [, name, value, rest] = /^--([a-z-]+)=(\S*)\s*(.*)$/s.exec(text) ?? [];
  return name === undefined || value === undefined || rest === undefined ? undefined : { name, value, rest };
}

/** `$NAME` and `${NAME}`. Docker takes an unknown one as empty; here it is a mistake. */
export function expand(line: number, text: string, known: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\{([^}]*)\}|(\w+))/g, (_, braced: string | undefined, plain: string | undefined) => {
    const name = braced ?? plain ?? "";
    const value = known[name];
    if (value === undefined) throw new DockerfileError(line, `$${name} is not set: no ARG or ENV before says it`);
    return value;
  });
}

/** Words, of which a part may stand in double quotes. */
export const words = (text: string): readonly string[] =>
  (text.match(/(?:"[^"]*"|[^\s"])+/g) ?? []).map((word) => word.replaceAll('"', ""));

/** `NAME=value OTHER="two words"` */
export function pairs(line: number, text: string): readonly (readonly [name: string, value: string])[] {
  return words(text).map((word) => {
    const at = word.indexOf("=");
    if (at < 1) throw new DockerfileError(line, `'${word}': expected NAME=value`);
    return [word.slice(0, at), word.slice(at + 1)];
  });
}

/** `["a", "b"]`: a program and its words, without a shell. */
export function list(line: number, text: string): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(text);
    if (Array.isArray(parsed) && parsed.every((item) => typeof item === "string")) return parsed;
  } catch {}
  throw new DockerfileError(line, `${text}: expected a list such as ["node", "main.js"]`);
}
