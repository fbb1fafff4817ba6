import { counted } from "../config/problems.js";
import { type Change, type Changes, changesOf, type Earlier, isPlace } from "./changes.js";
import type { Difference } from "./differences.js";
import type { Plan } from "./plan.js";
import { WIDTH, wrapped } from "./summary.js";

/** What changes between a plan that was made before and this one: what would lose data first. */
export function planAsChanges(earlier: Earlier, plan: Plan): string {
  const changes = changesOf(earlier, plan);
  const { deleted, replaced, changed, made, same } = changes;
  const total = deleted.length + replaced.length + changed.length + made.length + changes.moved.length;
  const head = `${plan.stack}: this plan against ${earlier.file}${earlier.stack === plan.stack ? "" : `, of the stack ${earlier.stack}`}`;
  if (total === 0) return `${head}\nno change\n`;
  const lines = [
    head,
    ...loud(earlier, plan, changes),
    "",
    `${deleted.length} deleted, ${replaced.length} replaced, ${changed.length} changed, ${made.length} made, ${same} the same`,
    ...section("DELETED, AND WITH IT", deleted.filter(holdsData), lossOf),
    ...section("REPLACED BY AN EMPTY ONE", replaced.filter(holdsData), lossOf),
    ...section("Replaced", replaced.filter(holdsNone), plainly),
    ...section("Deleted", deleted.filter(holdsNone), plainly),
    ...section("Changed", changed),
    ...section("Made", made),
    "",
    ...wrapped(NOT_SEEN, WIDTH, "", ""),
  ];
  return `${lines.join("\n")}\n`;
}

const NOT_SEEN =
  "Values of secrets, and what only a real account could tell, are not compared. A change that a provider cannot make in place may be a replacement all the same, and what depends on a replaced one may go with it: pulumi preview says so.";

const holdsData = ({ keeps, stays }: Change): boolean => keeps !== undefined && !stays;
const holdsNone = (change: Change): boolean => !holdsData(change);

function loud({ cloud }: Earlier, { settings }: Plan, { deleted, replaced, moved }: Changes): readonly string[] {
  const lost = [...deleted, ...replaced].filter(holdsData);
  const locked = lost.filter(({ protect }) => protect).length;
  const isSwitch = cloud !== settings.cloud;
  const lines = [
    ...(isSwitch
      ? [`another cloud, ${cloud} -> ${settings.cloud}: nothing moves by itself, all is deleted and made`]
      : []),
    ...moved.map(
      ({ name, differences: found }) =>
        `the provider ${name} would look elsewhere${placeOf(found)}: what it has made does not move`,
    ),
    ...(lost.length === 0
      ? []
      : [`${counted(lost.length, "resource")} with data, or with the key to it, would be lost`]),
    ...(locked === 0 ? [] : [`protected, so that pulumi preview stops there: ${locked} of ${lost.length}`]),
  ];
  return [
    ...(lines.length === 0 ? [] : [""]),
    ...lines.flatMap((line) => wrapped(line, WIDTH - 3, "!! ", "   ")),
    ...(isSwitch || moved.length > 0 ? ["   the road that loses nothing: docs/switching-clouds.md"] : []),
  ];
}

const placeOf = (found: readonly Difference[]): string => {
  const place = found.find(isPlace);
  return place === undefined ? "" : ` (${place.path}: ${shown(place.before)} -> ${shown(place.after)})`;
};

function section(
  title: string,
  changes: readonly Change[],
  note: (change: Change) => readonly string[] = () => [],
): readonly string[] {
  if (changes.length === 0) return [];
  return [
    "",
    `${title} (${changes.length})`,
    ...changes.flatMap((change) => [
      `  ${change.type}  ${change.name}`,
      ...note(change).map((text) => `      ${text}`),
      ...change.differences.flatMap(({ path, before, after }) =>
        wrapped(`${path}: ${shown(before)} -> ${shown(after)}`, WIDTH - 6, "      ", "        "),
      ),
    ]),
  ];
}

const lossOf = ({ keeps, protect }: Change): readonly string[] => [
  `${keeps}${protect ? "; protected: pulumi preview stops on it" : "; NOT protected"}`,
];
const plainly = ({ stays, protect }: Change): readonly string[] => [
  ...(stays ? ["stays in the account, outside of the stack"] : []),
  ...(protect ? ["protected: pulumi preview stops on it"] : []),
];

const MOST_SHOWN = 60;

/** A value in a line. Secrets are masked before they come here. */
function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const line = text.replace(/\s+/g, " ");
  return line.length <= MOST_SHOWN ? line : `${line.slice(0, MOST_SHOWN)}...`;
}
