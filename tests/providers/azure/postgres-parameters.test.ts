import assert from "node:assert/strict";
import { azureParameters } from "../../../providers/azure/postgres-parameters.js";

describe("providers/azure/postgres-parameters", () => {
  it("leaves out what a server on Azure has anyway, and what would wait for a restart", () => {
    assert.deepEqual(azureParameters(4, {}), {
      "pg_stat_statements.track": "all",
      work_mem: "4194",
      maintenance_work_mem: "262144",
      log_min_duration_statement: "1000",
      log_lock_waits: "on",
      log_temp_files: "0",
      "azure.extensions": "VECTOR,UUID-OSSP,PG_STAT_STATEMENTS",
      require_secure_transport: "on",
    });
  });

  it("stays below the most that Azure takes", () => {
    const { work_mem, maintenance_work_mem } = azureParameters(512, {});
    assert.deepEqual([work_mem, maintenance_work_mem], ["536870", "2097151"]);
  });

  it("passes on what the stack says, as it says it", () => {
    const said = { work_mem: "64MB", max_connections: "900", shared_preload_libraries: "pg_stat_statements,pgaudit" };
    const all = azureParameters(8, said);
    assert.deepEqual(Object.fromEntries(Object.keys(said).map((name) => [name, all[name]])), said);
  });

  it("adds the stack's extensions to the platform's own", () => {
    assert.equal(
      azureParameters(4, { "azure.extensions": "pg_trgm, VECTOR" })["azure.extensions"],
      "VECTOR,UUID-OSSP,PG_STAT_STATEMENTS,PG_TRGM",
    );
  });

  it("does not let a stack turn TLS off", () => {
    assert.equal(azureParameters(4, { require_secure_transport: "off" })["require_secure_transport"], "on");
  });
});
