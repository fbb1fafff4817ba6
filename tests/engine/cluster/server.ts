import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Access, Api } from "./api.js";
import { selfSigned } from "./certificate.js";
import { filesIn, type Layout, type Part, parts, schedulerConfig } from "./parts.js";
import { freePorts, type Running, start } from "./process.js";

export interface ClusterArgs {
  /** The program that is every server of a cluster, by its first argument. */
  readonly binary: string;
  /** For data and logs: nothing is kept anywhere else. */
  readonly directory: string;
  /** Told what is being waited for. */
  readonly say?: (what: string) => void;
}

/** A real API server with its controllers and scheduler. Nodes and what runs on them are played: `play.ts`. */
export interface TestCluster extends Access {
  readonly token: string;
  /** For kubectl and providers: the text, and a file that holds it. */
  readonly kubeconfig: string;
  readonly kubeconfigFile: string;
  /** Process ids, by server. */
  pids(): Readonly<Record<string, number>>;
  /** The API server is away: connections are refused. What it holds stays. */
  cut(): Promise<void>;
  /** The API server is back, at the same address. */
  mend(): Promise<void>;
  /** As new: nothing of what was made is left. The address, the certificate and the token stay. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** Loaded machines take several times as long as the four seconds that it takes on two cores. */
const DEADLINE_MS = 120_000;
const POLL_MS = 50;

export async function startCluster({ binary, directory, say = () => {} }: ClusterArgs): Promise<TestCluster> {
  const { layout, access, kubeconfig } = await prepare(directory);
  const api = new Api(access);
  const running = new Map<Part, Running>();

  const up = (part: Part): void => {
    running.set(part, start(part, binary, [part, ...parts[part](layout)], join(directory, `${part}.log`)));
  };
  const down = async (part: Part): Promise<void> => {
    await running.get(part)?.kill();
    running.delete(part);
  };
  const every = Object.keys(parts) as Part[];
  const backwards = [...every].reverse();
  const clients = ["kube-controller-manager", "kube-scheduler"] as const;
  // Clients go before their servers.
  const downAll = async () => {
    for (const part of backwards) await down(part);
  };

  /** Until the path answers. A server that has ended meanwhile is the reason, with its last words. */
  const answers = async (path: string, what: string): Promise<void> => {
    const began = Date.now();
    say(`waiting for ${what}`);
    for (let last = "it does not answer"; ; ) {
      for (const one of running.values()) one.check();
      try {
        if ((await api.text(path)) !== undefined) return;
        last = "not there yet";
      } catch (error) {
        last = (error as Error).message;
      }
      if (Date.now() - began > DEADLINE_MS)
        throw new Error(`${what}: not within ${DEADLINE_MS / 1000} s: ${last}\nLogs are in ${directory}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  const ready = async () => {
    await answers("/readyz", "the API server");
    // Made by a controller; without it no pod is taken.
    await answers("/api/v1/namespaces/default/serviceaccounts/default", "the controllers");
  };
  const upAll = async () => {
    rmSync(layout.files.data, { recursive: true, force: true });
    try {
      for (const part of every) up(part);
      await ready();
    } catch (error) {
      await downAll();
      throw error;
    }
  };

  await upAll();
  return {
    ...access,
    kubeconfig,
    kubeconfigFile: layout.files.kubeconfig,
    pids: () => Object.fromEntries([...running].map(([part, { pid }]) => [part, pid])),
    cut: () => down("kube-apiserver"),
    mend: async () => {
      // Whoever found it away asks less and less often: those that begin anew ask at once.
      for (const part of clients) await down(part);
      for (const part of every) if (!running.has(part)) up(part);
      await ready();
    },
    reset: async () => {
      await downAll();
      await upAll();
    },
    stop: async () => {
      await downAll();
      api.close();
    },
  };
}

async function prepare(directory: string) {
  mkdirSync(directory, { recursive: true });
  const [etcd = 0, peer = 0, port = 0] = await freePorts(3);
  const layout: Layout = { directory, ports: { etcd, peer, api: port }, files: filesIn(directory) };
  const { files } = layout;
  const { certificate: ca, key } = selfSigned("kube-apiserver", [127, 0, 0, 1]);
  const access: Access & { readonly token: string } = {
    endpoint: `https://127.0.0.1:${port}`,
    ca,
    token: randomBytes(24).toString("hex"),
  };
  const kubeconfig = renderKubeconfig(access);
  const accounts = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

  const write = (path: string, text: string) => writeFileSync(path, text, { mode: 0o600 });
  write(files.certificate, ca);
  write(files.key, key);
  write(files.accountKey, accounts.export({ type: "sec1", format: "pem" }).toString());
  write(files.tokens, `${access.token},admin,admin,system:masters\n`);
  write(files.kubeconfig, kubeconfig);
  write(files.schedulerConfig, JSON.stringify(schedulerConfig(layout)));
  return { layout, access, kubeconfig };
}

/** JSON is YAML as well. */
export const renderKubeconfig = ({ endpoint, ca, token }: Access): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "test",
        cluster: { server: endpoint, "certificate-authority-data": Buffer.from(ca).toString("base64") },
      },
    ],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    "current-context": "test",
  });
