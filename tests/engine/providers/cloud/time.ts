import { setTimeout as sleep } from "node:timers/promises";
import { minutesOf } from "../../minutes/index.js";
import { type Change, differing, type How, type Made, type Props, type StandIn, type Subject } from "../serve.js";
import type { Store } from "./store.js";

export interface TimeSettings {
  readonly store: Store;
  readonly minuteMs: number;
}

const SLEEP = "time:index/sleep:Sleep";

/** Waits, in the clouds' minutes. A wait lives in the stack's state alone, and is never taken back. */
export class TimeStandIn implements StandIn {
  readonly previews = true;

  constructor(private readonly settings: TimeSettings) {}

  async check({ type }: Subject, _: Props, news: Props): Promise<{ inputs: Props }> {
    if (type !== SLEEP) throw new Error(`the stand-in for time has no resource type ${type}`);
    return { inputs: news };
  }

  async diff({ inputs }: Made, news: Props, ignored: readonly string[]): Promise<Change> {
    const changed = differing(inputs, news).filter((key) => !ignored.includes(key));
    return { changed, replaces: changed.filter((key) => key === "triggers") };
  }

  async create(subject: Subject, inputs: Props, { preview }: How): Promise<{ id: string; outputs: Props }> {
    if (preview) return { id: "", outputs: inputs };
    await this.wait("create", subject, inputs);
    // The provider takes the moment for the id.
    return { id: new Date().toISOString(), outputs: inputs };
  }

  async read({ id, inputs, outputs }: Made) {
    return { id, inputs, outputs };
  }

  async update(_: Made, news: Props): Promise<Props> {
    return news;
  }

  async delete({ id, inputs, ...subject }: Made): Promise<void> {
    await this.wait("delete", subject, inputs, id);
  }

  async invoke(token: string): Promise<Props> {
    throw new Error(`the stand-in for time has no function ${token}`);
  }

  private async wait(op: "create" | "delete", { type, name, urn }: Subject, inputs: Props, id = ""): Promise<void> {
    const { store, minuteMs } = this.settings;
    const began = Date.now();
    await sleep(minutesOf(type, op, inputs) * minuteMs);
    store.log({ package: "time", op, type, name, urn, id, began, ended: Date.now() });
  }
}
