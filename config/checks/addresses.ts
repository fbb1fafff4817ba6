import { format, overlap, parseCidr, type Range } from "../cidr.js";
import type { CloudName } from "../names.js";
import { listed } from "../problems.js";
import type { SettingsOfSchema } from "../schema.js";
import type { Path } from "../walk.js";
import { type Check, isSaid, set, written } from "./finding.js";

const privateBlocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** Carrier-grade NAT: a network may use it, the addresses of Services may not. */
const sharedBlock = "100.64.0.0/10";

interface RangeRule {
  readonly path: Path;
  readonly text: string;
  readonly smallest: number;
  readonly largest: number;
  readonly blocks: readonly string[];
  /** Those that the cloud has taken. */
  readonly taken: readonly string[];
  /** Ranges that would do, of which the first that is free is proposed. */
  readonly examples: readonly string[];
}

/** Ranges that a cloud, or what runs on it, uses itself. */
const reserved: Readonly<Record<CloudName, readonly string[]>> = {
  aws: [],
  // Docker's own bridge on machines of Google's, those of Cloud SQL among them.
  gcp: ["172.17.0.0/16"],
  // https://learn.microsoft.com/azure/aks/concepts-network-ip-address-planning
  azure: ["169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24"],
  local: [],
};

function rangeRules({ network, cluster, cloud }: SettingsOfSchema): readonly RangeRule[] {
  const taken = reserved[cloud];
  const rules: RangeRule[] = [];
  if (network.mode === "managed") {
    rules.push({
      path: ["network", "cidr"],
      text: network.cidr,
      smallest: 22,
      largest: 16,
      blocks: [...privateBlocks, sharedBlock],
      taken,
      examples: ["10.0.0.0/16", "10.128.0.0/16", "192.168.0.0/16"],
    });
  }
  if (cluster.mode === "managed") {
    rules.push({
      path: ["cluster", "serviceCidr"],
      text: cluster.serviceCidr,
      smallest: 24,
      largest: 12,
      blocks: privateBlocks,
      taken,
      examples: ["172.20.0.0/16", "10.100.0.0/16", "192.168.0.0/16"],
    });
    // On AWS pods have addresses of the network.
    if (cloud !== "aws") {
      rules.push({
        path: ["cluster", "podCidr"],
        text: cluster.podCidr,
        smallest: 20,
        largest: 10,
        blocks: [...privateBlocks, sharedBlock],
        taken,
        examples: ["100.64.0.0/14", "10.64.0.0/14", "172.16.0.0/15"],
      });
    }
  }
  return rules;
}

export const ranges: Check = (settings, context, found) => {
  const rules = rangeRules(settings);
  const freeOf = (others: readonly Range[], examples: readonly string[]): string | undefined =>
    examples.find((example) => !others.some((other) => overlap(other, parseCidr(example))));
  const good = rules.flatMap((rule) => {
    const others = rules.flatMap((other) => (other === rule ? [] : (readRange(other.text).range ?? [])));
    const free = freeOf(others, rule.examples) ?? rule.examples[0];
    const { range, repaired, what, expected } = fitting(rule);
    if (range !== undefined) return [{ ...rule, range }];
    const fits = repaired !== undefined && freeOf(others, [repaired]) !== undefined;
    found.problem(rule.path, what, expected, set(context, rule.path, fits ? repaired : free));
    return [];
  });
  for (const [index, first] of good.entries()) {
    for (const second of good.slice(index + 1).filter(({ range }) => overlap(first.range, range))) {
      // The one that the stack says is the one to change; where both are said, the first.
      const [change, keep] =
        isSaid(context, second.path) && !isSaid(context, first.path) ? [second, first] : [first, second];
      const others = good.flatMap((other) => (other === change ? [] : other.range));
      found.problem(
        change.path,
        `${change.text} overlaps ${written(context, keep.path)} ${keep.text}`,
        "ranges that do not overlap",
        set(context, change.path, freeOf(others, change.examples)),
      );
    }
  }
};

/** A range that a rule takes, or what is wrong with it and what it could be instead. */
function fitting({ text, smallest, largest, blocks, taken }: RangeRule): {
  readonly range?: Range;
  readonly repaired?: string;
  readonly what: string;
  readonly expected: string;
} {
  const { range, what, repaired } = readRange(text);
  if (range === undefined) {
    return { what, expected: "an IPv4 range like 10.0.0.0/16", ...(repaired === undefined ? {} : { repaired }) };
  }
  const outer = blocks.map(parseCidr).find((block) => range.bits >= block.bits && overlap(block, range));
  if (outer === undefined) return { what: `${text} is not private`, expected: `a range in ${listed(blocks)}` };
  const inTheWay = taken.find((one) => overlap(parseCidr(one), range));
  if (inTheWay !== undefined) {
    return { what: `${text} overlaps ${inTheWay}, which the cloud uses itself`, expected: "a range that is free" };
  }
  if (range.bits >= largest && range.bits <= smallest) return { range, what: "", expected: "" };
  const bits = Math.max(outer.bits, Math.min(smallest, Math.max(largest, range.bits)));
  const repairedTo = format({ first: range.first - (range.first % 2 ** (32 - bits)), bits });
  return { what: `${text} is a /${range.bits}`, expected: `/${largest} to /${smallest}`, repaired: repairedTo };
}

export function readRange(text: string): { readonly range?: Range; readonly what: string; readonly repaired?: string } {
  try {
    return { range: parseCidr(text), what: "" };
  } catch (error) {
    const what = (error as Error).message;
    const repaired = /: (\S+) does$/.exec(what)?.[1];
    return { what, ...(repaired === undefined ? {} : { repaired }) };
  }
}
