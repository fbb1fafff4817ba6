import { existsSync, readdirSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { packNodeImages } from "../images/index.js";
import { addresses, ports } from "./addresses.js";
import { build } from "./build.js";
import { type Door, takeDoors } from "./doors.js";
import { down, putEverythingBack } from "./down.js";
import { importInto } from "./images.js";
import { lacks } from "./lacks.js";
import { layoutIn, standardDirectory } from "./layout.js";
import type { Life } from "./life.js";
import { outsideOf, runIn } from "./namespaces.js";
import { addToRecord, alone, beginRecord, isHeld, type NodeRecord, readRecord } from "./record.js";
import { readSysctls } from "./sysctls.js";
import { type Watch, watchOver } from "./watch.js";

/** A Kubernetes node that is real in all its parts, in namespaces of its own. */
export interface RealNode {
  /** For clients in `outside`. */
  readonly kubeconfigFile: string;
  /** For clients on the machine, by a loopback port. */
  readonly loopbackKubeconfigFile: string;
  /** Where NodePorts answer those in `outside`. */
  readonly address: string;
  /** The network of a person outside, a path that `nsenter --net=` takes: from there the node, its services and pods
   * are reached, and nothing else. */
  readonly outside: string;
  /** Loopback ports of the machine, in the order of the doors that were asked for. */
  readonly doors: readonly number[];
  readonly directory: string;
  /** Runs a program in the node, such as `ctr`, and gives what it says. */
  run(program: string, args: readonly string[]): Promise<string>;
  /** Nothing can be pulled here: what a pod names has to come by this. */
  importImages(archives: readonly string[]): Promise<void>;
  /** From now on it does not end with this process. */
  leave(): void;
  /** Nothing of it stays on the machine. */
  down(): Promise<void>;
}

export interface UpArgs {
  /** For all that it writes but logs: made for it, and gone with it. */
  readonly directory?: string;
  readonly doors?: readonly Door[];
  /** Told what is being waited for. */
  readonly say?: (what: string) => void;
}

const apiDoor: Door = { port: 0, to: { host: addresses.node, port: ports.api } };

/**
 * A node that is ready: its kubelet says so, and names are answered. It ends with this process, however that ends,
 * unless it is left.
 */
export async function up(args: UpArgs = {}): Promise<RealNode> {
  const { directory = standardDirectory(), doors: more = [], say = () => {} } = args;
  const lacking = lacks(resolve(directory));
  if (lacking !== undefined) throw new Error(lacking);
  const images = await packNodeImages(say);
  const doors = await takeDoors([apiDoor, ...more]);
  const watch = watchOver();
  try {
    await begin(resolve(directory), watch.owner, doors.ports);
    await build({ directory: resolve(directory), doors, archives: images.map(({ archive }) => archive), say });
    return nodeOf(recorded(), watch);
  } catch (error) {
    await down(watch.owner);
    watch.end();
    throw error;
  } finally {
    doors.close();
  }
}

/** The node that is up, whoever began it. */
export function found(): RealNode | undefined {
  const record = readRecord();
  return record === undefined || !isHeld(record) ? undefined : nodeOf(record);
}

/** What an interrupted one left goes first. */
const begin = (directory: string, owner: Life, doors: readonly number[]): Promise<void> =>
  alone(async () => {
    const left = readRecord();
    if (left !== undefined && isHeld(left))
      throw new Error("a node needs to be the only one, and another one was faster");
    if (left !== undefined) await putEverythingBack(left);
    if (existsSync(directory) && readdirSync(directory).length > 0)
      throw new Error(`a node needs a folder of its own, and ${directory} holds something else`);
    rmSync(directory, { recursive: true, force: true });
    beginRecord({ directory, owner, doors, since: new Date().toISOString(), sysctls: readSysctls(), parts: {} });
  });

function recorded(): NodeRecord {
  const record = readRecord();
  if (record === undefined) throw new Error("the node was ended meanwhile");
  return record;
}

function nodeOf({ directory, holder, first, doors }: NodeRecord, watch?: Watch): RealNode {
  if (holder === undefined || first === undefined) throw new Error("the node is only about to begin");
  const { kubeconfig } = layoutIn(directory);
  return {
    kubeconfigFile: kubeconfig("admin"),
    loopbackKubeconfigFile: kubeconfig("loopback"),
    address: addresses.node,
    outside: outsideOf(holder),
    doors: doors.slice(1),
    directory,
    run: (program, args) => runIn(first, program, args),
    importImages: (archives) => importInto(first, archives),
    leave: () => {
      addToRecord({ owner: "nobody" });
      watch?.end();
    },
    down: async () => {
      await down();
      watch?.end();
    },
  };
}
