import type { State, StateResource } from "../../engine/support/stack.js";
import { type Row, rank } from "../flat.js";

/** A secret in a state that was exported with its secrets open. */
const SIG = "4dabf18193072939515e22adb298388d";
interface OpenSecret {
  readonly plaintext: string;
}

const isSecret = (value: unknown): value is OpenSecret => typeof value === "object" && value !== null && SIG in value;

/** Without secret marks, and without what the provider added: a name it made up, notes of its own. */
function opened(value: unknown): unknown {
  if (isSecret(value)) return opened(JSON.parse(value.plaintext));
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== "object" || value === null) return value;
  const { __defaults: added, ...map } = value as Record<string, unknown>;
  const theirs: readonly unknown[] = Array.isArray(added) ? added : [];
  return Object.fromEntries(
    Object.entries(map)
      .filter(([key]) => key !== "__internal" && !theirs.includes(key))
      .map(([key, one]) => [key, opened(one)]),
  );
}

const holdsSecret = (value: unknown): boolean =>
  isSecret(value) || (typeof value === "object" && value !== null && Object.values(value).some(holdsSecret));

const isProvider = ({ type }: { readonly type: string }): boolean => type.startsWith("pulumi:providers:");

/** A provider's settings are texts in a state: what was not a text is JSON. */
const asGiven = (value: unknown): unknown => (value === "true" || value === "false" ? value === "true" : value);

function inputsOf(resource: StateResource): Record<string, unknown> {
  const inputs = opened(resource.inputs ?? {}) as Record<string, unknown>;
  if (!isProvider(resource)) return inputs;
  const { version: _sdk, ...settings } = inputs;
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, asGiven(value)]));
}

function rowOf(resource: StateResource): Row {
  const { urn, type, dependencies, protect, provider, inputs = {} } = resource;
  return {
    name: urn.split("::").at(-1) ?? "",
    type,
    urn,
    inputs: inputsOf(resource),
    secretInputs: Object.keys(inputs).filter((key) => holdsSecret(inputs[key])),
    read: false,
    custom: true,
    protect: protect ?? false,
    dependsOn: dependencies ?? [],
    provider: provider?.split("::").slice(0, -1).join("::"),
  };
}

/** A stack's state -> what a program without components registers, and the state that it would have had: nothing changes. */
export function flatten(state: State): { readonly rows: readonly Row[]; readonly resources: readonly object[] } {
  const stack = state.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  if (stack === undefined) throw new Error("the state has no stack");
  const own = state.resources.filter(({ custom, external }) => custom && external !== true);
  // As the flat program numbers its names.
  const inOrder = own.toSorted((a, b) => rank(a) - rank(b));
  const urns = new Map(
    inOrder.map(({ urn, type }, index) => {
      const [head = "", name = ""] = [stack.urn.split("::").slice(0, 2).join("::"), urn.split("::").at(-1)];
      return [urn, `${head}::${type}::${name}-${index}`];
    }),
  );
  const positions = new Map(inOrder.map(({ urn }, index) => [urn, index]));
  const moved = inOrder.map(({ deletedWith: _, ...one }, index) => {
    // Providers come first, so that what one of them waited for does not: it has its values already.
    const before = (all: readonly string[]): readonly string[] =>
      all.flatMap((urn) => ((positions.get(urn) ?? index) < index ? (urns.get(urn) ?? []) : []));
    return {
      ...one,
      urn: urns.get(one.urn),
      parent: stack.urn,
      dependencies: before(one.dependencies ?? []),
      propertyDependencies: Object.fromEntries(
        Object.entries(one.propertyDependencies ?? {}).map(([key, all]) => [key, before(all)]),
      ),
      ...(one.provider === undefined ? {} : { provider: providerIn(one.provider, urns) }),
    };
  });
  return { rows: inOrder.map(rowOf), resources: [stack, ...moved] };
}

/** `URN::ID` */
function providerIn(reference: string, urns: ReadonlyMap<string, string>): string {
  const parts = reference.split("::");
  const id = parts.pop() ?? "";
  const urn = urns.get(parts.join("::"));
  if (urn === undefined) throw new Error(`the state has no provider ${reference}`);
  return `${urn}::${id}`;
}
