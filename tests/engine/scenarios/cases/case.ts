import type { Props } from "../../providers/serve.js";
import type { StackOptions } from "../../support/stack.js";
import type { Ground, Trial } from "../../support/trial.js";

type Settings = Readonly<Record<string, string>>;

/** A cloud in the scenarios, on the smallest stack that shows them; what is said is what the engine is seen to do. */
export interface Case extends StackOptions {
  readonly secretNames: readonly string[];
  /** More of everything, and what it changes. */
  readonly growth: { readonly settings: Settings; readonly changes: readonly string[] };
  /** What a service that uses a database is made of. */
  readonly service: readonly string[];
  /** What changes with the value of a secret. */
  readonly rotation: readonly string[];
  deleteByHand(trial: Trial): Promise<void>;
  readonly broughtBack: readonly string[];
  /** What is there of the stack, and what stays of it on purpose. */
  left(trial: Trial): Promise<readonly string[]>;
  remains(trial: Trial): Promise<readonly string[]>;
  readonly meantToStay: readonly string[];
  /** Absent where no cloud could refuse anything. */
  readonly faults?: Faults;
  readonly guarded?: Guarded;
  readonly theirs: Theirs;
}

/** An `up` that goes wrong twice, on its way; types are resource types. */
export interface Faults {
  /** The first of a type is refused; of what was begun before there is something, and of what waits for it nothing. */
  readonly quota: {
    readonly type: string;
    readonly says: RegExp;
    readonly there: readonly string[];
    readonly waiting: readonly string[];
  };
  /** The cloud gives up one that it began. */
  readonly halfMade: { readonly type: string; readonly says: RegExp; readonly there: readonly string[] };
  /** `create TYPE` and `update TYPE` that are asked once too often -> how often. */
  readonly throttled: Readonly<Record<string, number>>;
  /** What the third `up` does beside making things. */
  readonly mended: readonly string[];
  /** What takes long; refused once where a destroy begins half-way. */
  readonly database: string;
  /** What stays of a type, on purpose, once it is deleted: `a resource type` -> `soft-deleted`. */
  readonly stays: Settings;
}

/** The production stack and its locks. */
export interface Guarded extends StackOptions {
  /** Whom a preview of the end names, beside the marker: what is protected and has nothing protected in front of it. */
  readonly locked: readonly string[];
  /** All that lifting the locks changes, beside what it does on every cloud: `TYPE NAME: INPUT.PATH OLD -> NEW`. */
  readonly lifted: readonly string[];
  /** Locks that are things of their own, and go when the locks are lifted: `TYPE NAME`. */
  readonly locks?: readonly string[];
  /** What is left of it in the end: `TYPE NAME`, and `KIND of NAME`. */
  readonly left: readonly string[];
  readonly remains: readonly string[];
  /** Of that, what is there once however often the stack comes: it is of the whole account. @default nothing */
  readonly once?: readonly string[];
}

export interface Planted extends Props {
  readonly metadata: { readonly name: string };
}

/** What somebody else made and a stack is given; everything that it can be given. */
export interface Theirs extends StackOptions {
  /** In the account, before the stack comes. */
  plantIn?(cloud: string, ground: Ground): void;
  /** In the cluster, beside what is in every case: where it goes -> what. */
  readonly objects: Readonly<Record<string, readonly Planted[]>>;
  /** What the stack makes all the same, beside its markers, and what stays of that. */
  readonly makes: readonly string[];
  readonly stays: readonly string[];
  /** What it leaves in what is theirs, because it cannot be taken away again: `TYPE NAME`. */
  readonly leaves?: readonly string[];
}

/** Settings of a part that is there already. */
export const existing = (part: string, said: Settings): Settings => ({
  [`${part}.mode`]: "existing",
  ...Object.fromEntries(Object.entries(said).map(([key, value]) => [`${part}.${key}`, value])),
});
