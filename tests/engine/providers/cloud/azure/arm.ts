import type { Props } from "../../serve.js";
import { type Kind, type Need, type Rule, text, type UpdateRule, type View } from "../kind.js";
import { codes } from "./words.js";

/** The only subscription and the only tenant there are. */
export const SUBSCRIPTION = "00000000-0000-0000-0000-000000000000";
export const TENANT = "22222222-2222-2222-2222-222222222222";

export const GROUP = "azure-native:resources:ResourceGroup";

export const groupId = (name: unknown): string => `/subscriptions/${SUBSCRIPTION}/resourceGroups/${name}`;

/** A step of an ARM id: what Azure calls things of the kind, and the input with the name of one. */
export interface Step {
  readonly of: string;
  readonly named: string;
  /** Its resource type, where it is one. */
  readonly type?: string;
}

const path = (steps: readonly Step[], inputs: Props): string =>
  steps.map(({ of, named }) => `${of}/${inputs[named] ?? "default"}`).join("/");

const armId = (namespace: string, steps: readonly Step[], inputs: Props): string =>
  `${groupId(inputs["resourceGroupName"])}/providers/${namespace}/${path(steps, inputs)}`;

interface Row extends Omit<Kind, "id" | "global" | "naming" | "codes" | "deleteBeforeReplace"> {
  readonly codes?: Kind["codes"];
  readonly max: number;
  readonly like?: RegExp;
  /** The program names it: then the provider deletes it before it makes it anew. */
  readonly given?: true;
  /** What it is in cannot go before it, instead of taking it along. */
  readonly holds?: true;
}

/**
 * A kind of things in a resource group. The provider makes things anew where a word of their path changes, and where its
 * own short list says so; Azure itself refuses whatever else cannot be changed. It makes up a name with chance for what
 * stands in a group, and takes the logical name for what stands in something else.
 */
export function inGroup(namespace: string, steps: readonly Step[], { max, like, given, holds, ...row }: Row): Kind {
  const last = steps.at(-1);
  if (last === undefined) throw new Error("an ARM id without a path");
  const parents = steps.slice(0, -1);
  const inside = parents.length > 0;
  const type = [namespace, ...steps.map(({ of }) => of)].join("/");
  return {
    codes: codes(),
    ...row,
    naming: {
      property: last.named,
      max,
      ...(like === undefined ? {} : { like }),
      auto: (name, chance) => (inside ? name : name + chance),
    },
    id: (inputs) => armId(namespace, steps, inputs),
    global: true,
    ...(inside || given ? { deleteBeforeReplace: true } : {}),
    needs: [
      { at: ({ resourceGroupName }) => [groupId(resourceGroupName)], type: GROUP, named: "takes" },
      ...parents.flatMap(({ type }, index): readonly Need[] =>
        type === undefined
          ? []
          : [
              {
                at: (inputs) => [armId(namespace, steps.slice(0, index + 1), inputs)],
                type,
                named: holds ? "stays" : "takes",
              },
            ],
      ),
      ...(row.needs ?? []),
    ],
    replaceOn: ["resourceGroupName", ...parents.map(({ named }) => named), ...(row.replaceOn ?? [])],
    outputs: (inputs, id, ...more) => ({ name: inputs[last.named], type, ...row.outputs?.(inputs, id, ...more) }),
  };
}

/** A kind that can be attached to anything. */
export function onScope(namespace: string, { scope, ...step }: Step & { readonly scope: string }, row: Row): Kind {
  const { max, given, like: _, holds: __, ...rest } = row;
  return {
    codes: codes(),
    ...rest,
    naming: { property: step.named, max, auto: (name, chance) => name + chance },
    id: (inputs) => `${inputs[scope]}/providers/${namespace}/${path([step], inputs)}`,
    global: true,
    ...(given ? { deleteBeforeReplace: true } : {}),
    replaceOn: [scope, ...(row.replaceOn ?? [])],
    outputs: (inputs, id, ...more) => ({
      name: inputs[step.named],
      type: `${namespace}/${step.of}`,
      ...row.outputs?.(inputs, id, ...more),
    }),
  };
}

/** What an input with an ARM id names. */
export const names = (at: string, type: string, named: Need["named"] = "stays"): Need => ({ at, type, named });

/** The first of the rules that refuses. */
export const allOf =
  (...rules: readonly Rule[]): Rule =>
  (...given) => {
    for (const rule of rules) {
      const reason = rule(...given);
      if (reason !== undefined) return reason;
    }
    return undefined;
  };

/** Refuses a change of what Azure decides when it is made, in the service's words. */
export const fixed =
  (says: (path: string) => string, ...paths: readonly string[]) =>
  (olds: Props, news: Props): string | undefined => {
    const changed = paths.find((path) => shown(olds, path) !== shown(news, path));
    return changed === undefined ? undefined : says(changed);
  };

export const firstOf =
  (...rules: readonly UpdateRule[]): UpdateRule =>
  (...given) => {
    for (const rule of rules) {
      const reason = rule(...given);
      if (reason !== undefined) return reason;
    }
    return undefined;
  };

const shown = (tree: unknown, path: string): string =>
  JSON.stringify(path.split(".").reduce<unknown>((one, key) => (one as Props | undefined)?.[key], tree)) ?? "";

/** Whether something of these types whose input says the same is being worked on; itself does not count. */
export const isBusy = (view: View, types: readonly string[], at: string, inputs: Props, id = ""): boolean =>
  types.some((type) =>
    view
      .busy(type)
      .some(
        (one) =>
          one.id !== id &&
          one.inputs[at] === inputs[at] &&
          one.inputs["resourceGroupName"] === inputs["resourceGroupName"],
      ),
  );

/** Makes, changes and deletes one at a time of all things that an input names alike. */
export function oneByOne(
  types: readonly string[],
  at: string,
  says: (inputs: Props) => string,
): { readonly create: Rule; readonly update: UpdateRule; readonly delete: Rule } {
  const rule: Rule = (inputs, view, id) => (isBusy(view, types, at, inputs, id) ? says(inputs) : undefined);
  return { create: rule, delete: rule, update: (_, news, view, id) => rule(news, view, id) };
}

/** The texts of a list of objects: `[{ id }]`. */
export const idOf = (value: unknown): string => text((value as Props | undefined)?.["id"]);
