import type { Props } from "../providers/serve.js";
import { minutesOnAws } from "./aws.js";
import { minutesOnAzure } from "./azure.js";
import { minutesOnGcp } from "./gcp.js";
import { minutesOfImages } from "./images.js";
import { minutesInCluster } from "./kubernetes.js";
import { CALL, type Rows } from "./row.js";
import { minutesOfWaiting } from "./time.js";

export type Operation = "create" | "update" | "delete";

/**
 * How long things take in real clouds. What matters is not any one figure but which parts are long: they decide what
 * the first `up` waits for.
 */
const minutes: Rows = {
  ...minutesOnAws,
  ...minutesOnGcp,
  ...minutesOnAzure,
  ...minutesInCluster,
  ...minutesOfImages,
  ...minutesOfWaiting,
};

export const minutesOf = (type: string, op: Operation, inputs: Props): number => {
  const row = minutes[type] ?? CALL;
  const { create, ...others } = typeof row === "function" ? row(inputs) : row;
  return op === "create" ? create : (others[op] ?? CALL.create);
};
