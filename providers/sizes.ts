/** A machine type of some cloud, in a table of its sizes. */
export interface Machine {
  readonly type: string;
  readonly cpu: number;
  /** GiB. */
  readonly memory: number;
}
export interface GpuMachine extends Machine {
  readonly gpu: number;
}

/** A node of a managed cache: what it holds is all that is asked of it. */
export interface CacheNode {
  readonly type: string;
  /** GiB, as the cloud counts them. */
  readonly memory: number;
}

/** In the order of their prices, where a core costs as much as that many GiB. */
export const byPrice = <M extends Machine>(gibPerCore: number, machines: readonly M[]): readonly M[] => {
  const price = ({ cpu, memory }: M): number => cpu * gibPerCore + memory;
  return [...machines].sort((a, b) => price(a) - price(b));
};

const hasAtLeast =
  (cpu: number, memory: number) =>
  (row: Machine): boolean =>
    row.cpu >= cpu && row.memory >= memory;

/** What was asked for, and what to do, where no machine has it. */
export const noMachine = (cloud: string, asked: string): Error =>
  new Error(`${cloud}: no machine has ${asked}; name one in ${cloud}.machineTypes`);

function firstFitting<Row>(cloud: string, rows: readonly Row[], fits: (row: Row) => boolean, asked: string): Row {
  const row = rows.find(fits);
  if (row === undefined) throw noMachine(cloud, asked);
  return row;
}

/** The first machine with that many cores and that much memory, in GiB. */
export const machineFor = <M extends Machine>(
  cloud: string,
  machines: readonly M[],
  cpu: number,
  memory: number,
  what = "",
): M => firstFitting(cloud, machines, hasAtLeast(cpu, memory), `${cpu} cores and ${memory} GiB${what}`);

export interface AskedNode {
  readonly cpu: number;
  readonly memory: number;
  readonly arch: "arm64" | "amd64";
  readonly gpu: number;
}

/** The smallest machine for the nodes of a pool. */
export function nodeTypeOf(
  cloud: string,
  plain: Readonly<Record<AskedNode["arch"], readonly Machine[]>>,
  withGpu: readonly GpuMachine[],
  { cpu, memory, arch, gpu }: AskedNode,
): string {
  if (gpu === 0) return machineFor(cloud, plain[arch], cpu, memory, ` (${arch})`).type;
  // Settings refuse accelerators on arm64; a node image of the wrong architecture would never join.
  const machines = arch === "amd64" ? withGpu : [];
  const asked = `${cpu} cores, ${memory} GiB and ${gpu} accelerators (${arch})`;
  const fits = hasAtLeast(cpu, memory);
  return firstFitting(cloud, machines, (row) => fits(row) && row.gpu >= gpu, asked).type;
}

/** The smallest node for a shard of a cache. */
export const cacheTypeOf = (cloud: string, nodes: readonly CacheNode[], memory: number): string =>
  firstFitting(cloud, nodes, (row) => row.memory >= memory, `${memory} GiB for a cache`).type;
