import type { CloudName } from "../../config/names.js";
import type { Plan } from "../../plan/plan.js";
import type { RecordedResource } from "../../plan/record.js";
import { awsStack, settingsOf } from "../support/settings.js";
import { planOf } from "../support/stacks.js";

const ROOT = "urn:pulumi:test::agent-platform::";
const platform = "agent-platform:index:Platform";

type Given = Partial<RecordedResource> & Pick<RecordedResource, "type" | "name">;

/** A recorded resource of which only what matters is said. `under` is its parent. */
export function resource(given: Given, under?: RecordedResource): RecordedResource {
  const chain = under === undefined ? "" : `${under.urn.split("::")[2]}$`;
  return {
    urn: `${ROOT}${chain}${given.type}::${given.name}`,
    parent: under?.urn,
    custom: !given.type.startsWith("agent-platform:"),
    read: false,
    inputs: {},
    secretInputs: [],
    dependsOn: [],
    propertyDependencies: {},
    protect: false,
    retainOnDelete: false,
    deletedWith: undefined,
    ignoreChanges: [],
    replaceOnChanges: [],
    aliases: [],
    deleteBeforeReplace: false,
    customTimeouts: {},
    provider: undefined,
    ...given,
  };
}

export const root = resource({ type: platform, name: "agents-development" });

/** A plan of a few resources, in the order of their URNs as in a real one. */
export const planOfFew = (resources: readonly RecordedResource[], rest: Partial<Plan> = {}): Plan => ({
  stack: "test",
  settings: settingsOf(awsStack),
  resources: [root, ...resources].sort((a, b) => (a.urn < b.urn ? -1 : 1)),
  outputs: {},
  warnings: [],
  beforeUp: [],
  ...rest,
});

const made = new Map<CloudName, Promise<Plan>>();

/** The stack prod on a cloud, planned once for all tests: nobody changes a plan. Await one before the next is asked for. */
export function prodOn(cloud: CloudName): Promise<Plan> {
  const plan = made.get(cloud) ?? planOf("prod", [`cloud=${cloud}`]);
  made.set(cloud, plan);
  return plan;
}
