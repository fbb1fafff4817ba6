import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { tool } from "../../tools/cache.js";
import { pluginFile } from "./prepared.js";

const versionOf = (sdk: string): string =>
  (createRequire(import.meta.url)(`${sdk}/package.json`) as { version: string }).version.replace(/^v/, "");
/** The engine looks for the version that the SDK of a cloud was made for. */
const cloudPlugin = (name: string, sdk = `@pulumi/${name}`): readonly string[] => [
  "providers/cloud/main.ts",
  name,
  versionOf(sdk),
];

/** What the engine looks for on PATH -> what it finds there. */
const plugins: Readonly<Record<string, readonly string[]>> = {
  "pulumi-language-nodejs": ["host/main.ts"],
  "pulumi-resource-aws": cloudPlugin("aws"),
  "pulumi-resource-azure-native": cloudPlugin("azure-native"),
  "pulumi-resource-docker-build": cloudPlugin("docker-build"),
  "pulumi-resource-gcp": cloudPlugin("gcp"),
  "pulumi-resource-random": cloudPlugin("random"),
  "pulumi-resource-time": cloudPlugin("time", "@pulumiverse/time"),
  "pulumi-resource-kubernetes": ["providers/kubernetes/main.ts", versionOf("@pulumi/kubernetes")],
};

/** `aws eks get-token`, Google's plugin for kubectl, `kubelogin get-token`. */
const tokenCommands = ["aws", "gke-gcloud-auth-plugin", "kubelogin"];

/** A folder for PATH: the CLI, the language host, the stand-in providers, and the clouds' own CLIs as far as they are called. */
export function writeExecutables(folder: string): void {
  mkdirSync(folder, { recursive: true });
  symlinkSync(tool("pulumi"), join(folder, "pulumi"));
  for (const [name, [file = "", ...args]] of Object.entries(plugins)) {
    const words = [process.execPath, pluginFile(file), ...args];
    writeScript(join(folder, name), `exec ${words.map(quoted).join(" ")} "$@"`);
  }
  // What kubeconfigs run for a token. The cluster's address and CA come from the stand-in cloud.
  const credential = {
    kind: "ExecCredential",
    apiVersion: "client.authentication.k8s.io/v1beta1",
    spec: {},
    status: { token: "TOKEN" },
  };
  const answer = `printf '%s' '${JSON.stringify(credential)}' | sed "s/TOKEN/$STANDIN_KUBE_TOKEN/"`;
  for (const name of tokenCommands) writeScript(join(folder, name), answer);
}

function writeScript(path: string, command: string): void {
  writeFileSync(path, `#!/bin/sh\n${command}\n`);
  chmodSync(path, 0o755);
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
