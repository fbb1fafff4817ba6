import type { SyntaxNode, Tree } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { series, targetLabels } from "../../components/monitoring/metrics/names.js";

/** Labels by series; undefined where nobody says which it has. */
export type Known = ReadonlyMap<string, readonly string[] | undefined>;

/**
 * What an expression names and nobody has: a metric that is in no table and is not recorded, a label that the metric has
 * not. Empty where all is known. Labels that are made on the way (`label_replace`) are looked at nowhere.
 */
export function unknownNames(expr: string, recorded: Known): readonly string[] {
  const tree = parser.parse(expr);
  return [...broken(tree, expr), ...selectors(tree, expr).flatMap((selector) => unknownIn(selector, recorded))];
}

/** Every metric that an expression names. */
export const metricsIn = (expr: string): readonly string[] =>
  selectors(parser.parse(expr), expr).flatMap(({ metric }) => metric ?? []);

interface Selector {
  /** Undefined where it has none, only matchers. */
  readonly metric: string | undefined;
  readonly labels: readonly string[];
  /** By which it is summed up, in the aggregation right around it. */
  readonly grouping: readonly string[];
}

function unknownIn({ metric, labels, grouping }: Selector, recorded: Known): readonly string[] {
  if (metric === undefined) return ["a selector without a metric"];
  const known = recorded.has(metric) ? recorded.get(metric) : series.get(metric);
  if (known === undefined) return recorded.has(metric) ? [] : [metric];
  const has = new Set<string>([...known, ...targetLabels]);
  return [...new Set([...labels, ...grouping])].flatMap((label) => (has.has(label) ? [] : [`${metric}{${label}}`]));
}

function broken(tree: Tree, expr: string): readonly string[] {
  const found: string[] = [];
  tree.iterate({
    enter: (node) => {
      if (node.type.isError) found.push(`no PromQL at ${node.from}: ${expr}`);
    },
  });
  return found;
}

function selectors(tree: Tree, expr: string): readonly Selector[] {
  const found: Selector[] = [];
  tree.iterate({
    enter: ({ node }) => {
      if (node.name === "VectorSelector") found.push(selectorAt(node, expr));
    },
  });
  return found;
}

const textOf = (node: SyntaxNode, expr: string): string => expr.slice(node.from, node.to);

function selectorAt(node: SyntaxNode, expr: string): Selector {
  const metric = node.getChild("Identifier");
  return {
    metric: metric === null ? undefined : textOf(metric, expr),
    labels: namesIn(node.getChild("LabelMatchers"), expr),
    grouping: groupingOf(node, expr),
  };
}

/** Matchers and groupings alike: the first word of each of their parts. */
function namesIn(node: SyntaxNode | null, expr: string): readonly string[] {
  const names: string[] = [];
  node?.cursor().iterate((inner) => {
    if (inner.name === "LabelName") names.push(textOf(inner.node, expr));
  });
  return names;
}

/** `sum by (a, b) (...)` around it. Beyond the first, labels may be made by what is between. */
function groupingOf(node: SyntaxNode, expr: string): readonly string[] {
  for (let around = node.parent; around !== null; around = around.parent) {
    if (around.name === "AggregateExpr") {
      const modifier = around.getChild("AggregateModifier");
      return modifier === null || modifier.getChild("By") === null ? [] : namesIn(modifier, expr);
    }
    const joined = around.getChild("MatchingModifierClause")?.getChild("GroupLeft") != null;
    if ((around.name === "FunctionCall" && textOf(around, expr).startsWith("label_")) || joined) return [];
  }
  return [];
}
