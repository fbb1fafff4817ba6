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

/** In the order of their prices, where a core costs as much as that many GiB. */
export const byPrice = <M extends Machine>(gibPerCore: number, machines: readonly M[]): readonly M[] => {
  const price = ({ cpu, memory }: M): number => cpu * gibPerCore + memory;
  return [...machines].sort((a, b) => price(a) - price(b));
};

/** The first row that fits; what was asked for, and what to do, where none does. */
export function firstFitting<Row extends { readonly type: string }>(
  cloud: string,
  rows: readonly Row[],
  fits: (row: Row) => boolean,
  asked: string,
): Row {
  const row = rows.find(fits);
  if (row === undefined) throw new Error(`${cloud}: no machine has ${asked}; name one in ${cloud}.machineTypes`);
  return row;
}

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
  const fits = (row: Machine): boolean => row.cpu >= cpu && row.memory >= memory;
  if (gpu === 0) return firstFitting(cloud, plain[arch], fits, `${cpu} cores and ${memory} GiB (${arch})`).type;
  // Settings refuse accelerators on arm64; a node image of the wrong architecture would never join.
  const machines = arch === "amd64" ? withGpu : [];
  const asked = `${cpu} cores, ${memory} GiB and ${gpu} accelerators (${arch})`;
  return firstFitting(cloud, machines, (row) => fits(row) && row.gpu >= gpu, asked).type;
}
