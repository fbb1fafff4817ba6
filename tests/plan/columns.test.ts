import assert from "node:assert/strict";
import { inCell, inColumns } from "../../plan/columns.js";

describe("columns", () => {
  it("wrap each cell in its own column, and leave nothing at the end of a line", () => {
    assert.deepEqual(inColumns([{ label: "service", cells: ["RDS PostgreSQL 17", undefined] }], 2, 40), [
      "service     RDS           -",
      "            PostgreSQL 17",
    ]);
  });

  it("say once what is the same in all of them", () => {
    assert.deepEqual(inColumns([{ label: "transit", cells: ["TLS required", "TLS required"] }], 2, 40), [
      "transit     all: TLS required",
    ]);
    assert.deepEqual(inColumns([{ label: "transit", cells: ["TLS required"] }], 1, 40), ["transit     TLS required"]);
  });

  it("break a long word behind its marks, and one that has none anywhere", () => {
    assert.deepEqual(inCell("db-perf-optimized-N-8", 10), ["db-perf-", "optimized-", "N-8"]);
    assert.deepEqual(inCell("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    assert.deepEqual(inCell("", 4), [""]);
  });
});
