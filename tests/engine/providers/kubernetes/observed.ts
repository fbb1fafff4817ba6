import { setTimeout as sleep } from "node:timers/promises";
import { type FaultName, takeTurn } from "../cloud/faults.js";
import type { Store } from "../cloud/store.js";
import { HalfMade, type How, type Made, type Props, type StandIn, type Subject } from "../serve.js";

type Op = "create" | "update" | "delete" | "read";

export interface Around {
  /** Where faults are asked for and operations noted, as of every cloud. */
  readonly store: Store;
  readonly minuteMs: number;
  /** Ends the process at once, as a crash does. */
  readonly crash: () => never;
}

const DEFAULT_MINUTES = 10;
/** As often as the Kubernetes client tries a call again that is one too many. */
const ATTEMPTS = 10;

/** A provider whose operations are noted with their times, and go wrong where a fault asks for it. */
export function observed(inner: StandIn, { store, minuteMs, crash }: Around): StandIn {
  const fault = (name: FaultName, op: Op, subject: Subject): boolean =>
    takeTurn(store.directory, { op, type: subject.type, name: subject.name, fault: name });

  /** Before the API server is asked. */
  const hold = async (op: Op, subject: Subject, how: How): Promise<void> => {
    for (let turn = 1; fault("throttle", op, subject); turn += 1) {
      if (turn === ATTEMPTS)
        throw new Error("the server has received too many requests and has asked us to try again later");
      await sleep(minuteMs / 60);
    }
    if (fault("quota", op, subject)) throw new Error(`${subject.type} ${subject.name} is forbidden: exceeded quota`);
    if (!fault("hang", op, subject)) return;
    await sleep((how.timeoutSeconds / 60 || DEFAULT_MINUTES) * minuteMs);
    throw new Error(`${subject.type} ${subject.name}: context deadline exceeded`);
  };

  const noted = async <T>(op: Op, subject: Subject, id: string, run: () => Promise<T>): Promise<T> => {
    const began = Date.now();
    const { type, name, urn } = subject;
    const note = (known: string, error?: unknown) =>
      store.log({
        package: "kubernetes",
        op,
        type,
        name,
        urn,
        id: known,
        began,
        ended: Date.now(),
        ...(error === undefined ? {} : { error: error instanceof Error ? error.message : String(error) }),
      });
    try {
      const result = await run();
      note((result as { id?: string } | undefined)?.id ?? id);
      return result;
    } catch (error) {
      note(error instanceof HalfMade ? error.id : id, error);
      throw error;
    }
  };

  const construct = inner.construct?.bind(inner);
  return {
    ...(inner.previews === undefined ? {} : { previews: inner.previews }),
    configure: (settings) => inner.configure?.(settings),
    diffConfig: (olds, news) => inner.diffConfig?.(olds, news) ?? { changed: [] },
    check: async (subject, olds, news) => (await inner.check?.(subject, olds, news)) ?? { inputs: news },
    diff: (made, news, ignored) => inner.diff(made, news, ignored),
    invoke: (token, args) => inner.invoke(token, args),
    ...(construct === undefined ? {} : { construct }),
    read: (made) => noted("read", made, made.id, () => inner.read(made)),
    create: (subject: Subject, inputs: Props, how: How) => {
      if (how.preview) return inner.create(subject, inputs, how);
      return noted("create", subject, "", async () => {
        await hold("create", subject, how);
        const made = await inner.create(subject, inputs, how);
        if (fault("crash", "create", subject)) crash();
        if (fault("afterCreate", "create", subject))
          throw new HalfMade(
            made.id,
            made.outputs,
            inputs,
            `resource ${made.id} was created, but failed to become live`,
          );
        return made;
      });
    },
    update: (made: Made, news: Props, how: How) => {
      if (how.preview) return inner.update(made, news, how);
      return noted("update", made, made.id, async () => {
        await hold("update", made, how);
        const outputs = await inner.update(made, news, how);
        if (fault("crash", "update", made)) crash();
        return outputs;
      });
    },
    delete: (made: Made, how: How) =>
      noted("delete", made, made.id, async () => {
        await hold("delete", made, how);
        await inner.delete(made, how);
        if (fault("crash", "delete", made)) crash();
      }),
  };
}
