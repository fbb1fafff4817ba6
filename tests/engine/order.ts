import { minutesOf } from "./minutes/index.js";
import type { Props } from "./providers/serve.js";

/** A resource of the graph that the engine recorded. */
export interface Node {
  readonly urn: string;
  readonly type: string;
  readonly inputs: Props;
  /** Whatever the engine waits for before it makes this one. */
  readonly after: readonly string[];
}

export interface Step {
  readonly urn: string;
  readonly began: number;
  readonly ended: number;
}

/** When each resource would be done if only the graph made it wait, and the chain that takes longest. */
export function schedule(nodes: readonly Node[]): { readonly minutes: number; readonly critical: readonly Step[] } {
  const byUrn = new Map(nodes.map((node) => [node.urn, node]));
  const steps = new Map<string, Step & { readonly before: string | undefined }>();
  const stepOf = (urn: string, waiting: readonly string[] = []): Step => {
    const known = steps.get(urn);
    if (known !== undefined) return known;
    if (waiting.includes(urn)) throw new Error(`a circle: ${[...waiting, urn].join(" -> ")}`);
    const node = byUrn.get(urn);
    if (node === undefined) return { urn, began: 0, ended: 0 };
    const last = latest(node.after.map((one) => stepOf(one, [...waiting, urn])));
    const began = last?.ended ?? 0;
    const step = { urn, began, ended: began + minutesOf(node.type, "create", node.inputs), before: last?.urn };
    steps.set(urn, step);
    return step;
  };
  const end = latest(nodes.map(({ urn }) => stepOf(urn)));
  const critical: Step[] = [];
  for (let urn = end?.urn; urn !== undefined; urn = steps.get(urn)?.before) {
    const { began, ended } = stepOf(urn);
    critical.unshift({ urn, began, ended });
  }
  return { minutes: end?.ended ?? 0, critical };
}

const latest = (steps: readonly Step[]): Step | undefined =>
  steps.reduce<Step | undefined>(
    (last, step) => (last === undefined || step.ended > last.ended ? step : last),
    undefined,
  );

/** A kind of resource that another one cannot do without; `which` where not every one of the type is meant. */
export interface Need {
  readonly type: string;
  readonly which?: (inputs: Props) => boolean;
}
export type Needs = Readonly<Record<string, (inputs: Props) => readonly Need[]>>;

/**
 * The shortest time that any order could take: each resource waits for nothing but the first of each kind that the cloud
 * itself demands. No program is faster, whatever it depends on.
 */
export function bound(nodes: readonly Node[], needs: Needs): number {
  const known = new Map<Node, number>();
  const endOf = (node: Node): number => {
    const before = known.get(node);
    if (before !== undefined) return before;
    const starts = (needs[node.type]?.(node.inputs) ?? []).map(({ type, which = () => true }) => {
      const ends = nodes.filter((one) => one.type === type && which(one.inputs)).map(endOf);
      return ends.length === 0 ? 0 : Math.min(...ends);
    });
    const end = Math.max(0, ...starts) + minutesOf(node.type, "create", node.inputs);
    known.set(node, end);
    return end;
  };
  return Math.max(0, ...nodes.map(endOf));
}
