import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { needs } from "../needs/index.js";
import { bound, type Node, schedule } from "../order.js";
import type { StackOptions, State } from "../support/stack.js";
import { type Ground, openGround, Trial } from "../support/trial.js";
import { cases } from "./cases/index.js";

/** What an order may cost beyond what the cloud itself demands. */
const MOST = 1.05;

interface Planned extends StackOptions {
  readonly secretNames: readonly string[];
}

const clouds = Object.entries(cases).filter(([, { guarded }]) => guarded !== undefined);

const stacks: Readonly<Record<string, Planned>> = {
  ...Object.fromEntries(
    clouds.flatMap(([cloud]) => [
      [
        `prod on ${cloud}`,
        { stack: "prod", serving: true, settings: { cloud }, secretNames: ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"] },
      ],
      // Without replicas of the database the cluster takes longest.
      [
        `staging on ${cloud}`,
        { stack: "staging", serving: true, settings: { cloud }, secretNames: ["OPENAI_API_KEY"] },
      ],
    ]),
  ),
  "dev on local": { stack: "dev", serving: true, secretNames: ["OPENAI_API_KEY"] },
};

const architecture = readFileSync(join(import.meta.dirname, "../../../docs/architecture.md"), "utf8");

/** The graph as the engine recorded it: all that a resource waited for, said or inherited. Sorted, for ties. */
const graphOf = ({ resources }: State): readonly Node[] =>
  [...resources].sort(byUrn).map(({ urn, type, inputs = {}, ...rest }) => ({
    urn,
    type,
    inputs,
    after: [
      ...(rest.dependencies ?? []).flatMap((one) => [one, ...heldBy(one, resources)]),
      ...Object.values(rest.propertyDependencies ?? {}).flat(),
      ...(rest.parent === undefined ? [] : [rest.parent]),
      ...(rest.provider === undefined ? [] : [rest.provider.slice(0, rest.provider.lastIndexOf("::"))]),
    ].sort(),
  }));

/** A chart is there once all that it holds is. */
const heldBy = (urn: string, resources: State["resources"]): readonly string[] =>
  urn.includes("kubernetes:helm.sh/v4:Chart::")
    ? resources.filter(({ parent }) => parent === urn).map((held) => held.urn)
    : [];

const byUrn = (a: { readonly urn: string }, b: { readonly urn: string }): number => (a.urn < b.urn ? -1 : 1);

/** What takes long on the critical path, as docs/architecture.md draws it. */
function drawn(nodes: readonly Node[]): string {
  const types = new Map(nodes.map(({ urn, type }) => [urn, type]));
  const long = schedule(nodes).critical.filter(({ began, ended }) => ended - began >= 0.1);
  return long
    .map(({ urn, began, ended }) => {
      const kind = types.get(urn)?.split(":").at(-1) ?? "";
      // A migration is another one for each image.
      const name = (urn.split("::").at(-1) ?? "").replace(/-migrate-[0-9a-f]{10}$/, "-migrate");
      return `    ${kind} ${name} :${Math.round(began * 60)}, ${Math.round(ended * 60)}`;
    })
    .join("\n");
}

describe("the order of the first up", () => {
  let ground: Ground;
  before(async () => {
    ground = await openGround();
  });
  after(async () => {
    await ground?.close();
  });

  // Clouds of the same prefix share the API server, and a class of disks is nobody else's on each.
  beforeEach(() => ground.cluster.reset());

  for (const [title, options] of Object.entries(stacks)) {
    it(`of ${title} is as good as any`, async () => {
      const trial = await Trial.open(ground, options);
      try {
        const up = await trial.stack.up();
        assert.equal(up.code, 0, up.output);
        const nodes = graphOf(trial.stack.state());
        const { minutes } = schedule(nodes);
        const least = bound(nodes, needs);
        const path = drawn(nodes);
        console.log(`      ${minutes.toFixed(1)} minutes, at least ${least.toFixed(1)}:\n${path}`);
        assert.ok(least > 1, "nothing takes long here");
        assert.ok(minutes <= least * MOST, `${minutes} minutes where ${least} would do:\n${path}`);
        assert.ok(architecture.includes(path), `docs/architecture.md draws another critical path than\n${path}`);
      } finally {
        await trial.close();
      }
    });
  }
});
