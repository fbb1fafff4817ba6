import type { CloudName } from "../config/names.js";
import { listed, type PersonError } from "../config/problems.js";
import type { Fact } from "../providers/contract.js";
import { type Capability, support } from "../providers/support.js";
import { inColumns, type Row } from "./columns.js";
import { byRow, byTitle, isMade, type Part, partsOf } from "./parts.js";
import type { Plan } from "./plan.js";
import { WIDTH, wrapped } from "./summary.js";

/** The same settings on one cloud: a plan, or why there is none. */
export type Outcome =
  | { readonly cloud: CloudName; readonly plan: Plan }
  | { readonly cloud: CloudName; readonly error: PersonError };

interface Column {
  readonly cloud: CloudName;
  readonly plan: Plan;
  readonly parts: ReadonlyMap<string, Part>;
}

/** The same settings side by side: a block for each part, a column for each cloud, then what differs and why. */
export function planAsComparison(stack: string, outcomes: readonly Outcome[]): string {
  const columns = outcomes.flatMap((outcome) => ("plan" in outcome ? [columnOf(outcome)] : []));
  const clouds = outcomes.map(({ cloud }) => cloud);
  return [
    `${stack}: the same settings on ${listed(clouds, "and")}`,
    ...outcomes.flatMap((outcome) => ("error" in outcome ? misfit(outcome) : [])),
    ...(columns.length === 0 ? [] : [...blocks(columns), ...reasons(columns), ...beforeUp(columns)]),
  ]
    .join("\n")
    .concat("\n");
}

const columnOf = ({ cloud, plan }: { readonly cloud: CloudName; readonly plan: Plan }): Column => ({
  cloud,
  plan,
  parts: new Map(partsOf(plan).map((part) => [part.title, part])),
});

const misfit = ({ cloud, error }: { readonly cloud: CloudName; readonly error: PersonError }): readonly string[] => [
  "",
  `${cloud}: the settings do not fit`,
  ...error.message.split("\n").map((line) => `  ${line}`),
];

function blocks(columns: readonly Column[]): readonly string[] {
  const titles = [...new Set(columns.flatMap(({ parts }) => [...parts.keys()]))].sort(byTitle);
  return [
    ...block("stack", columns, stackRows(columns)),
    ...titles.flatMap((title) => block(title, columns, partRows(title, columns))),
  ];
}

function block(title: string, columns: readonly Column[], rows: readonly Row[]): readonly string[] {
  const head = { label: "", cells: columns.map(({ cloud }) => cloud) };
  return ["", `${title} `.padEnd(WIDTH, "─"), ...inColumns([head, ...rows], columns.length, WIDTH)];
}

function stackRows(columns: readonly Column[]): readonly Row[] {
  const row = (label: string, tell: (plan: Plan) => string | undefined): Row => ({
    label,
    cells: columns.map(({ plan }) => tell(plan)),
  });
  return [
    row("size", ({ settings }) => `${settings.size}, environment ${settings.environment}`),
    row("region", ({ settings }) => (settings.cloud === "local" ? undefined : settings.region)),
    row("zones", ({ settings }) => (settings.zones.length === 0 ? undefined : settings.zones.join(", "))),
    row("resources", ({ resources }) => String(resources.filter(isMade).length)),
    row("protected", ({ resources }) => String(resources.filter(({ protect }) => protect).length)),
  ];
}

/** A part that tells nothing to compare by says what it becomes. */
function partRows(title: string, columns: readonly Column[]): readonly Row[] {
  const parts = columns.map((column) => column.parts.get(title));
  const row = (label: string, tell: (part: Part) => string | undefined): Row => ({
    label,
    cells: parts.map((part) => (part === undefined ? undefined : tell(part))),
  });
  const facts = [...new Set(parts.flatMap((part) => [...(part?.facts.keys() ?? [])]))].sort(byRow);
  const rows = [
    row("mode", ({ mode }) => mode),
    ...facts.map((fact: Fact) => row(fact, (part) => part.facts.get(fact))),
    ...(facts.length > 0 ? [] : [row("becomes", ({ becomes }) => becomes.join("; "))]),
  ].filter(({ cells }) => cells.some((cell) => cell !== undefined && cell !== ""));
  return rows.length > 0 ? rows : [row("made", () => "nothing")];
}

/** Refusals and lowered values: what the table of support says, and what each plan warns of. */
function reasons(columns: readonly Column[]): readonly string[] {
  const [first, ...others] = columns;
  const shared =
    first === undefined || others.length === 0
      ? []
      : first.plan.warnings.filter((warning) => others.every(({ plan }) => plan.warnings.includes(warning)));
  const own = columns.flatMap((column) => {
    const warnings = column.plan.warnings.filter((warning) => !shared.includes(warning));
    return told(column.cloud, [...refusals(column, columns), ...warnings]);
  });
  const lines = [...told("every cloud", shared), ...own];
  return lines.length === 0 ? [] : ["", "What differs, and why", ...lines];
}

const told = (who: string, texts: readonly string[]): readonly string[] =>
  texts.length === 0 ? [] : [`  ${who}`, ...texts.flatMap((text) => wrapped(text, WIDTH - 6, "    ! ", "      "))];

/** Why a part comes to be in another way here than elsewhere, or not at all. */
function refusals({ cloud, plan, parts }: Column, columns: readonly Column[]): readonly string[] {
  const everywhere = new Map(columns.flatMap((column) => [...column.parts]));
  return [...everywhere.values()].flatMap(({ title, setting }) => {
    if (setting === undefined) return [];
    const mode = parts.get(title)?.mode;
    const elsewhere = new Set(columns.flatMap((column) => column.parts.get(title)?.mode ?? []));
    return [...elsewhere].flatMap((other) => {
      const answer = other === mode ? true : supportOf(`${setting}.${other}`, cloud);
      if (answer === true || plan.warnings.some((warning) => warning.includes(answer.reason))) return [];
      return [
        mode === undefined ? `no ${title}: ${answer.reason}` : `${title} is ${mode}, not ${other}: ${answer.reason}`,
      ];
    });
  });
}

const supportOf = (capability: string, cloud: CloudName) =>
  Object.hasOwn(support, capability) ? support[capability as Capability][cloud] : true;

function beforeUp(columns: readonly Column[]): readonly string[] {
  const commands = [...new Set(columns.flatMap(({ plan }) => plan.beforeUp))];
  return commands.length === 0 ? [] : ["", "Before up", ...commands.map((command) => `  ${command}`)];
}
