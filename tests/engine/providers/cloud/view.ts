import { type Kind, type Need, namedIn, type Thing, text, type View, type Where } from "./kind.js";
import { type State, type Store, type Stored, stateOf } from "./store.js";

/** The cloud from one region. */
export class CloudView implements View {
  constructor(
    private readonly store: Store,
    readonly where: Where,
  ) {}

  find(type: string, value: unknown): Thing | undefined {
    const found = this.stored(type, value);
    return found === undefined ? undefined : thing(found);
  }

  all(type: string): readonly Thing[] {
    return this.inRegion(type).map(thing);
  }

  busy(type: string): readonly Thing[] {
    return present(this.store.objects(type), ["creating", "ready", "deleting"])
      .map(thing)
      .filter(({ busy }) => busy);
  }

  /** Not what is on its way out. */
  stored(type: string, value: unknown): Stored | undefined {
    return text(value).startsWith("arn:")
      ? present(this.store.objects(type)).find((one) => answersTo(one, value))
      : this.inRegion(type).find((one) => answersTo(one, value));
  }

  /** Those that name it in an input, by what that means for the one that is named. */
  users(kinds: Readonly<Record<string, Kind>>, object: Stored, named: Need["named"]): readonly Stored[] {
    return Object.entries(kinds).flatMap(([type, { needs = [] }]) => {
      const naming = needs.filter((need) => need.type === object.type && need.named === named);
      if (naming.length === 0) return [];
      return present(this.store.objects(type), ["creating", "ready", "deleting"]).filter(
        ({ inputs, region }) =>
          (region === object.region || region === "" || object.region === "") &&
          naming.some((need) => namedIn(inputs, need).some((value) => answersTo(object, value))),
      );
    });
  }

  takenAlong(kinds: Readonly<Record<string, Kind>>, object: Stored): readonly Stored[] {
    return this.users(kinds, object, "takes").flatMap((one) => [one, ...this.takenAlong(kinds, one)]);
  }

  private inRegion(type: string): readonly Stored[] {
    return present(this.store.objects(type)).filter(({ region }) => region === "" || region === this.where.region);
  }
}

const present = (objects: readonly Stored[], states: readonly State[] = ["creating", "ready"]): readonly Stored[] =>
  objects.filter((one) => states.includes(stateOf(one)));

const thing = (stored: Stored): Thing => ({
  id: stored.id,
  inputs: stored.inputs,
  outputs: stored.outputs,
  planted: stored.planted === true,
  ready: stateOf(stored) === "ready",
  readyAt: stored.readyAt,
  busy: stateOf(stored) !== "ready" || Date.now() < (stored.busyUntil ?? 0),
});

const answersTo = ({ id, key, names = [] }: Pick<Stored, "id" | "key" | "names">, value: unknown): boolean =>
  value === id || value === key || names.includes(text(value));
