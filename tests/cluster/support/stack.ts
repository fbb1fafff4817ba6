import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Secret } from "kubernetes-types/core/v1.js";
import { Api, type Manifest } from "../../engine/cluster/api.js";
import { createAuthority } from "../../engine/cluster/certificate.js";
import { externalSecretRole, secretStoreRole } from "../../engine/cluster/external-secrets.js";
import { type Played, startPlayed } from "../../engine/cluster/play.js";
import { writeCharts } from "../../engine/support/charts.js";
import { GENERATED, plant } from "../../engine/support/planted.js";
import { changesOf, EngineStack, type Ran, type Step } from "../../engine/support/stack.js";
import { crdsThere, tool } from "../../tools/cache.js";
import { accessTo } from "./access.js";
import { Inside } from "./inside.js";
import type { Place } from "./place.js";
import { CERTIFICATE, HOST, STORE, settingsFor } from "./settings.js";

/** What the platform's namespaces are called. */
export const namespaces = { services: "agents-development", data: "agents-development-data" } as const;

export const givenSecret = (): string => plant("given");
/** What every secret begins with: those that somebody gives, and those that are generated. */
export const planted = ["planted-given", GENERATED] as const;

/** What is played takes so long where it says a minute; what is real takes its own time. */
const PLAYED_MINUTE_MS = 30;
const REAL_MINUTE_MS = 60_000;

/** Operators of which every definition must be there, since they watch them all. */
const wholeCharts = ["gateway-crds-helm", "cloudnative-pg"];

/** A stack on a real cluster, by the real engine; External Secrets alone is played. */
export class ClusterStack {
  /** What brought it up. */
  first: Ran | undefined;
  #isThere = false;

  private constructor(
    readonly place: Place,
    readonly engine: EngineStack,
    readonly api: Api,
    readonly inside: Inside,
    /** Who signed the gateway's certificate, as PEM. */
    readonly authority: string,
    readonly played: Played,
    readonly folder: string,
  ) {}

  /** Up and ready, with more settings than all have, or an error with all that the engine said. */
  static async open(place: Place, more: Readonly<Record<string, string>> = {}): Promise<ClusterStack> {
    const stack = await ClusterStack.#prepared(place, more);
    try {
      stack.#isThere = true;
      stack.first = await stack.engine.up();
      if (stack.first.code !== 0) throw new Error(`the stack did not come up:\n${stack.first.output}`);
      return stack;
    } catch (error) {
      await stack.close();
      throw error;
    }
  }

  static async #prepared(place: Place, more: Readonly<Record<string, string>>): Promise<ClusterStack> {
    const access = await accessTo(place.kubeconfig);
    const api = new Api(access);
    const authority = createAuthority("test authority");
    const { certificate, key } = authority.issue({ common: HOST, names: [HOST] });
    await api.create("/api/v1/namespaces", { metadata: { name: STORE } });
    await api.create(`/api/v1/namespaces/${STORE}/secrets`, {
      metadata: { name: CERTIFICATE },
      stringData: { certificate, privateKey: key },
    });
    const folder = mkdtempSync(join(tmpdir(), "cluster-"));
    writeCharts(crdsThere(), join(folder, "definitions"), wholeCharts);
    const engine = await EngineStack.create({
      stack: "dev",
      serving: true,
      settings: { ...settingsFor(place), ...more },
      secrets: { OPENAI_API_KEY: givenSecret() },
      env: {
        STANDIN_MINUTE_MS: String(PLAYED_MINUTE_MS),
        STANDIN_WAIT_MINUTE_MS: String(REAL_MINUTE_MS),
        STANDIN_PLANT: GENERATED,
        STANDIN_CRDS: join(folder, "definitions"),
        STANDIN_CHARTS: place.charts,
        STANDIN_HELM: tool("helm"),
        KUBECONFIG: place.kubeconfig,
        NO_PROXY: `127.0.0.1,localhost,${new URL(access.endpoint).hostname}`,
      },
    });
    const played = startPlayed(access, { minuteMs: PLAYED_MINUTE_MS, roles: [secretStoreRole, externalSecretRole] });
    return new ClusterStack(place, engine, api, new Inside(access), authority.certificate, played, folder);
  }

  /** The first admin key, as docs/outputs.md says how to read it. */
  async adminKey(): Promise<string> {
    const said = JSON.parse(await this.engine.must("stack", "output", "--json", "bootstrapKey")) as {
      readonly store: string;
      readonly key: string;
    };
    const secret = await this.api.get<Secret & Manifest>(`/api/v1/namespaces/${said.store}/secrets/${said.key}`);
    return Buffer.from(secret?.data?.["value"] ?? "", "base64").toString("utf8");
  }

  async list<T extends Manifest>(path: string): Promise<readonly T[]> {
    return (await this.api.get<{ readonly items: readonly T[] }>(path))?.items ?? [];
  }

  /** What an up changed, which must end well. */
  async up(...args: string[]): Promise<readonly Step[]> {
    const ran = await this.engine.up(...args);
    assert.equal(ran.code, 0, ran.output);
    return changesOf(ran);
  }

  /** The stack goes; what it was given stays until it is closed. */
  async destroy(): Promise<Ran> {
    const ran = await this.engine.destroy();
    this.#isThere = ran.code !== 0;
    return ran;
  }

  async close(): Promise<void> {
    try {
      if (this.#isThere) await this.destroy();
      await this.api.remove(`/api/v1/namespaces/${STORE}`);
    } finally {
      this.leave();
    }
  }

  /** Only what there is of it outside the cluster goes: the cluster goes as a whole. */
  leave(): void {
    this.played.stop();
    this.api.close();
    this.engine.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
