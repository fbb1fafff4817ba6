import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Props } from "../serve.js";
import { readKubeconfig } from "./kubeconfig.js";

export interface Helm {
  readonly binary: string;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}
interface Place {
  readonly name: string;
  readonly namespace: string;
}

/** As the real provider does by Helm's own library: waits, and takes away what failed. */
export async function install(helm: Helm, release: Place & { readonly folder: string; readonly inputs: Props }) {
  const { name, namespace, folder, inputs } = release;
  const flags = [
    ...(inputs["skipAwait"] === true ? [] : ["--wait"]),
    ...(inputs["atomic"] === true ? ["--atomic"] : []),
    ...(inputs["timeout"] === undefined ? [] : ["--timeout", `${inputs["timeout"]}s`]),
  ];
  await inFolder(helm, async (run, scratch) => {
    const values = join(scratch, "values.json");
    writeFileSync(values, JSON.stringify(inputs["values"] ?? {}), { mode: 0o600 });
    await run(["upgrade", "--install", name, folder, "--namespace", namespace, "--values", values, ...flags]);
  });
}

export const uninstall = (helm: Helm, { name, namespace }: Place): Promise<void> =>
  inFolder(helm, (run) => run(["uninstall", name, "--namespace", namespace, "--wait"]));

type Run = (args: readonly string[]) => Promise<void>;

/** Values and kubeconfig hold secrets: they are on disk only for as long as Helm runs. */
async function inFolder(helm: Helm, work: (run: Run, scratch: string) => Promise<void>): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), "helm-"));
  try {
    const kubeconfig = join(scratch, "kubeconfig");
    writeFileSync(kubeconfig, readKubeconfig(helm.kubeconfig).text, { mode: 0o600 });
    const context = helm.context === undefined ? [] : ["--kube-context", helm.context];
    const run: Run = async (args) => {
      await promisify(execFile)(helm.binary, [...args, "--kubeconfig", kubeconfig, ...context]);
    };
    await work(run, scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
