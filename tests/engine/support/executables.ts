import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { tool } from "../../tools/cache.js";

const { resolve } = createRequire(import.meta.url);
const engineFolder = dirname(import.meta.dirname);
const versionOf = (sdk: string): string =>
  (createRequire(import.meta.url)(`@pulumi/${sdk}/package.json`) as { version: string }).version;

/** What the engine looks for on PATH -> what it finds there. */
const plugins: Readonly<Record<string, readonly string[]>> = {
  "pulumi-language-nodejs": ["host/main.ts"],
  "pulumi-resource-aws": ["providers/cloud/main.ts", "aws", versionOf("aws")],
  "pulumi-resource-random": ["providers/cloud/main.ts", "random", versionOf("random")],
  "pulumi-resource-kubernetes": ["providers/kubernetes/main.ts", versionOf("kubernetes")],
};

/** A folder for PATH: the CLI, the language host, the stand-in providers, and the clouds' own CLIs as far as they are called. */
export function writeExecutables(folder: string): void {
  mkdirSync(folder, { recursive: true });
  symlinkSync(tool("pulumi"), join(folder, "pulumi"));
  const loader = pathToFileURL(resolve("tsx")).href;
  for (const [name, [file = "", ...args]] of Object.entries(plugins)) {
    const words = [process.execPath, "--import", loader, join(engineFolder, file), ...args];
    writeScript(join(folder, name), `exec ${words.map(quoted).join(" ")} "$@"`);
  }
  // `aws eks get-token`: what a kubeconfig of EKS runs. The cluster's address and CA come from the stand-in cloud.
  const credential = {
    kind: "ExecCredential",
    apiVersion: "client.authentication.k8s.io/v1beta1",
    spec: {},
    status: { token: "TOKEN" },
  };
  writeScript(join(folder, "aws"), `printf '%s' '${JSON.stringify(credential)}' | sed "s/TOKEN/$STANDIN_KUBE_TOKEN/"`);
}

function writeScript(path: string, command: string): void {
  writeFileSync(path, `#!/bin/sh\n${command}\n`);
  chmodSync(path, 0o755);
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
