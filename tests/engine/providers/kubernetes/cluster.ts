import { setTimeout as sleep } from "node:timers/promises";
import type { Props } from "../serve.js";
import { type Client, isMissing, Refused } from "./client.js";
import { Discovery, type Kind } from "./discovery.js";
import { annotationOf, asApplied, type Manifest, nameOf, namespaceOf } from "./objects.js";
import { until } from "./patience.js";
import { judge, type Look, podReasons } from "./readiness.js";

export interface Applying {
  readonly manager: string;
  readonly preview?: boolean;
  readonly force?: boolean;
}

/** No such kind is known to the API server. */
export class NoSuchKind extends Error {}

const NOT_YET_TRIES = 5;
const FIRST_PAUSE_MS = 200;
/** Whose edits the real provider takes over, since people make them by hand. */
const takenOver = /^(kubectl|before-first-apply|pulumi-kubernetes(\.exe)?"|pulumi-resource-kubernetes)/;

/** The objects of one cluster, of any kind. */
export class Cluster {
  readonly discovery: Discovery;

  constructor(readonly client: Client) {
    this.discovery = new Discovery(client);
  }

  readonly look: Look = (path, query) => this.client.get(path, query);

  async kindOf({ apiVersion, kind }: Props): Promise<Kind> {
    const found = await this.discovery.find(String(apiVersion), String(kind));
    if (found === undefined) throw new NoSuchKind(`no matches for kind "${kind}" in version "${apiVersion}"`);
    return found;
  }

  async pathOf(object: Props): Promise<string> {
    return (await this.kindOf(object)).path(namespaceOf(object), nameOf(object));
  }

  async get(object: Props): Promise<Manifest | undefined> {
    return this.client.get(await this.pathOf(object));
  }

  /** Its namespace or its kind may be made at the same time by somebody else: a few tries. */
  async applied(object: Props, how: Applying): Promise<Manifest> {
    for (let turn = 1, pause = FIRST_PAUSE_MS; ; turn += 1, pause *= 2) {
      try {
        return await this.#apply(object, how);
      } catch (error) {
        const early = error instanceof NoSuchKind || isMissing(error);
        if (!early || how.preview === true || turn > NOT_YET_TRIES) throw error;
        await sleep(pause);
      }
    }
  }

  async #apply(object: Props, { manager, preview = false, force = false }: Applying): Promise<Manifest> {
    const path = await this.pathOf(object);
    const query = {
      fieldManager: manager,
      fieldValidation: "Warn",
      force: String(force || annotationOf(object, "pulumi.com/patchForce") === "true"),
      ...(preview ? { dryRun: "All" } : {}),
    };
    const send = (change: Props = {}) =>
      this.client.call("PATCH", path, {
        query: { ...query, ...change } as Record<string, string>,
        body: asApplied(object),
        type: "application/apply-patch+yaml",
      });
    try {
      return await send();
    } catch (error) {
      if (isConflict(error) && conflictsIn(error).every((manager) => takenOver.test(manager)))
        return send({ force: "true" });
      throw isConflict(error) ? explained(error, manager) : error;
    }
  }

  /** The object once it is ready, or the last that was seen of it and why it is not. */
  async settled(object: Manifest, deadline: number): Promise<{ readonly live: Manifest; readonly reasons: string[] }> {
    const path = await this.pathOf(object);
    let live = object;
    let last = "";
    const end = await until(deadline, async () => {
      const verdict = await judge(live, this.look);
      if (verdict.ready) return [];
      if ("failed" in verdict) return [verdict.failed];
      last = verdict.waitsFor;
      const now = await this.client.get(path);
      if (now === undefined) return [`'${live.metadata.name}' was deleted`];
      live = now;
      return undefined;
    });
    if (end?.length === 0) return { live: (await this.client.get(path)) ?? live, reasons: [] };
    const timedOut = [`'${live.metadata.name}' timed out waiting to be Ready`, last];
    return { live, reasons: [...(end ?? timedOut), ...(await podReasons(live, this.look))] };
  }

  /** What is still there of it at the deadline; undefined when it is gone. */
  async deleted(
    object: Props,
    propagationPolicy: string,
    deadline: number,
    wait: boolean,
  ): Promise<Manifest | undefined> {
    const path = await this.pathOf(object);
    const before = await this.client.get(path);
    if (before === undefined) return undefined;
    const { uid } = before.metadata;
    try {
      await this.client.call("DELETE", path, {
        body: { propagationPolicy, ...(uid === undefined ? {} : { preconditions: { uid } }) },
      });
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    if (!wait) return undefined;
    let last: Manifest | undefined = before;
    await until(deadline, async () => {
      last = await this.client.get(path);
      return last === undefined || last.metadata.uid !== uid ? true : undefined;
    });
    return last?.metadata.uid === uid ? last : undefined;
  }
}

const isConflict = (error: unknown): error is Refused =>
  error instanceof Refused && error.status === 409 && error.reason === "Conflict";

/** `conflict with "kubectl-edit" using v1` -> `kubectl-edit" using v1` */
const conflictsIn = ({ details }: Refused): readonly string[] =>
  (details.causes ?? []).map(({ message = "" }) => message.replace(/^conflict with "/, ""));

const explained = (error: Refused, manager: string): Refused =>
  new Refused(
    error.status,
    error.reason,
    [
      "Server-Side Apply field conflict detected. See https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources for troubleshooting help.",
      `The resource managed by field manager "${manager}" had an apply conflict: ${error.message}`,
    ].join("\n"),
    error.details,
  );
