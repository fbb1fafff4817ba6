import type { Change, How, Made, Props, StandIn, Subject } from "../serve.js";
import { HalfMade } from "../serve.js";
import { CHART, childrenOf, isDefinition, keptBy, shortened, whole } from "./chart.js";
import { Client, isMissing, Refused } from "./client.js";
import { Cluster, NoSuchKind } from "./cluster.js";
import { changes, type Path, throughInputs, written } from "./drift.js";
import { accessFrom } from "./kubeconfig.js";
import {
  annotationOf,
  asImported,
  asOutputs,
  idOf,
  isAutonamed,
  isUnknown,
  kindOf,
  type Manifest,
  managerOf,
  named,
  nameOf,
  namespaceOf,
  newManager,
  placeOf,
  withMetadata,
} from "./objects.js";
import { deadlineFor } from "./patience.js";
import { judge } from "./readiness.js";
import { RELEASE, Releases } from "./release.js";
import { replacing } from "./replaces.js";
import { differenceOf, type Settings, settingsFrom } from "./settings.js";

/** The cluster that was found when the provider was configured, or why there is none. */
type Reached = { readonly cluster: Cluster } | { readonly unreachable: string };

const REMEDY = 'by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"';
const REPLACE_UNREADY = "pulumi.com/replaceUnready";
const GONE_ANYWAY = `If the cluster was deleted, you can remove this resource from Pulumi state ${REMEDY}`;

/** Kinds whose deletion is not waited for where their readiness is not; a quirk of the real provider. */
const unwaited = new Set([
  "Namespace",
  "Pod",
  "ReplicationController",
  "DaemonSet",
  "Deployment",
  "StatefulSet",
  "Job",
]);

const propagation: Readonly<Record<string, string>> = { background: "Background", orphan: "Orphan" };

/** Objects of a real API server, handled as the official provider does with server-side apply. */
export class KubernetesStandIn implements StandIn {
  readonly previews = true;
  #settings: Settings = settingsFrom({}, {});
  #reached: Reached = { unreachable: "the provider is not configured" };
  #namespace = "default";

  constructor(
    /** How long a minute takes here. */
    readonly minuteMs: number,
    readonly env: NodeJS.ProcessEnv,
    /** The same of what is played. */
    readonly playedMinuteMs = minuteMs,
  ) {}

  async configure(props: Props): Promise<void> {
    this.#settings = settingsFrom(props, this.env);
    const { kubeconfig, context, namespace } = this.#settings;
    try {
      const access = accessFrom(kubeconfig, context);
      const cluster = new Cluster(new Client(access));
      this.#namespace = namespace ?? access.namespace;
      await cluster.discovery.kinds();
      this.#reached = { cluster };
    } catch (error) {
      this.#reached = { unreachable: (error as Error).message };
    }
  }

  readonly diffConfig = differenceOf;

  async check(subject: Subject, olds: Props, news: Props): Promise<{ inputs: Props }> {
    if (subject.type === RELEASE) return { inputs: Releases.checked(subject, olds, news, this.#namespace) };
    const inputs = named(news, olds, subject.name);
    const namespace = namespaceOf(inputs) ?? (await this.#defaultNamespace(inputs, olds));
    return { inputs: namespace === undefined ? inputs : withMetadata(inputs, { namespace }) };
  }

  async diff({ type, inputs, outputs }: Made, news: Props, ignored: readonly string[]): Promise<Change> {
    if (type === RELEASE) return Releases.difference(inputs, news, ignored);
    const before = outputs["kind"] === undefined ? inputs : throughInputs(inputs, outputs);
    const counted = changes(before, news).filter((path) => !ignored.some((one) => isWithin(written(path), one)));
    const unready = await this.#unready(news);
    const replaces = [...replacing(counted, { ...before, ...news }, this.#settings), ...unready];
    const samePlace = nameOf(before) === nameOf(news) && namespaceOf(before) === namespaceOf(news);
    return {
      changed: [...counted, ...unready].map(written),
      replaces: replaces.map(written),
      deleteBeforeReplace: replaces.length > 0 && !isAutonamed(news) && samePlace,
    };
  }

  /** A Job that asks for it is made anew where it is not done, which no input tells. */
  async #unready(news: Props): Promise<readonly Path[]> {
    const asked = news["kind"] === "Job" && annotationOf(news, REPLACE_UNREADY) === "true";
    if (!asked || "unreachable" in this.#reached) return [];
    const { cluster } = this.#reached;
    const live = await cluster.get(news);
    if (live === undefined || (await judge(live, cluster.look)).ready) return [];
    return [["metadata", "annotations", REPLACE_UNREADY]];
  }

  async create(subject: Subject, inputs: Props, how: How): Promise<{ id: string; outputs: Props }> {
    if (how.preview) return { id: "", outputs: await this.#previewed(inputs, newManager(), true) };
    const cluster = this.#cluster();
    if (subject.type === RELEASE) return this.#releases(cluster).create(inputs, how);
    const manager = newManager();
    const made = await cluster.applied(whole(inputs, keptBy(this.env)), { manager }).catch((error: unknown) => {
      const missing = error instanceof NoSuchKind;
      throw new Error(
        missing
          ? `creation of resource ${idOf(inputs)} failed because the Kubernetes API server reported that the apiVersion for this resource does not exist. Verify that any required CRDs have been created: ${error.message}`
          : `resource ${idOf(inputs)} was not successfully created by the Kubernetes API server: ${(error as Error).message}`,
      );
    });
    return { id: idOf(made), outputs: await this.#settled(cluster, made, inputs, { manager, how, verb: "create" }) };
  }

  async update({ type, id, outputs }: Made, news: Props, how: How): Promise<Props> {
    const manager = managerOf(outputs);
    if (how.preview) return this.#previewed(news, manager, false);
    const cluster = this.#cluster();
    if (type === RELEASE) return this.#releases(cluster).update(news, how);
    if ((await cluster.get(news)) === undefined)
      throw new Error(`update of resource ${id} failed because it does not exist: run pulumi refresh`);
    const made = await cluster.applied(whole(news, keptBy(this.env)), { manager }).catch((error: Error) => {
      throw new Error(
        `update of resource ${id} failed because the Kubernetes API server reported that it failed to fully initialize or become live: ${error.message}`,
      );
    });
    return this.#settled(cluster, made, news, { manager, how, verb: "update" });
  }

  async read({ type, id, inputs, outputs }: Made) {
    if ("unreachable" in this.#reached) {
      if (this.#settings.deleteUnreachable) return undefined;
      throw new Error(`failed to read resource state due to unreachable cluster. ${GONE_ANYWAY}`);
    }
    const { cluster } = this.#reached;
    if (type === RELEASE) return this.#releases(cluster).read(id, inputs, outputs);
    const isKnown = inputs["kind"] !== undefined;
    const { namespace = this.#namespace, name } = placeOf(id);
    const asked = { ...(isKnown ? inputs : kindOf(type)), metadata: { name, namespace } };
    const live = await cluster.get(asked).catch((error: unknown) => {
      if (error instanceof NoSuchKind) return undefined;
      throw error;
    });
    if (live === undefined) return undefined;
    const found = {
      id,
      inputs: isKnown ? throughInputs(inputs, live) : asImported(live),
      outputs: shortened(asOutputs(live, managerOf(outputs))),
    };
    const verdict = isKnown ? await judge(live, cluster.look) : undefined;
    if (verdict?.ready === false)
      throw new HalfMade(id, found.outputs, found.inputs, "failed" in verdict ? verdict.failed : verdict.waitsFor);
    return found;
  }

  async delete({ type, id, inputs, outputs }: Made, { timeoutSeconds }: How): Promise<void> {
    if ("unreachable" in this.#reached) {
      if (type === RELEASE)
        throw new Error(`can't delete Helm Release with unreachable cluster. Reason: "${this.#reached.unreachable}"`);
      if (this.#settings.deleteUnreachable) return;
      throw new Error(`configured Kubernetes cluster is unreachable. ${GONE_ANYWAY}`);
    }
    const { cluster } = this.#reached;
    if (type === RELEASE) return this.#releases(cluster).delete(id);
    const { namespace, name } = placeOf(id);
    const object = { ...outputs, metadata: { ...(outputs["metadata"] as object), name, namespace } };
    const policy = annotationOf(object, "pulumi.com/deletionPropagationPolicy")?.toLowerCase() ?? "";
    const skips = annotationOf(inputs, "pulumi.com/skipAwait") === "true" && unwaited.has(String(outputs["kind"]));
    const deadline = deadlineFor("gone", timeoutSeconds, object, this.minuteMs);
    try {
      const left = await cluster.deleted(object, propagation[policy] ?? "Foreground", deadline, !skips);
      if (left !== undefined) throw new Error(stillThere(left));
    } catch (error) {
      // Whoever took away its kind took it along.
      if (!(error instanceof NoSuchKind)) throw error;
    }
  }

  async construct({ type, name }: Pick<Subject, "type" | "name">, inputs: Props) {
    if (type !== CHART) throw new Error(`the stand-in for kubernetes makes no component ${type}`);
    return childrenOf({ type, name }, inputs, keptBy(this.env));
  }

  async invoke(token: string): Promise<Props> {
    throw new Error(`the stand-in for kubernetes has no function ${token}`);
  }

  #cluster(): Cluster {
    if ("cluster" in this.#reached) return this.#reached.cluster;
    throw new Error(`configured Kubernetes cluster is unreachable: ${this.#reached.unreachable}`);
  }

  #releases(cluster: Cluster): Releases {
    return new Releases(cluster, this.#settings, this.minuteMs, this.env, this.playedMinuteMs);
  }

  /** A kind that is not known yet most likely is in namespaces, as most custom ones are. */
  async #defaultNamespace({ apiVersion, kind }: Props, olds: Props): Promise<string | undefined> {
    if ("unreachable" in this.#reached) return namespaceOf(olds);
    const found = await this.#reached.cluster.discovery.find(String(apiVersion), String(kind));
    return (found?.namespaced ?? true) ? this.#namespace : undefined;
  }

  /** What the API server says it would make of it; the inputs themselves where it cannot say. */
  async #previewed(inputs: Props, manager: string, isNew: boolean): Promise<Props> {
    if ("unreachable" in this.#reached || isUnknown(inputs) || isDefinition(inputs)) return inputs;
    const { cluster } = this.#reached;
    const dryRun = (object: Props) => cluster.applied(object, { manager, preview: true, force: isNew });
    try {
      const { status: _, ...planned } = asOutputs(await this.#dryRun(inputs, dryRun, isNew), manager);
      return planned;
    } catch (error) {
      const cannotSay = error instanceof NoSuchKind || isMissing(error) || isForbidden(error);
      if (cannotSay) return inputs;
      throw new Error(
        `Preview failed: resource ${idOf(inputs)} was not successfully created by the Kubernetes API server: ${(error as Error).message}`,
      );
    }
  }

  /** The old object is still there when its replacement is previewed: then under another name. */
  async #dryRun(inputs: Props, dryRun: (object: Props) => Promise<Manifest>, isNew: boolean): Promise<Manifest> {
    try {
      return await dryRun(inputs);
    } catch (error) {
      if (!isNew || !isImmutable(error)) throw error;
      const renamed = await dryRun(withMetadata(inputs, { name: `${nameOf(inputs)}-preview` }));
      return { ...renamed, metadata: { ...renamed.metadata, name: String(nameOf(inputs)) } };
    }
  }

  async #settled(
    cluster: Cluster,
    made: Manifest,
    inputs: Props,
    { manager, how, verb }: { readonly manager: string; readonly how: How; readonly verb: keyof typeof halfway },
  ): Promise<Props> {
    if (made.kind === "CustomResourceDefinition") cluster.discovery.forget();
    const { live, reasons } = await cluster.settled(
      made,
      deadlineFor("ready", how.timeoutSeconds, made, this.minuteMs),
    );
    const outputs = shortened(asOutputs(live, manager));
    if (reasons.length === 0) return outputs;
    throw new HalfMade(idOf(made), outputs, inputs, [halfway[verb](idOf(made)), ...reasons].join("\n"));
  }
}

const halfway = {
  create: (id: string) =>
    `resource ${id} was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live:`,
  update: (id: string) => `the Kubernetes API server reported that "${id}" failed to fully initialize or become live:`,
} as const;

const isForbidden = (error: unknown): boolean => error instanceof Refused && error.status === 403;
const isImmutable = (error: unknown): boolean =>
  error instanceof Refused &&
  error.reason === "Invalid" &&
  /immutable|Forbidden: (updates to|may not change)/.test(error.message);

const isWithin = (path: string, ignored: string): boolean =>
  path === ignored || [".", "["].some((next) => path.startsWith(`${ignored}${next}`));

function stillThere({ kind, metadata: { name, finalizers = [] } }: Manifest): string {
  const why = finalizers.length === 0 ? "" : `; its finalizers are ${finalizers.join(", ")}`;
  return `timed out waiting for the deletion of ${kind} ${name}: it still exists${why}`;
}
