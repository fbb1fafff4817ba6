import { extensions, maxConnections, parametersFor } from "../../config/postgres.js";

/** KiB: the most that Azure takes for these, whatever the server's memory. */
const MOST_WORK_MEM = 2097151;

/** What a server on Azure has anyway; some of it cannot be said there at all. */
const given: Readonly<Record<string, string>> = {
  log_checkpoints: "on",
  log_connections: "on",
  log_disconnections: "on",
  // Loaded from the start, among others. A list of ours would wait for a restart, which nobody does here.
  shared_preload_libraries: "pg_stat_statements",
};

/**
 * The parameters that are set on Azure: those of `config/postgres.ts`, without what a server there has anyway, and with
 * what only Azure has. https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-server-parameters
 *
 * `max_connections` is left to Azure where the stack does not say it: what Azure makes of a server's memory is no less
 * than what pools are held against, and a number of ours would wait for a restart.
 */
export function azureParameters(
  memoryGiB: number,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const left: Readonly<Record<string, string>> = { ...given, max_connections: String(maxConnections(memoryGiB)) };
  const ours = Object.entries(parametersFor(memoryGiB, {})).map(([name, value]) => [name, capped(name, value)]);
  const all: Readonly<Record<string, string>> = { ...Object.fromEntries(ours), ...own };
  return {
    ...Object.fromEntries(Object.entries(all).filter(([name, value]) => left[name] !== value)),
    // Last, so that no stack turns it off, or takes away an extension that the bootstrap makes.
    "azure.extensions": allowed(own["azure.extensions"]),
    require_secure_transport: "on",
  };
}

const capped = (name: string, value: string): string =>
  name.endsWith("work_mem") ? String(Math.min(Number(value), MOST_WORK_MEM)) : value;

/** What may be made at all: Azure refuses `create extension` for every other one. */
const allowed = (own = ""): string =>
  [...new Set([...extensions, ...own.split(",")].map((name) => name.trim().toUpperCase()))]
    .filter((name) => name !== "")
    .join(",");
