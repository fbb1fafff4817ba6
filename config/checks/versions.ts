import { kubernetes, postgres, valkey } from "../versions.js";
import { own, type Path } from "../walk.js";
import { type Check, set, written } from "./finding.js";

export const endOfLife: Check = (settings, context, found) => {
  const hold = (
    path: Path,
    name: string,
    version: string,
    table: Readonly<Record<string, { until: string }>>,
  ): void => {
    const { until } = own(table, version) ?? { until: "" };
    if (context.today <= until) return;
    const alive = Object.entries(table).find(([, other]) => context.today <= other.until)?.[0];
    if (alive === undefined)
      found.warning(
        `${written(context, path)}: no version of ${name} in this release is supported any more on ${context.today}`,
      );
    else
      found.problem(
        path,
        `${name} ${version} ended on ${until}`,
        `a version that is supported on ${context.today}`,
        set(context, path, alive),
      );
  };
  if (settings.cluster.mode === "managed")
    hold(["cluster", "version"], "Kubernetes", settings.cluster.version, kubernetes);
  for (const [key, one] of Object.entries(settings.databases)) {
    if (one.mode === "managed" || one.mode === "inCluster")
      hold(["databases", key, "version"], "PostgreSQL", one.version, postgres);
  }
  for (const [key, one] of Object.entries(settings.caches)) {
    if (one.mode !== "existing") hold(["caches", key, "version"], "Valkey", one.version, valkey);
  }
};
