import type { Props } from "../providers/serve.js";

/** Minutes. An update takes as long as any other call unless the row says so. */
export interface Minutes {
  readonly create: number;
  readonly update?: number;
  readonly delete?: number;
}
export type Row = Minutes | ((inputs: Props) => Minutes);
export type Rows = Readonly<Record<string, Row>>;

/** One call to an API that answers when it is done: what a type without a row takes. */
export const CALL: Minutes = { create: 0.02 };
