import { resolve } from "node:path";
import { ownArchives, packImages } from "../images/index.js";
import { addresses } from "./addresses.js";
import { down } from "./down.js";
import { lacks } from "./lacks.js";
import { standardDirectory } from "./layout.js";
import type { Life } from "./life.js";
import { found, type RealNode, up } from "./node.js";
import { readRecord } from "./record.js";
import { describe } from "./status.js";

/** Where a stack's gateway answers unless `gateway.nodePorts` says otherwise: the same ports on the machine. */
const gatewayPorts = [30080, 30443];

const say = (what: string): void => console.error(what);

function printAccess({ loopbackKubeconfigFile, outside, address, doors }: RealNode): void {
  console.log(`export KUBECONFIG=${loopbackKubeconfigFile}`);
  if (doors.length > 0)
    console.log(`localhost:${doors.join(" and localhost:")} lead to the NodePorts of these numbers`);
  console.log(`from outside the node, where every port of ${address} answers: nsenter --net=${outside} curl ...`);
  console.log("npm run cluster -- down ends it");
}

const commands: Readonly<Record<string, (options: readonly string[]) => Promise<void>>> = {
  up: async () => {
    const doors = gatewayPorts.map((port) => ({ port, to: { host: addresses.node, port } }));
    const lacking = lacks(standardDirectory());
    if (lacking !== undefined) throw new Error(lacking);
    const images = await packImages(say);
    const node = await up({ doors, say });
    try {
      say("importing the images");
      await node.importImages(images.map(({ archive }) => archive));
      node.leave();
    } catch (error) {
      await node.down();
      throw error;
    }
    printAccess(node);
  },
  down: async ([of]) => {
    const was = await down(of === undefined ? undefined : ownerIn(of));
    console.log(was ? "the node is gone" : "no node is up");
  },
  import: async (archives) => {
    const node = found();
    if (node === undefined) throw new Error("no node is up");
    await node.importImages(archives.map((archive) => resolve(archive)));
  },
  images: async () => {
    for (const archive of ownArchives(await packImages(say))) console.log(archive);
  },
  status: async () => {
    for (const line of describe(readRecord())) console.log(line);
    const node = found();
    if (node !== undefined) printAccess(node);
  },
};

/** `--of=PID:BORN` */
function ownerIn(option: string): Life {
  const [pid = "", born = ""] = option.slice(option.indexOf("=") + 1).split(":");
  return { pid: Number(pid), born };
}

/** `npm run cluster [-- up | down | status | import ARCHIVE ... | images]` */
const [name = "up", ...options] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  console.error(`no command ${name}; there are ${Object.keys(commands).join(", ")}`);
  process.exit(2);
}
try {
  await command(options);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
