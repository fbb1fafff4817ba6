import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { minutesOf, type Operation as Timed } from "../../minutes/index.js";
import {
  type Change,
  differing,
  type Failure,
  HalfMade,
  type How,
  type Made,
  type Props,
  type StandIn,
  type Subject,
  UNKNOWN,
} from "../serve.js";
import { type FaultName, takeTurn } from "./faults.js";
import { at, type Kind, namedIn, namesOf, type Package, type Where, type Words } from "./kind.js";
import { type Store, type Stored, stateOf } from "./store.js";
import { plannedOutputs, withKept, withoutMarks, withoutPaths } from "./tree.js";
import { CloudView } from "./view.js";

export interface Surroundings {
  readonly store: Store;
  /** How long a cloud's minute takes here. */
  readonly minuteMs: number;
  readonly kubernetes?: NonNullable<Where["kubernetes"]>;
  /** Ends the process at once, as a crash does. */
  readonly crash: () => never;
}

/** Which inputs were made up by the provider and not given; the real ones keep it under this very name. */
const DEFAULTS = "__defaults";
/** As often as the AWS provider tries a call that is refused for being one too many. */
const ATTEMPTS = 25;

/** One package of a cloud that is on disk, behind the engine's provider interface. */
export class CloudStandIn implements StandIn {
  readonly previews = true;
  private where: Where = { region: "", account: "" };

  constructor(
    private readonly name: string,
    private readonly rows: Package,
    private readonly around: Surroundings,
  ) {}

  configure(settings: Props): void {
    const { kubernetes, minuteMs } = this.around;
    this.where = { ...this.rows.where(settings), minuteMs, ...(kubernetes === undefined ? {} : { kubernetes }) };
  }

  diffConfig(olds: Props, news: Props): Change {
    const changed = differing(olds, news);
    // Everything that a provider made is in its region.
    return { changed, replaces: changed.filter((key) => key === "region") };
  }

  async check({ type, name }: Subject, olds: Props, news: Props): Promise<{ inputs: Props; failures: Failure[] }> {
    const { naming } = this.kind(type);
    const given = withoutMarks(news);
    if (naming === undefined || naming.auto === false || given[naming.property] !== undefined) {
      return { inputs: given, failures: misnamed(naming, given) };
    }
    const { property } = naming;
    const { auto = (stem, chance) => `${stem}-${chance.slice(0, 7)}` } = naming;
    const kept = autonamed(olds, property) ? olds[property] : auto(name, randomBytes(4).toString("hex"));
    const inputs = { ...given, [property]: kept, [DEFAULTS]: [property] };
    return { inputs, failures: misnamed(naming, inputs) };
  }

  async diff({ type, inputs }: Made, news: Props, ignored: readonly string[]): Promise<Change> {
    const kind = this.kind(type);
    const { naming, replaceOn = [], inPlace = {}, deleteBeforeReplace } = kind;
    const [was, is] = [withoutPaths(inputs, ignored), withoutPaths(withKept(kind, inputs, news), ignored)];
    const paths = naming === undefined ? replaceOn : [naming.property, ...replaceOn];
    const replacing = paths
      .filter((path) => differing({ it: at(was, path) }, { it: at(is, path) }).length > 0)
      .filter((path) => inPlace[path]?.(was, is) !== true);
    return {
      changed: differing(was, is),
      replaces: [...new Set(replacing.map((path) => path.split(".", 1).join()))],
      deleteBeforeReplace: deleteBeforeReplace === true || keepsItsName(naming, was, is),
    };
  }

  async create(subject: Subject, inputs: Props, how: How): Promise<{ id: string; outputs: Props }> {
    const kind = this.kind(subject.type);
    const given = withoutMarks(inputs);
    if (how.preview) return { id: "", outputs: plannedOutputs(kind, given, { where: this.where }) };
    return this.operation("create", subject, "", async (note) => {
      this.refuseQuota(kind, subject);
      this.refuseNeeds(kind, given);
      refuse(kind.refuses?.create?.(given, this.view, ""));
      const object = this.objectFor(kind, subject, inputs);
      note(object.id);
      if (!this.around.store.claim(object)) {
        const standing = this.around.store.standing(object);
        if (kind.overwrites !== true || standing === undefined) throw this.taken(kind, object.key, standing);
        this.around.store.save(object);
      }
      if (this.fault("crash", "create", subject)) this.around.crash();
      const { id, outputs } = object;
      const failure = (reason: string) => new HalfMade(id, outputs, inputs, reason);
      await this.wait("create", subject, given, how, failure);
      if (this.fault("afterCreate", "create", subject)) {
        throw failure(this.words.failed(kind, id, "create"));
      }
      return { id, outputs };
    });
  }

  async read({ id, ...subject }: Made): Promise<{ id: string; inputs: Props; outputs: Props } | undefined> {
    this.kind(subject.type);
    return this.operation("read", subject, id, async () => {
      const object = this.view.stored(subject.type, id);
      if (object === undefined) return undefined;
      await until(object.readyAt);
      return { id: object.id, inputs: object.inputs, outputs: object.outputs };
    });
  }

  async update({ id, ...subject }: Made, news: Props, how: How): Promise<Props> {
    const kind = this.kind(subject.type);
    const { where } = this;
    const given = withoutMarks(news);
    if (how.preview) return plannedOutputs(kind, given, { where, id, before: subject.outputs });
    return this.operation("update", subject, id, async () => {
      const object = this.view.stored(subject.type, id);
      if (object === undefined) throw new Error(this.words.missing(kind, id));
      await until(object.readyAt);
      if (this.fault("quota", "update", subject)) throw new Error(this.words.quota(kind));
      this.refuseNeeds(kind, given);
      const inputs = withKept(kind, object.inputs, news);
      refuse(kind.refuses?.update?.(object.inputs, inputs, this.view, id));
      const outputs = { ...withoutMarks(inputs), ...kind.outputs?.(given, id, where, object.outputs) };
      // Work goes on in the cloud, whoever waits for it.
      const busyUntil = Date.now() + minutesOf(subject.type, "update", given) * this.around.minuteMs;
      this.around.store.save({ ...object, inputs, outputs, busyUntil });
      if (this.fault("crash", "update", subject)) this.around.crash();
      const failure = (reason: string) => new HalfMade(id, outputs, inputs, reason);
      await this.wait("update", subject, given, how, failure);
      if (this.fault("afterCreate", "update", subject)) {
        throw failure(this.words.failed(kind, id, "update"));
      }
      return outputs;
    });
  }

  async delete({ id, ...subject }: Made, how: How): Promise<void> {
    const kind = this.kind(subject.type);
    await this.operation("delete", subject, id, async () => {
      const object = this.view.stored(subject.type, id);
      if (object === undefined) return;
      await until(object.readyAt);
      if (this.fault("quota", "delete", subject)) throw new Error(this.words.quota(kind));
      this.refuseDeletion(kind, object);
      const goneAt = Date.now() + minutesOf(object.type, "delete", object.inputs) * this.around.minuteMs;
      const stays = kind.stays?.(object.inputs);
      const leaving: Stored = { ...object, goneAt, ...(stays === undefined ? {} : { stays }) };
      this.around.store.save(leaving);
      if (this.fault("crash", "delete", subject)) this.around.crash();
      await this.wait("delete", subject, object.inputs, how, (reason) => new Error(reason));
      for (const other of this.view.takenAlong(this.rows.kinds, object)) this.around.store.drop(other);
      if (stays === undefined) this.around.store.drop(leaving);
    });
  }

  async invoke(token: string, args: Props): Promise<Props> {
    const read = this.rows.reads[token];
    if (read === undefined) throw new Error(`the stand-in for ${this.name} has no function ${token}`);
    return this.operation("invoke", { type: token, name: "", urn: "" }, "", async () => read(args, this.view));
  }

  private get view(): CloudView {
    return new CloudView(this.around.store, this.where);
  }

  private get words(): Words {
    return this.rows.words;
  }

  private taken(kind: Kind, key: string, standing?: Stored): Error {
    const reserved = standing !== undefined && stateOf(standing) === "left";
    return new Error(reserved ? this.words.reserved(kind, key) : this.words.taken(kind, key));
  }

  private kind(type: string): Kind {
    const kind = this.rows.kinds[type];
    if (kind === undefined) throw new Error(`the stand-in for ${this.name} has no resource type ${type}`);
    return kind;
  }

  private objectFor(kind: Kind, { type, name, urn }: Subject, inputs: Props): Stored {
    const given = withoutMarks(inputs);
    const id = kind.id(given, randomUUID(), this.where);
    const outputs = { ...given, ...kind.outputs?.(given, id, this.where, {}) };
    return {
      type,
      id,
      key: kind.unique?.(given) ?? id,
      region: kind.global === true ? "" : this.where.region,
      name,
      urn,
      // With the provider's marks, so that a refresh finds the inputs as they were checked.
      inputs,
      outputs,
      names: namesOf(kind, outputs),
      readyAt: Date.now() + minutesOf(type, "create", given) * this.around.minuteMs,
    };
  }

  private refuseQuota(kind: Kind, subject: Subject): void {
    const reached = kind.quota !== undefined && this.view.all(subject.type).length >= kind.quota;
    if (reached || this.fault("quota", "create", subject)) throw new Error(this.words.quota(kind));
  }

  private refuseNeeds(kind: Kind, given: Props): void {
    for (const need of kind.needs ?? []) {
      for (const value of namedIn(given, need)) {
        const found = this.view.find(need.type, value);
        if (found === undefined) throw new Error(this.words.missing(this.kind(need.type), value));
        if (!found.ready) throw new Error(this.words.unready(this.kind(need.type), value));
      }
    }
  }

  private refuseDeletion(kind: Kind, object: Stored): void {
    refuse(kind.refuses?.delete?.(object.inputs, this.view, object.id));
    const refuseUsedBy = (users: readonly string[]) => {
      if (users.length > 0) throw new Error(this.words.inUse(kind, object.id, users));
    };
    if (object.full === true && object.inputs[kind.emptiedBy ?? ""] !== true) refuseUsedBy(["contents"]);
    const users = this.view.users(this.rows.kinds, object, "stays");
    refuseUsedBy(users.map(({ type, id }) => `${type} ${id}`));
    for (const copy of kind.copies?.(object.inputs, object.outputs) ?? []) {
      const now = Date.now();
      const left: Stored = {
        ...object,
        type: copy.type,
        id: copy.name,
        key: copy.name,
        outputs: {},
        inputs: {},
        readyAt: now,
        goneAt: now,
        stays: copy.kind,
      };
      if (!this.around.store.claim(left)) throw this.taken(kind, copy.name);
    }
  }

  private fault(fault: FaultName, op: Timed | "read", { type, name }: Pick<Subject, "type" | "name">): boolean {
    return takeTurn(this.around.store.directory, { op, type, name, fault });
  }

  private async wait(op: Timed, subject: Subject, inputs: Props, how: How, failure: (reason: string) => Error) {
    const minutes = this.fault("hang", op, subject) ? Number.POSITIVE_INFINITY : minutesOf(subject.type, op, inputs);
    const limit = how.timeoutSeconds === 0 ? Number.POSITIVE_INFINITY : how.timeoutSeconds / 60;
    await pause(Math.min(minutes, limit) * this.around.minuteMs);
    if (minutes > limit) {
      throw failure(`waiting for ${subject.type} ${subject.name} ${op}: timeout after ${limit} minutes`);
    }
  }

  /** What every call goes through: it is noted with its times, and throttled where a fault says so. */
  private async operation<T>(
    op: Timed | "read" | "invoke",
    { type, name, urn }: Subject,
    id: string,
    run: (note: (id: string) => void) => Promise<T>,
  ): Promise<T> {
    let began = Date.now();
    let known = id;
    const row = () => ({ package: this.name, op, type, name, urn, id: known, began, ended: Date.now() });
    const { store, minuteMs } = this.around;
    try {
      for (let attempt = 1; op !== "invoke" && this.fault("throttle", op, { type, name }); attempt++) {
        const error = this.words.throttled;
        if (attempt === ATTEMPTS) throw new Error(`exceeded maximum number of attempts, ${ATTEMPTS}, ${error}`);
        store.log({ ...row(), error });
        await sleep((minuteMs / 60) * Math.min(2 ** attempt, 20));
        began = Date.now();
      }
      const result = await run((made) => {
        known = made;
      });
      store.log(row());
      return result;
    } catch (error) {
      store.log({ ...row(), error: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }
}

const autonamed = (inputs: Props, property: string): boolean =>
  Array.isArray(inputs[DEFAULTS]) && inputs[DEFAULTS].includes(property);

/** Two of one name cannot be side by side, so the bridge to Terraform's providers takes the old one away first. */
const keepsItsName = (naming: Kind["naming"], olds: Props, news: Props): boolean =>
  naming !== undefined && !autonamed(news, naming.property) && olds[naming.property] === news[naming.property];

function misnamed(naming: Kind["naming"], inputs: Props): Failure[] {
  const name = naming === undefined ? undefined : inputs[naming.property];
  if (naming === undefined || typeof name !== "string" || name === UNKNOWN) return [];
  const { property, max, like = /^/ } = naming;
  if (name.length > max) return [{ property, reason: `'${name}' is longer than ${max} characters` }];
  return like.test(name) ? [] : [{ property, reason: `'${name}' is not like ${like.source}` }];
}

function refuse(reason: string | undefined): void {
  if (reason !== undefined) throw new Error(reason);
}

/** Timers know whole milliseconds, and end up to one of them before their time. */
async function until(time: number): Promise<void> {
  while (Date.now() < time) await sleep(Math.ceil(time - Date.now()));
}

/** For ever too, which a timer does not take. */
async function pause(milliseconds: number): Promise<void> {
  if (milliseconds !== Number.POSITIVE_INFINITY) await until(Date.now() + milliseconds);
  else await new Promise(() => setInterval(() => undefined, 60_000));
}
