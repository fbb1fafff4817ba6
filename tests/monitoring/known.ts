import { series } from "../../components/monitoring/metrics/names.js";
import { recordings } from "../../components/monitoring/rules/index.js";
import type { RuleScope } from "../../components/monitoring/rules/scope.js";
import { businessOf } from "../../config/service-schema.js";
import type { Known } from "./promql.js";

/** Besides what is in the tables: what rules record, and what a stack says that its services show. */
export const knownIn = ({ running, cloud }: RuleScope): Known => {
  const said = Object.values(running).flatMap((service) =>
    businessOf(service).map(({ name }) => [name, undefined] as const),
  );
  const ofCloud = Object.values(cloud).map((expr) => [expr, undefined] as const);
  return new Map<string, readonly string[] | undefined>([...said, ...ofCloud, ...recordings, ...series]);
};
