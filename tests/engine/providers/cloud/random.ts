import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { mapValues } from "../../../../config/maps.js";
import {
  type Change,
  differing,
  type How,
  type Made,
  type Props,
  type StandIn,
  type Subject,
  UNKNOWN,
} from "../serve.js";
import type { Operation, Store } from "./store.js";

export interface RandomSettings {
  readonly store: Store;
  /** What every password begins with, so that one that leaked can be found. */
  readonly plant: string;
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

function textOf(inputs: Props, plant = ""): Props {
  const length = Number(inputs["length"]);
  const alphabet = [
    inputs["lower"] === false ? "" : UPPER.toLowerCase(),
    inputs["upper"] === false ? "" : UPPER,
    inputs["numeric"] === false ? "" : DIGITS,
    inputs["special"] === false ? "" : String(inputs["overrideSpecial"] ?? SPECIAL),
  ].join("");
  const chance = Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
  return { result: (plant + chance).slice(0, length) };
}

function idOf({ byteLength, prefix = "" }: Props): Props {
  const bytes = randomBytes(Number(byteLength));
  const hex = bytes.toString("hex");
  return {
    hex: `${prefix}${hex}`,
    dec: `${prefix}${BigInt(`0x${hex}`)}`,
    b64Std: `${prefix}${bytes.toString("base64")}`,
    b64Url: `${prefix}${bytes.toString("base64url")}`,
  };
}

function bytesOf({ length }: Props, plant: string): Props {
  const bytes = Buffer.concat([Buffer.from(plant), randomBytes(Number(length))]).subarray(0, Number(length));
  return { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
}

interface Kind {
  readonly make: (inputs: Props, plant: string) => Props;
  readonly id: (outputs: Props) => string;
}

const kinds: Readonly<Record<string, Kind>> = {
  "random:index/randomPassword:RandomPassword": { make: textOf, id: () => "none" },
  "random:index/randomBytes:RandomBytes": { make: bytesOf, id: () => "none" },
  "random:index/randomString:RandomString": { make: (inputs) => textOf(inputs), id: ({ result }) => String(result) },
  "random:index/randomUuid:RandomUuid": {
    make: () => ({ result: randomUUID() }),
    id: ({ result }) => String(result),
  },
  "random:index/randomId:RandomId": { make: (inputs) => idOf(inputs), id: ({ b64Url }) => String(b64Url) },
};

/** Chance lives in the stack's state alone: there is no cloud behind it. */
export class RandomStandIn implements StandIn {
  readonly previews = true;

  constructor(private readonly settings: RandomSettings) {}

  async check({ type }: Subject, _: Props, news: Props): Promise<{ inputs: Props }> {
    kindOf(type);
    return { inputs: news };
  }

  /** A change of anything makes it anew. */
  async diff({ inputs }: Made, news: Props, ignored: readonly string[]): Promise<Change> {
    const changed = differing(inputs, news).filter((key) => !ignored.includes(key));
    return { changed, replaces: changed };
  }

  async create(subject: Subject, inputs: Props, { preview }: How): Promise<{ id: string; outputs: Props }> {
    const kind = kindOf(subject.type);
    if (preview) return { id: "", outputs: { ...inputs, ...mapValues(kind.make(inputs, ""), () => UNKNOWN) } };
    const made = kind.make(inputs, this.settings.plant);
    const id = kind.id(made);
    this.log("create", subject, id);
    return { id, outputs: { ...inputs, ...made } };
  }

  async read({ id, inputs, outputs }: Made) {
    return { id, inputs, outputs };
  }

  async update({ outputs }: Made, news: Props): Promise<Props> {
    return { ...outputs, ...news };
  }

  async delete({ id, ...subject }: Made): Promise<void> {
    this.log("delete", subject, id);
  }

  async invoke(token: string): Promise<Props> {
    throw new Error(`the stand-in for random has no function ${token}`);
  }

  private log(op: Operation["op"], { type, name, urn }: Subject, id: string): void {
    const now = Date.now();
    this.settings.store.log({ package: "random", op, type, name, urn, id, began: now, ended: now });
  }
}

function kindOf(type: string): Kind {
  const kind = kinds[type];
  if (kind === undefined) throw new Error(`the stand-in for random has no resource type ${type}`);
  return kind;
}
