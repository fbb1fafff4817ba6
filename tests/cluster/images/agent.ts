import { basename, join } from "node:path";
import { hashBuild } from "../../../components/build/context-hash.js";
import { tools } from "../../tools/table.js";
import { type ConfigBlob, describe, type Layout, layerBlob, type Manifest, readBlob } from "./archive.js";
import { bases } from "./bases.js";
import { builtIn, carryOut } from "./buildah.js";
import { type Entry, text } from "./entries.js";
import { kept, type PackedImage, pack, type Say } from "./pack.js";
import { agentRepository } from "./references.js";

const context = join(import.meta.dirname, "../../..");
const dockerfile = join(context, "service/Dockerfile");

const migration = (name: string, ...sql: readonly string[]): Entry =>
  text(`app/service/dist/storage/migrations/${name}.sql`, `${sql.join("\n")}\n`);
// It takes long enough to be seen while it runs.
const later = migration("9001-expand-later", "create table later (id bigint primary key);", "select pg_sleep(5);");
const broken = migration("9002-expand-broken", "alter table that_is_not_there add column note text;");

/** The service's versions, the oldest first: what each has on top of what the Dockerfile makes. */
const versions = {
  first: [],
  /** Has a migration more, which the version before does not mind. */
  second: [later],
  /** Has one more, which fails. */
  failing: [later, broken],
} as const satisfies Readonly<Record<string, readonly Entry[]>>;

/** Built once, by `service/Dockerfile`; a version after that is the same with another label, or a layer more. */
export async function packAgents(say: Say): Promise<readonly PackedImage[]> {
  const node = await pack("agent-node", bases.NODE_IMAGE, say);
  const python = await pack("agent-python", bases.PYTHON_IMAGE, say);
  const { files } = hashBuild({ context, dockerfile, args: {} });
  const about = [files, node.digest, python.digest, basename(tools.buildah.folder()), versions];
  return kept("agent-service", about, say, async (blobs) => {
    const [args, folder] = [{ NODE_IMAGE: nameOf(node), PYTHON_IMAGE: nameOf(python) }, join(blobs, "built")];
    await carryOut({ dockerfile, context, args, bases: [node.archive, python.archive] }, folder);
    const built = builtIn(folder);
    return Object.entries(versions).map(([version, more]) => {
      const layout = changed(built, version, more);
      return { layout, references: [`${agentRepository}:${version}`, `${agentRepository}@${layout.manifest.digest}`] };
    });
  });
}

const nameOf = ({ references: [name = ""] }: PackedImage): string => name;

/** As `--build-arg VERSION` would label it, with what else it has. */
function changed({ folder, manifest }: Layout, version: string, more: readonly Entry[]): Layout {
  const { config: configBlob, layers } = readBlob<Manifest>(folder, manifest);
  const { config, rootfs, history = [], ...rest } = readBlob<ConfigBlob>(folder, configBlob);
  const added = more.length === 0 ? [] : [layerBlob(folder, more)];
  return describe(folder, [...layers, ...added], {
    ...rest,
    config: { ...config, Labels: { ...config.Labels, "org.opencontainers.image.version": version } },
    rootfs: { ...rootfs, diff_ids: [...rootfs.diff_ids, ...added.map(({ digest }) => digest)] },
    history: [...history, ...added.map(() => ({ created_by: version }))],
  });
}
