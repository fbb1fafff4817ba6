import type { Props } from "../serve.js";
import { namesOf, type Remainder } from "./kind.js";
import { packageOf } from "./packages.js";
import { type Operation, type State, Store, type Stored, stateOf } from "./store.js";
import { withoutMarks } from "./tree.js";
import { CloudView } from "./view.js";

export { type Fault, inject } from "./faults.js";
export type { Operation } from "./store.js";

/** The cloud of a scenario, as its account's owner sees it beside the program. */
export interface CloudObject extends Pick<Stored, "type" | "id" | "name" | "urn" | "region" | "inputs" | "outputs"> {
  readonly state: Exclude<State, "left" | "gone">;
}

export function objectsOf(directory: string): readonly CloudObject[] {
  return new Store(directory).objects().flatMap((one) => {
    const state = stateOf(one);
    if (state === "left" || state === "gone") return [];
    const { type, id, name, urn, region, inputs, outputs } = one;
    return [{ type, id, name, urn, region, inputs: withoutMarks(inputs), outputs, state }];
  });
}

export interface Remains {
  readonly kind: Remainder;
  readonly type: string;
  /** Logical name of what it is left of. */
  readonly name: string;
  /** By which the cloud knows it: what is still taken. */
  readonly key: string;
}

/** What is there on purpose after everything was deleted. */
export function remainsOf(directory: string): readonly Remains[] {
  const left = new Store(directory).objects().filter((one) => stateOf(one) === "left");
  return left.flatMap(({ stays, type, name, key }) => (stays === undefined ? [] : [{ kind: stays, type, name, key }]));
}

export const operationsOf = (directory: string): readonly Operation[] => new Store(directory).operations();

const ACCOUNT = "123456789012";

/** Puts something there that no program made. Its `id` is what stands in the inputs where a kind has a name. */
export function plant(directory: string, type: string, id: string, inputs: Props, region = "eu-west-1"): void {
  const kind = packageOf(type).kinds[type];
  if (kind === undefined) throw new Error(`no stand-in has resource type ${type}`);
  const given = kind.naming === undefined ? inputs : { [kind.naming.property]: id, ...inputs };
  const outputs = { ...given, ...kind.outputs?.(given, id, { region, account: ACCOUNT }, {}) };
  const planted: Stored = {
    type,
    id,
    key: kind.unique?.(given) ?? id,
    region: kind.global === true ? "" : region,
    name: "",
    urn: "",
    inputs: given,
    outputs,
    names: namesOf(kind, outputs),
    readyAt: Date.now(),
    planted: true,
  };
  if (!new Store(directory).claim(planted)) throw new Error(`${type} ${id} is there already`);
}

/** Deletes it by hand, with what goes along with it, whatever protects it from programs. */
export function remove(directory: string, type: string, id: string): void {
  const store = new Store(directory);
  const object = one(store, type, id);
  const view = new CloudView(store, { region: object.region, account: ACCOUNT });
  for (const gone of [...view.takenAlong(packageOf(type).kinds, object), object]) store.drop(gone);
}

/** Changes it by hand: what a refresh finds. */
export function change(directory: string, type: string, id: string, inputs: Props): void {
  const store = new Store(directory);
  const object = one(store, type, id);
  store.save({
    ...object,
    inputs: { ...object.inputs, ...inputs },
    outputs: { ...object.outputs, ...inputs },
  });
}

/** Puts something into it: objects into a bucket, images into a repository, records into a zone. */
export function fill(directory: string, type: string, id: string): void {
  const store = new Store(directory);
  store.save({ ...one(store, type, id), full: true });
}

function one(store: Store, type: string, id: string): Stored {
  const found = store.objects(type).find((object) => object.id === id && stateOf(object) !== "left");
  if (found === undefined) throw new Error(`there is no ${type} ${id}`);
  return found;
}
