import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tool } from "../../tools/cache.js";
import { type Played, startPlayed } from "../cluster/play.js";
import { startCluster, type TestCluster } from "../cluster/server.js";
import { objectsIn } from "./objects.js";
import { GENERATED, plant } from "./planted.js";
import { chartsFolder } from "./prepared.js";
import { type Leak, leaksOf } from "./scan.js";
import { EngineStack, type StackOptions } from "./stack.js";

/** What a minute of a cloud takes here. */
export const MINUTE_MS = 30;

/** A real API server, with what runs on its nodes played; the clouds' clusters and the local one are this one. */
export interface Ground {
  readonly cluster: TestCluster;
  readonly played: Played;
  close(): Promise<void>;
}

export async function openGround(): Promise<Ground> {
  const directory = mkdtempSync(join(tmpdir(), "engine-cluster-"));
  const cluster = await startCluster({ binary: tool("kubernetes"), directory });
  const played = startPlayed(cluster, { minuteMs: MINUTE_MS });
  return {
    cluster,
    played,
    close: async () => {
      played.stop();
      await cluster.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What the stand-ins are told: the pace, what to plant, and where the API server is. */
export const standInEnv = ({ cluster }: Ground): Readonly<Record<string, string>> => ({
  STANDIN_MINUTE_MS: String(MINUTE_MS),
  STANDIN_PLANT: GENERATED,
  STANDIN_CRDS: chartsFolder(),
  STANDIN_HELM: tool("helm"),
  STANDIN_KUBE_ENDPOINT: cluster.endpoint,
  STANDIN_KUBE_CA: Buffer.from(cluster.ca).toString("base64"),
  STANDIN_KUBE_TOKEN: cluster.token,
  KUBECONFIG: cluster.kubeconfigFile,
});

/** A stack on that ground, with secrets planted wherever they can come from. */
export class Trial {
  private constructor(
    readonly stack: EngineStack,
    readonly ground: Ground,
    /** What must never be read in plain text. */
    readonly planted: string[],
  ) {}

  static async open(
    ground: Ground,
    options: StackOptions & { readonly secretNames: readonly string[] },
  ): Promise<Trial> {
    const secrets = Object.fromEntries(options.secretNames.map((name) => [name, plant(name)]));
    const stack = await EngineStack.create({
      ...options,
      secrets,
      env: {
        ...standInEnv(ground),
        ...options.env,
      },
    });
    return new Trial(stack, ground, [GENERATED, ...Object.values(secrets)]);
  }

  /** Another value for a secret of the stack's configuration. */
  async rotate(name: string): Promise<void> {
    const value = plant(name);
    this.planted.push(value);
    await this.stack.configure({}, { [name]: value });
  }

  /** Where planted secrets can be read: files of the stack and its state, logs of events, objects of the API server. */
  async leaks(): Promise<readonly Leak[]> {
    return leaksOf(this.stack, await objectsIn(this.ground.cluster), this.planted);
  }

  /** What holds after every step of every scenario: no secret in plain text, and nothing half done. */
  async assertSound(): Promise<void> {
    assert.deepEqual(await this.leaks(), []);
    assert.deepEqual(this.stack.state().pending_operations ?? [], []);
  }

  async close(): Promise<void> {
    this.stack.remove();
  }
}
