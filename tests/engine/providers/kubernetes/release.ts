import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { minutesOf } from "../../minutes/index.js";
import { type Change, type How, type Props, type Subject, UNKNOWN } from "../serve.js";
import { isDefinition, keptBy, objectsOf } from "./chart.js";
import type { Cluster } from "./cluster.js";
import { changes, written } from "./drift.js";
import { install, uninstall } from "./helm.js";
import { type Manifest, placeOf } from "./objects.js";
import { deadlineFor, until } from "./patience.js";
import type { Settings } from "./settings.js";
import { answers, configurationNamed, configurationOf, webhookOf } from "./webhooks.js";

export const RELEASE = "kubernetes:helm.sh/v3:Release";

const MANAGER = "helm";
/** What Helm calls the first Secret of a release. */
const recordName = (name: string): string => `sh.helm.release.v1.${name}.v1`;

/**
 * Helm's releases. Charts cannot be had in a test, so a release is its record, in a Secret where Helm has it as well,
 * and the custom resource definitions of its chart; where a folder holds the chart itself, Helm installs that.
 */
export class Releases {
  constructor(
    readonly cluster: Cluster,
    readonly settings: Settings,
    readonly minuteMs: number,
    readonly env: NodeJS.ProcessEnv,
    readonly playedMinuteMs: number,
  ) {}

  static checked({ name: logical }: Subject, olds: Props, news: Props, namespace: string): Props {
    const name = news["name"] ?? olds["name"] ?? `${logical}-${randomBytes(4).toString("hex")}`;
    return { ...news, name, namespace: news["namespace"] ?? namespace };
  }

  static difference(olds: Props, news: Props, ignored: readonly string[]): Change {
    const changed = changes(olds, news).filter(
      ([key]) => !String(key).startsWith("__") && !ignored.includes(String(key)),
    );
    const replaces = changed.filter(([key]) => key === "name" || key === "namespace");
    return {
      changed: changed.map(written),
      replaces: replaces.map(written),
      deleteBeforeReplace:
        replaces.length > 0 && olds["name"] === news["name"] && olds["namespace"] === news["namespace"],
    };
  }

  async create(inputs: Props, how: How): Promise<{ id: string; outputs: Props }> {
    const { name, namespace } = placeIn(inputs);
    if (inputs["createNamespace"] === true) await this.#namespaceIs(namespace);
    if ((await this.#record(namespace, name)) !== undefined)
      throw new Error(`cannot re-use a name that is still in use: ${name}`);
    return { id: `${namespace}/${name}`, outputs: await this.#installed(inputs, how, 1) };
  }

  async update(news: Props, how: How): Promise<Props> {
    const { name, namespace } = placeIn(news);
    const record = await this.#record(namespace, name);
    if (record === undefined) throw new Error(`"${name}" has no deployed releases`);
    return this.#installed(news, how, Number(record.metadata.labels?.["version"] ?? 1) + 1);
  }

  async read(id: string, inputs: Props, outputs: Props) {
    const { namespace = "default", name } = placeOf(id);
    return (await this.#record(namespace, name)) === undefined ? undefined : { id, inputs, outputs };
  }

  async delete(id: string): Promise<void> {
    const { namespace = "default", name } = placeOf(id);
    const record = await this.#record(namespace, name);
    if (record === undefined) return;
    await sleep(minutesOf(RELEASE, "delete", {}) * this.playedMinuteMs);
    if (webhookOf(name, this.env) !== undefined)
      await this.cluster.deleted(configurationNamed(name), "Background", Date.now() + this.minuteMs, true);
    if (isRecorded(record)) await this.cluster.deleted(record, "Background", Date.now() + this.minuteMs, true);
    else await uninstall(this.#helm(), { name, namespace });
  }

  async #installed(inputs: Props, how: How, revision: number): Promise<Props> {
    const { name, namespace } = placeIn(inputs);
    const chart = String(inputs["chart"]);
    // Of an address its last part.
    const folder = join(this.env["STANDIN_CHARTS"] ?? "", posix.basename(chart));
    await this.#installDefinitions(chart, how);
    if (this.env["STANDIN_CHARTS"] !== undefined && existsSync(join(folder, "Chart.yaml"))) {
      await install(this.#helm(), { name, namespace, folder, inputs });
    } else {
      await sleep(minutesOf(RELEASE, revision === 1 ? "create" : "update", inputs) * this.playedMinuteMs);
      await this.#webhookAnswers(name, chart, how);
      await this.cluster.applied(recordOf(inputs, revision), { manager: MANAGER, force: true });
    }
    const { version } = inputs;
    return {
      ...inputs,
      resourceNames: {},
      status: { appVersion: "", chart, name, namespace, revision, status: "deployed", version },
    };
  }

  /** They stay when the release goes, as charts that ship them ask Helm for. */
  async #installDefinitions(chart: string, { timeoutSeconds }: How): Promise<void> {
    const definitions = objectsOf(chart, keptBy(this.env))?.filter(isDefinition);
    if (definitions === undefined) return;
    await Promise.all(
      definitions.map(async (definition) => {
        const made = await this.cluster.applied(definition, { manager: MANAGER, force: true });
        const { reasons } = await this.cluster.settled(made, deadlineFor("ready", timeoutSeconds, made, this.minuteMs));
        if (reasons.length > 0) throw new Error(reasons.join("\n"));
      }),
    );
    this.cluster.discovery.forget();
  }

  async #webhookAnswers(name: string, chart: string, { timeoutSeconds }: How): Promise<void> {
    const webhook = webhookOf(chart, this.env);
    if (webhook === undefined) return;
    const definitions = objectsOf(chart, keptBy(this.env))?.filter(isDefinition) ?? [];
    const configuration = configurationOf(name, webhook, definitions);
    const made = await this.cluster.applied(configuration, { manager: MANAGER, force: true });
    const deadline = deadlineFor("ready", timeoutSeconds, made, this.minuteMs);
    if ((await until(deadline, () => answers(webhook))) === undefined)
      throw new Error(`release ${name} failed: context deadline exceeded: its webhook does not answer`);
  }

  async #namespaceIs(name: string): Promise<void> {
    await this.cluster.applied({ apiVersion: "v1", kind: "Namespace", metadata: { name } }, { manager: MANAGER });
  }

  async #record(namespace: string, name: string): Promise<Manifest | undefined> {
    const path = `/api/v1/namespaces/${namespace}/secrets`;
    const labelSelector = `owner=helm,name=${name}`;
    const found = await this.cluster.look<{ readonly items: readonly Manifest[] }>(path, { labelSelector });
    const record = found?.items.at(-1);
    // Items of a list do not say what they are.
    return record === undefined ? undefined : { ...record, apiVersion: "v1", kind: "Secret" };
  }

  #helm() {
    return { binary: this.env["STANDIN_HELM"] ?? "helm", ...this.settings };
  }
}

const RECORDED = "recorded";
const isRecorded = ({ metadata }: Manifest): boolean => metadata.labels?.["stand-in"] === RECORDED;

function placeIn({ name, namespace }: Props): { readonly name: string; readonly namespace: string } {
  if (name === UNKNOWN || namespace === UNKNOWN) throw new Error("a release of unknown name");
  return { name: String(name), namespace: String(namespace) };
}

function recordOf(inputs: Props, revision: number): Props {
  const { name, namespace } = placeIn(inputs);
  const { chart, version, repositoryOpts, values = {} } = inputs;
  const release = { name, namespace, chart, version, ...(repositoryOpts as object | undefined), values, revision };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: recordName(name),
      namespace,
      labels: { owner: "helm", name, status: "deployed", version: String(revision), "stand-in": RECORDED },
    },
    type: "helm.sh/release.v1",
    stringData: { release: JSON.stringify(release) },
  };
}
