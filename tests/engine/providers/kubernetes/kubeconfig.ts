import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";

/** How an API server is reached, as a kubeconfig says it. */
export interface Access {
  readonly server: string;
  /** The context's own, or `default`. */
  readonly namespace: string;
  readonly tls: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
    readonly rejectUnauthorized?: boolean;
  };
  /** The value of the `authorization` header, where the user is known by one. */
  authorization(): Promise<string | undefined>;
}

type Entry = Readonly<Record<string, unknown>>;
interface Named {
  readonly name: string;
}
interface Exec {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
}
interface Kubeconfig {
  readonly "current-context"?: string;
  readonly contexts?: readonly (Named & {
    readonly context?: { readonly cluster?: string; readonly user?: string; readonly namespace?: string };
  })[];
  readonly clusters?: readonly (Named & { readonly cluster?: Entry })[];
  readonly users?: readonly (Named & { readonly user?: Entry })[];
}

/** What `kubeconfig` may be: a text, a path, or nothing, which means the one that kubectl would take. */
export function readKubeconfig(given: string | undefined): { readonly text: string; readonly folder: string } {
  const ambient = process.env["KUBECONFIG"]?.split(delimiter).find((path) => path !== "");
  const one = given === undefined || given === "" ? (ambient ?? join(homedir(), ".kube/config")) : given;
  const path = one.replace(/^~(?=$|\/)/, homedir());
  const isText = given !== undefined && statSync(path, { throwIfNoEntry: false }) === undefined && one.includes(":");
  return isText ? { text: one, folder: process.cwd() } : { text: readFileSync(path, "utf8"), folder: dirname(path) };
}

/** The cluster behind a context, for comparing: another one means that everything in it is elsewhere. */
export function activeCluster(text: string, context: string | undefined): Entry | undefined {
  const config = parse(text) as Kubeconfig;
  const chosen = named(config.contexts, context ?? config["current-context"]);
  return named(config.clusters, chosen?.context?.cluster)?.cluster;
}

export function accessFrom(given: string | undefined, context: string | undefined): Access {
  const { text, folder } = readKubeconfig(given);
  const config = parse(text) as Kubeconfig | null;
  const name = context ?? config?.["current-context"];
  const chosen = named(config?.contexts, name)?.context;
  if (chosen === undefined)
    throw new Error(
      name === undefined || name === ""
        ? "invalid configuration: no configuration has been provided"
        : `context "${name}" does not exist`,
    );
  const cluster = named(config?.clusters, chosen.cluster)?.cluster ?? {};
  const user = named(config?.users, chosen.user)?.user ?? {};
  const { server } = cluster;
  if (typeof server !== "string") throw new Error(`invalid configuration: cluster "${chosen.cluster}" has no server`);

  const pem = (entry: Entry, key: string): string | undefined => {
    const [data, file] = [entry[`${key}-data`], entry[key]];
    if (typeof data === "string") return Buffer.from(data, "base64").toString("utf8");
    return typeof file === "string" ? readFileSync(resolve(folder, file), "utf8") : undefined;
  };
  const [ca, cert, key] = [
    pem(cluster, "certificate-authority"),
    pem(user, "client-certificate"),
    pem(user, "client-key"),
  ];
  const servername = cluster["tls-server-name"];
  return {
    server: server.replace(/\/$/, ""),
    namespace: chosen.namespace ?? "default",
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(typeof servername === "string" ? { servername } : {}),
      ...(cluster["insecure-skip-tls-verify"] === true ? { rejectUnauthorized: false } : {}),
    },
    authorization: authorizationOf(user, folder),
  };
}

const named = <T extends Named>(all: readonly T[] | undefined, name: string | undefined): T | undefined =>
  all?.find((one) => one.name === name);

function authorizationOf(user: Entry, folder: string): Access["authorization"] {
  const { token, tokenFile, username, password, exec } = user;
  if (typeof token === "string") return async () => `Bearer ${token}`;
  if (typeof tokenFile === "string")
    return async () => `Bearer ${readFileSync(resolve(folder, tokenFile), "utf8").trim()}`;
  if (typeof username === "string")
    return async () => `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
  if (exec === undefined) return async () => undefined;
  // A run of the command takes a good part of a second, and what it gives is good for minutes.
  let asked: Promise<string> | undefined;
  return () => {
    asked ??= tokenFrom(exec as Exec);
    return asked;
  };
}

async function tokenFrom({ command, args = [], env = [] }: Exec): Promise<string> {
  const own = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  try {
    const { stdout } = await promisify(execFile)(command, [...args], { env: { ...process.env, ...own } });
    const { status } = JSON.parse(stdout) as { readonly status?: { readonly token?: string } };
    return `Bearer ${status?.token ?? ""}`;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(
      code === "ENOENT"
        ? `getting credentials: exec: executable ${command} not found`
        : `getting credentials: exec: ${message}`,
    );
  }
}
