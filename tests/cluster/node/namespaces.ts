import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { tools } from "../../tools/table.js";
import { addresses, mark, nodeName } from "./addresses.js";
import { covered, emptied, type Layout } from "./layout.js";
import { type Life, lifeOf, onlyChildOf } from "./life.js";

export interface Held {
  /** Is outside the node. */
  readonly holder: Life;
  readonly first: Life;
}

/** The first process in the node waits for its word, and then for orphans: nobody else would. */
const firstProcess = "echo held; read go || exit 1; while :; do sleep 86400 & wait; done";
const enters = ["--net", "--mount", "--pid", "--uts", "--ipc"];

/**
 * Two sets of namespaces within each other, held by processes and nothing else: when the holder, which is outside the
 * node, is killed, the kernel kills the first process in the node, and with it everything there. Only when they are
 * recorded do they outlive this process.
 */
export async function hold(record: (held: Held) => void): Promise<Held> {
  const child = spawn(
    "unshare",
    [
      ...["--net", "--fork", "--kill-child", "unshare", ...enters, "--fork", "--kill-child", "--mount-proc"],
      ...["sh", "-c", firstProcess, mark],
    ],
    { stdio: ["pipe", "pipe", "pipe"], detached: true },
  );
  try {
    await itsWord(child);
    const holder = known(child.pid);
    const held = { holder, first: known(onlyChildOf(known(onlyChildOf(holder.pid)).pid)) };
    record(held);
    child.stdin.end("go\n");
    return held;
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    child.stdout.destroy();
    child.stderr.destroy();
    child.unref();
  }
}

function itsWord(child: ChildProcessWithoutNullStreams): Promise<void> {
  let said = "";
  // Where it has ended, that it does not listen either is no news.
  child.stdin.on("error", () => {});
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => reject(new Error(`unshare: ${said.trim()}`)));
    child.stdout.once("data", () => resolve());
  });
}

function known(pid: number | undefined): Life {
  const life = pid === undefined ? undefined : lifeOf(pid);
  if (life === undefined) throw new Error("the namespaces' processes ended at once");
  return life;
}

/** `nsenter`'s words for being in the node. */
export const inNode = ({ pid }: Life): readonly string[] => ["nsenter", `--target=${pid}`, ...enters];

/** The network of a person outside: a path that `nsenter --net` takes. */
export const outsideOf = ({ pid }: Life): string => `/proc/${pid}/ns/net`;

const run = promisify(execFile);

const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

/** With the programs that came with containerd before those of the machine, and nobody else's way out. */
export function nodeEnv(): NodeJS.ProcessEnv {
  const folder = tools.containerd.folder();
  const path = [join(folder, "usr/bin"), join(folder, "usr/sbin"), process.env["PATH"] ?? ""].join(delimiter);
  return { ...Object.fromEntries(proxies.map((name) => [name, undefined])), PATH: path };
}

/** Runs a program in the node; an error carries what it said. */
export async function runIn(first: Life, program: string, args: readonly string[]): Promise<string> {
  const [enter = "", ...options] = inNode(first);
  const { stdout } = await run(enter, [...options, program, ...args], {
    env: { ...process.env, ...nodeEnv() },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** A cable between the two networks, and nothing else: no packet leaves them. */
export async function connect(holder: Life, first: Life): Promise<void> {
  const outside = ["nsenter", `--net=${outsideOf(holder)}`];
  const node = ["nsenter", `--net=${outsideOf(first)}`];
  await all(outside, [
    "ip link set lo up",
    `ip link add outside0 type veth peer name node0 netns ${first.pid}`,
    `ip addr add ${addresses.outside}/24 dev outside0`,
    "ip link set outside0 up",
  ]);
  await all(node, [
    "ip link set lo up",
    `ip addr add ${addresses.node}/24 dev node0`,
    "ip link set node0 up",
    // Before a service's address is another one it needs a way out, whichever.
    `ip route add ${addresses.services} via ${addresses.outside}`,
    "echo 1 >/proc/sys/net/ipv4/ip_forward",
    // What pods on the same bridge say to each other is to be seen by kube-proxy's rules.
    "echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables",
  ]);
  await all(outside, [
    `ip route add ${addresses.services} via ${addresses.node}`,
    `ip route add ${addresses.pods} via ${addresses.node}`,
  ]);
}

/** The machine's files, with what the node's parts write kept apart. */
export async function mountFolders(first: Life, { layer }: Layout): Promise<void> {
  const layers = covered
    .filter((folder) => existsSync(folder))
    .map((folder) => {
      const { upper, work } = layer(folder);
      return `mount -t overlay -o lowerdir=${folder},upperdir=${upper},workdir=${work} ${mark} ${folder}`;
    });
  await all(inNode(first), [
    "mount --make-rshared /",
    `mount -t tmpfs -o mode=755 ${mark} ${emptied}`,
    ...layers,
    `echo ${nodeName} >/proc/sys/kernel/hostname`,
  ]);
}

async function all(enter: readonly string[], lines: readonly string[]): Promise<void> {
  const [program = "", ...args] = enter;
  await run(program, [...args, "sh", "-ec", lines.join("\n")]);
}
