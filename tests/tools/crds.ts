import type { charts } from "../../config/versions.js";

/** Where a chart's custom resource definitions are published: a folder of a Go module, which `crds/go.mod` pins. */
export interface CrdSource {
  readonly module: string;
  readonly folder: string;
}

/** The provider of charts in tests installs these in place of the chart: `CACHE/crds/CHART/*.yaml`. */
export const crds = {
  "cloudnative-pg": { module: "github.com/cloudnative-pg/cloudnative-pg", folder: "config/crd/bases" },
} as const satisfies Readonly<Record<keyof typeof charts, CrdSource>>;
