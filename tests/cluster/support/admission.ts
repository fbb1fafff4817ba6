import { Client } from "../../engine/providers/kubernetes/client.js";
import { Cluster } from "../../engine/providers/kubernetes/cluster.js";
import { accessFrom } from "../../engine/providers/kubernetes/kubeconfig.js";
import { at, idOf, isObject, type Manifest, nameOf, namespaceOf } from "../../engine/providers/kubernetes/objects.js";
import type { Props } from "../../engine/providers/serve.js";
import { until } from "./until.js";

const MANAGER = "admission";
const DEADLINE_MS = 180_000;

/** Pods are admitted by what there is of these, so that they are really made; all else is judged and not kept. */
const grounds: ReadonlySet<string> = new Set(["Namespace", "PriorityClass", "ServiceAccount"]);
export const isGround = ({ kind }: Props): boolean => grounds.has(String(kind));

/** Where a workload has the template of its pods. */
const templates: Readonly<Record<string, readonly string[]>> = {
  CronJob: ["spec", "jobTemplate", "spec", "template"],
  DaemonSet: ["spec", "template"],
  Deployment: ["spec", "template"],
  Job: ["spec", "template"],
  StatefulSet: ["spec", "template"],
};

/** The pod that a workload would have made; nothing of what is no workload. Pod Security refuses pods alone. */
export function podOf(object: Props): Props | undefined {
  const path = templates[String(object["kind"])];
  const template = path === undefined ? undefined : at(object, ...path);
  if (!isObject(template)) return undefined;
  const claims = (at(object, "spec", "volumeClaimTemplates") ?? []) as readonly Props[];
  const spec = template["spec"] as Props;
  const volumes = [
    ...((spec["volumes"] as readonly Props[] | undefined) ?? []),
    // What a StatefulSet's controller adds.
    ...claims.map((claim) => ({ name: nameOf(claim), persistentVolumeClaim: { claimName: nameOf(claim) } })),
  ];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...(template["metadata"] as Props), name: "judged", namespace: namespaceOf(object) },
    spec: { ...spec, volumes },
  };
}

/** An API server that judges objects, and keeps of them what the judging needs, until it is left. */
export class Admission {
  readonly #cluster: Cluster;
  readonly #client: Client;
  readonly #made = new Map<string, Props>();

  constructor(kubeconfig: string) {
    this.#client = new Client(accessFrom(kubeconfig, undefined));
    this.#cluster = new Cluster(this.#client);
  }

  /** Definitions, as their projects publish them. Those that are there stay as they are. */
  async define(definitions: readonly Props[]): Promise<void> {
    const lacking = [];
    for (const definition of definitions)
      if ((await this.#cluster.get(definition)) === undefined) lacking.push(definition);
    await Promise.all(lacking.map((definition) => this.#make(definition)));
    for (const definition of lacking) {
      const { reasons } = await this.#cluster.settled(definition as unknown as Manifest, Date.now() + DEADLINE_MS);
      if (reasons.length > 0) throw new Error(reasons.join("\n"));
    }
    this.#cluster.discovery.forget();
  }

  /** Namespaces, before what is in them; each is ready when it has the account that pods have. */
  async prepare(objects: readonly Props[]): Promise<readonly string[]> {
    const namespaces = objects.filter(({ kind }) => kind === "Namespace");
    const faults = await this.#each(namespaces, (one) => this.#make(one));
    await Promise.all(namespaces.map((one) => this.#accountIn(String(nameOf(one)))));
    const others = objects.filter((one) => isGround(one) && one["kind"] !== "Namespace");
    return [...faults, ...(await this.#each(others, (one) => this.#make(one)))];
  }

  /** What the API server has against objects; they are not kept. */
  judge(objects: readonly Props[]): Promise<readonly string[]> {
    return this.#each(objects, (one) => this.#apply(one, { dryRun: "All" }));
  }

  /** What it has against the pods of workloads. */
  async judgePods(workloads: readonly Props[]): Promise<readonly string[]> {
    return this.#each(workloads, (one) => this.#admit(podOf(one)));
  }

  /** Takes away all that was made, and waits until it is gone. */
  async leave(): Promise<void> {
    const all = [...this.#made.values()];
    const going = (kinds: (object: Props) => boolean) => Promise.all(all.filter(kinds).map((one) => this.#gone(one)));
    // A namespace takes along what is in it, and it must know the kinds of that.
    await going((one) => namespaceOf(one) === undefined && one["kind"] !== "CustomResourceDefinition");
    await going(({ kind }) => kind === "CustomResourceDefinition");
    this.#made.clear();
  }

  async #gone(object: Props): Promise<void> {
    const left = await this.#cluster.deleted(object, "Background", Date.now() + DEADLINE_MS, true);
    if (left !== undefined) throw new Error(`${nameOfAll(object)} is still there`);
  }

  async #make(object: Props): Promise<readonly string[]> {
    const path = await this.#cluster.pathOf(object);
    const known = this.#made.has(path);
    if (!known && (await this.#cluster.get(object)) !== undefined)
      throw new Error("is there already: this needs a cluster without the platform");
    this.#made.set(path, object);
    return this.#apply(object);
  }

  async #apply(object: Props, query: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
    const warnings: string[] = [];
    await this.#client.call("PATCH", await this.#cluster.pathOf(object), {
      query: { fieldManager: MANAGER, force: "true", fieldValidation: "Strict", ...query },
      body: object,
      type: "application/apply-patch+yaml",
      warned: (warning) => warnings.push(warning),
    });
    return warnings;
  }

  async #admit(pod: Props | undefined): Promise<readonly string[]> {
    const warnings: string[] = [];
    if (pod === undefined) return warnings;
    await this.#client.call("POST", `/api/v1/namespaces/${namespaceOf(pod)}/pods`, {
      query: { dryRun: "All", fieldValidation: "Strict" },
      body: pod,
      warned: (warning) => warnings.push(warning),
    });
    return warnings;
  }

  async #accountIn(namespace: string): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
    await until(`an account for the pods in ${namespace}`, () => this.#client.get(path));
  }

  /** Warnings and refusals, each with the object that it is about. */
  async #each(
    objects: readonly Props[],
    work: (object: Props) => Promise<readonly string[]>,
  ): Promise<readonly string[]> {
    const faults = await Promise.all(
      objects.map(async (object) => {
        try {
          return (await work(object)).map((warning) => `${nameOfAll(object)}: warns: ${warning}`);
        } catch (error) {
          return [`${nameOfAll(object)}: ${(error as Error).message}`];
        }
      }),
    );
    return faults.flat();
  }
}

const nameOfAll = (object: Props): string => `${object["kind"]} ${idOf(object)}`;
