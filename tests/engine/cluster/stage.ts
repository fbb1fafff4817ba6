import type { Api, Manifest } from "./api.js";
import type { Faults } from "./faults.js";

/** Something that is done to an object, some time after the object came to need it. */
export interface Step {
  /** Tells it from the other steps of an object. */
  readonly name: string;
  /** Of the played time. */
  readonly minutes: number;
  /** It throws where the time is not ripe, and is tried again as long as the object needs it. */
  run(): Promise<void>;
}

export interface World {
  readonly api: Api;
  readonly faults: Faults;
  /** Why a step could not be done yet, by the id of its object. */
  readonly held: Map<string, string>;
}

/** One kind of object, and what somebody who is not really there does about it. */
export interface Role<T extends Manifest> {
  /** Of the whole collection, in all namespaces. */
  readonly path: string;
  /** Nothing where there is nothing to do before the object changes. It changes nothing by itself. */
  next(object: T, world: World): Step | undefined;
  /** The release without which nobody does it; nobody's where the cluster itself does. */
  by?(object: T): string | undefined;
  /** What is done once the object is not there any more. */
  gone?(object: T, world: World): Promise<void>;
  /** At first and whenever the API server has been away: all objects are about to be seen. */
  listed?(world: World): Promise<void>;
}

/** Nothing takes no time: what waits for a change must see the state before it. */
const SHORTEST_MS = 5;
const AGAIN_MS = 100;

/** Plays one role. An object has one step at a time, of which the latest state of the object decides when it is due. */
export function play<T extends Manifest>(role: Role<T>, world: World, minuteMs: number, signal: AbortSignal): void {
  const latest = new Map<string, T>();
  const busy = new Set<string>();

  const consider = (uid: string): void => {
    const object = latest.get(uid);
    const step = object === undefined ? undefined : role.next(object, world);
    if (step === undefined || busy.has(uid)) return;
    busy.add(uid);
    later(uid, step.name, Math.max(SHORTEST_MS, step.minutes * minuteMs));
  };
  const later = (uid: string, name: string, ms: number): void => {
    setTimeout(() => due(uid, name), ms).unref();
  };
  const due = async (uid: string, name: string): Promise<void> => {
    if (signal.aborted) return;
    const object = latest.get(uid);
    const step = object === undefined ? undefined : role.next(object, world);
    world.held.delete(uid);
    try {
      if (object !== undefined && step?.name === name) {
        await refuseWithout(role.by?.(object), world);
        await step.run();
      }
    } catch (error) {
      world.held.set(uid, (error as Error).message);
      return later(uid, name, AGAIN_MS);
    }
    busy.delete(uid);
    // What came in meanwhile; the change that this step made comes in by itself.
    if (latest.get(uid) !== object || step?.name !== name) consider(uid);
  };

  void world.api.follow<T>(
    role.path,
    {
      listed: async () => {
        latest.clear();
        await role.listed?.(world);
      },
      seen: (object) => {
        const uid = object.metadata?.uid ?? "";
        latest.set(uid, object);
        consider(uid);
      },
      gone: (object) => {
        latest.delete(object.metadata?.uid ?? "");
        // Nobody waits for it; what is away takes its objects along.
        role.gone?.(object, world).catch(() => undefined);
      },
    },
    signal,
  );
}

async function refuseWithout(release: string | undefined, { api }: World): Promise<void> {
  if (release !== undefined) await namespaceOf(release, api);
}

/** Where a release is; it is what Helm has noted of it. */
export async function namespaceOf(release: string, api: Api): Promise<string> {
  const path = `/api/v1/secrets?labelSelector=owner%3Dhelm%2Cname%3D${release}`;
  const namespace = (await api.get<{ items: Manifest[] }>(path))?.items[0]?.metadata?.namespace;
  if (namespace === undefined) throw new Error(`the release ${release} is not there`);
  return namespace;
}

export const hasCondition = (
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
  type: string,
): boolean => conditions?.some((one) => one.type === type && one.status === "True") ?? false;
