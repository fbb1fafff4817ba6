import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import dockerignore from "@balena/dockerignore";
import { minutesOf } from "../../minutes/index.js";
import {
  type Change,
  differing,
  type Failure,
  type How,
  type Made,
  type Props,
  type StandIn,
  type Subject,
  UNKNOWN,
} from "../serve.js";
import type { Store } from "./store.js";

export interface ImageSettings {
  readonly store: Store;
  readonly minuteMs: number;
}

const IMAGE = "docker-build:index:Image";

/** Images that nobody builds: of the same files, named in the same way, comes the same digest. */
export class ImageStandIn implements StandIn {
  readonly previews = true;

  constructor(private readonly settings: ImageSettings) {}

  async check({ type }: Subject, _: Props, news: Props): Promise<{ inputs: Props; failures?: Failure[] }> {
    if (type !== IMAGE) throw new Error(`the stand-in for docker-build has no resource type ${type}`);
    const { dockerfile } = placeOf(news);
    if (dockerfile.includes(UNKNOWN) || existsSync(dockerfile)) return { inputs: news };
    return {
      inputs: news,
      failures: [{ property: "dockerfile", reason: `open ${dockerfile}: no such file or directory` }],
    };
  }

  /** Any change builds anew, in place; with other files it is built, whatever the inputs say. */
  async diff({ inputs, outputs }: Made, news: Props, without: readonly string[]): Promise<Change> {
    const changed = differing(withoutLogins(inputs), withoutLogins(news)).filter((key) => !without.includes(key));
    return { changed: contextHash(news) === outputs["contextHash"] ? changed : [...changed, "contextHash"] };
  }

  async create(subject: Subject, inputs: Props, { preview }: How): Promise<{ id: string; outputs: Props }> {
    if (preview) return { id: "", outputs: unbuilt(inputs) };
    const outputs = await this.#built("create", subject, inputs);
    return { id: String(outputs["digest"]), outputs };
  }

  async read({ id, inputs, outputs }: Made) {
    return { id, inputs, outputs };
  }

  async update(made: Made, news: Props, { preview }: How): Promise<Props> {
    return preview ? unbuilt(news) : this.#built("update", made, news);
  }

  async delete({ id, ...subject }: Made): Promise<void> {
    this.#log("delete", subject, id, Date.now());
  }

  async invoke(token: string): Promise<Props> {
    throw new Error(`the stand-in for docker-build has no function ${token}`);
  }

  async #built(op: "create" | "update", subject: Subject, inputs: Props): Promise<Props> {
    const began = Date.now();
    const hash = contextHash(inputs);
    const { registries: _, ...said } = inputs;
    const digest = `sha256:${createHash("sha256")
      .update(`${hash}${JSON.stringify(said)}`)
      .digest("hex")}`;
    await sleep(minutesOf(IMAGE, op, inputs) * this.settings.minuteMs);
    this.#log(op, subject, digest, began);
    const [tag = ""] = textsIn(inputs["tags"]);
    return { ...inputs, contextHash: hash, digest, ref: tag === "" ? "" : `${tagged(tag)}@${digest}` };
  }

  #log(op: "create" | "update" | "delete", { type, name, urn }: Subject, id: string, began: number): void {
    this.settings.store.log({ package: "docker-build", op, type, name, urn, id, began, ended: Date.now() });
  }
}

const unbuilt = (inputs: Props): Props => ({ ...inputs, contextHash: UNKNOWN, digest: UNKNOWN, ref: UNKNOWN });

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

/** A name without a tag means the latest; a port is no tag. */
const tagged = (name: string): string => (/:[^/]+$/.test(name) ? name : `${name}:latest`);

const locationIn = (value: unknown): string | undefined => {
  const location = typeof value === "object" && value !== null ? (value as Props)["location"] : undefined;
  return typeof location === "string" ? location : undefined;
};

function placeOf({ context, dockerfile }: Props): { readonly folder: string; readonly dockerfile: string } {
  const folder = locationIn(context) ?? ".";
  return { folder, dockerfile: locationIn(dockerfile) ?? join(folder, "Dockerfile") };
}

/** Passwords of registries change with each operation, and are none of the image's. */
function withoutLogins({ registries, ...inputs }: Props): Props {
  if (!Array.isArray(registries)) return inputs;
  return { ...inputs, registries: registries.map(({ address, username }: Props) => ({ address, username })) };
}

/** Of all files that the build is given, by their names and contents. */
function contextHash(inputs: Props): string {
  const { folder, dockerfile } = placeOf(inputs);
  if (folder.includes(UNKNOWN) || dockerfile.includes(UNKNOWN)) return UNKNOWN;
  const hash = createHash("sha256").update(readFileSync(dockerfile));
  const rules = [`${dockerfile}.dockerignore`, join(folder, ".dockerignore")].find((file) => existsSync(file));
  const filter = dockerignore.default().add(rules === undefined ? "" : readFileSync(rules, "utf8"));
  for (const file of filesIn(folder, "", (path) => filter.ignores(path)))
    hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest("hex");
}

/** Nobody wants these in an image, and there are many of them. */
const NEVER: ReadonlySet<string> = new Set(["node_modules", ".git"]);

function filesIn(folder: string, below: string, isIgnored: (path: string) => boolean): readonly string[] {
  return readdirSync(join(folder, below))
    .filter((name) => !NEVER.has(name))
    .sort()
    .flatMap((name) => {
      const path = join(below, name);
      if (statSync(join(folder, path)).isDirectory()) return filesIn(folder, path, isIgnored);
      return isIgnored(path) ? [] : [path];
    });
}
