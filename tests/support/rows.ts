import type { RecordedResource } from "../../plan/record.js";

type Row = readonly [type: string, name: string];
/** What a test expects of an inventory. */
export type Rows = readonly Row[];

/** Rows in the order of an inventory. */
export const sorted = (rows: Rows): Row[] => [...rows].sort((a, b) => (a.join() < b.join() ? -1 : 1));

/** What is inside components of that type, themselves included. */
export const within = (resources: readonly RecordedResource[], component: string): readonly RecordedResource[] =>
  resources.filter(({ urn }) => urn.split("::")[2]?.split("$").includes(component) === true);
