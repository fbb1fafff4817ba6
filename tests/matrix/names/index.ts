import { type RecordedResource, UNKNOWN } from "../../../plan/record.js";
import { aws } from "./aws.js";
import { azure } from "./azure.js";
import { gcp } from "./gcp.js";
import { kubernetes } from "./kubernetes.js";
import type { NameRule } from "./rule.js";

const clouds = [aws, gcp, azure, kubernetes];
const rules: Readonly<Record<string, NameRule>> = Object.assign({}, ...clouds.map((cloud) => cloud.rules));
const nameless: Readonly<Record<string, string>> = Object.assign({}, ...clouds.map((cloud) => cloud.nameless));

/** Helpers of the program that no service ever sees. */
const unseen = /^(random|time|pulumi):/;

/** What Pulumi adds to a logical name: a hyphen and seven characters, or eight characters. */
const ADDED = "-0a1b2c3";

/** What is wrong with the names of a plan's resources: nothing, as a rule. */
export function nameFaults(resources: readonly RecordedResource[]): readonly string[] {
  const made = resources.filter(({ custom, read, type }) => custom && !read && !unseen.test(type));
  return [
    ...twice(made.map((resource) => `${resource.type} ${resource.name}`)).map((id) => `two are called ${id}`),
    ...twice(made.flatMap(physicalId)).map((id) => `two have the physical name ${id}`),
    ...made.flatMap(faultsOf),
  ];
}

const twice = (ids: readonly string[]): readonly string[] => [
  ...new Set(ids.filter((id, index) => ids.indexOf(id) !== index)),
];

function at(inputs: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], inputs);
}

/** A name that the program gives itself, with what it is unique in. One that hangs on chance is unknown in a plan. */
function givenName({ type, inputs }: RecordedResource): string | undefined {
  const rule = rules[type];
  const name = rule === undefined ? undefined : at(inputs, rule.at);
  return typeof name === "string" ? name : undefined;
}

function physicalId(resource: RecordedResource): readonly string[] {
  const { type, inputs, parent } = resource;
  const name = givenName(resource);
  if (name === undefined || name.includes(UNKNOWN)) return [];
  const { within } = rules[type] ?? {};
  const scope = within === undefined ? "" : at(inputs, within);
  return [`${type} ${name} in ${scope === UNKNOWN ? parent : (scope ?? "")}`];
}

function faultsOf(resource: RecordedResource): readonly string[] {
  const { type, name } = resource;
  const rule = rules[type];
  if (rule === undefined) {
    return Object.hasOwn(nameless, type) ? [] : [`${type} ${name}: nothing is known of its names: tests/matrix/names`];
  }
  const given = givenName(resource);
  if (given?.includes(UNKNOWN)) return [];
  const physical = given ?? `${name}${ADDED}`;
  const wrong = [
    physical.length > rule.max ? `${physical.length} characters, and ${rule.max} is the most` : "",
    physical.length < (rule.min ?? 1) ? `${physical.length} characters, and ${rule.min} is the least` : "",
    rule.pattern.test(physical) ? "" : `not like ${rule.pattern}`,
    rule.reserved?.test(physical) ? `reserved: ${rule.reserved}` : "",
  ].filter((text) => text !== "");
  return wrong.map((text) => `${type} ${physical}: ${text}`);
}
