import { beside } from "./columns.js";
import { countOf, isMade, partsOf } from "./parts.js";
import type { Plan } from "./plan.js";

export const WIDTH = 80;
const PART_WIDTH = 18;
const COUNT_WIDTH = 5;
const BODY_WIDTH = WIDTH - PART_WIDTH - COUNT_WIDTH;

/** What a person reads in one screen: the parts and what each becomes, outputs, warnings, and what to do next. */
export function planAsSummary(plan: Plan): string {
  return [
    ...heading(plan),
    "",
    `${"part".padEnd(PART_WIDTH)}${"becomes".padEnd(BODY_WIDTH - 4)}resources`,
    ...partLines(plan),
    "",
    counts(plan),
    ...section("Outputs", outputLines(plan)),
    ...section(
      "Warnings",
      plan.warnings.flatMap((warning) => wrapped(warning, WIDTH - 4, "  ! ", "    ")),
    ),
    ...section(
      "Before up",
      plan.beforeUp.map((command) => `  ${command}`),
    ),
    ...section("Next", nextLines(plan)),
  ]
    .join("\n")
    .concat("\n");
}

function heading({ stack, settings }: Plan): string[] {
  const zones = settings.zones.length === 0 ? "" : `, ${settings.zones.length} zones`;
  const where = settings.cloud === "local" ? "" : ` in ${settings.region}${zones}`;
  const locks = settings.deletionProtection ? "data is protected" : "nothing is protected";
  return [
    `${stack}: ${settings.prefix} on ${settings.cloud}${where}`,
    `size ${settings.size}, environment ${settings.environment}, ${locks}`,
  ];
}

function partLines(plan: Plan): string[] {
  return partsOf(plan).flatMap((part) => {
    const becomes = wrapped(part.becomes.join("; "), BODY_WIDTH, "", "");
    const [first = "", ...rest] = beside(part.title, [becomes], BODY_WIDTH, PART_WIDTH);
    return [`${first.padEnd(PART_WIDTH + BODY_WIDTH)}${String(countOf(part)).padStart(COUNT_WIDTH)}`, ...rest];
  });
}

function counts({ resources }: Plan): string {
  const made = resources.filter(isMade);
  const read = resources.filter((resource) => resource.read);
  const locked = made.filter((resource) => resource.protect);
  return `${made.length} resources to make, ${read.length} to read, ${locked.length} protected`;
}

function outputLines({ outputs }: Plan): string[] {
  return wrapped(Object.keys(outputs).join(", "), WIDTH - 2, "  ", "  ");
}

function nextLines({ stack, settings, beforeUp }: Plan): string[] {
  const other = settings.cloud === "local" ? "aws" : "local";
  const rows = [
    [`npm run plan -- --stack ${stack} --all`, "every resource, as a tree"],
    // A standby follows a database that only its own cloud can reach.
    ...(settings.standby === undefined
      ? [[`npm run plan -- --stack ${stack} --cloud ${other}`, "the same stack elsewhere"]]
      : []),
    ...(beforeUp.length > 0 ? [] : [[`pulumi up --stack ${stack}`, "the real thing"]]),
  ];
  const width = Math.max(...rows.map(([command = ""]) => command.length));
  return rows.map(([command = "", what]) => `  ${command.padEnd(width)}  ${what}`);
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ["", title, ...lines];

/** Words in lines no longer than `width`; what has no space in it stays whole. */
export function wrapped(text: string, width: number, first: string, next: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one, index) => (index === 0 ? first : next) + one);
}
