import assert from "node:assert/strict";
import { DatabaseAway, Duplicate, StatementTimeout } from "../../../service/src/storage/database.js";
import { faultOf } from "../../../service/src/storage/faults.js";

/** As pg and Node throw them. */
const thrown = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);

describe("errors of the database", () => {
  const away: readonly (readonly [message: string, fields: object])[] = [
    ["connect ECONNREFUSED 127.0.0.1:5432", { code: "ECONNREFUSED" }],
    ["read ECONNRESET", { code: "ECONNRESET" }],
    ["getaddrinfo ENOTFOUND db", { code: "ENOTFOUND" }],
    ["Connection terminated unexpectedly", {}],
    ["Query read timeout", {}],
    ["terminating connection due to administrator command", { code: "57P01", severity: "FATAL" }],
    ["Verbindung wird abgebrochen", { code: "57P01", severity: "fatal, in another language" }],
    ["the database system is starting up", { code: "57P03", severity: "FATAL" }],
    ["sorry, too many clients already", { code: "53300", severity: "FATAL" }],
    ["connection failure", { code: "08006", severity: "ERROR" }],
    ["server_login_failed", { code: "08P01", severity: "FATAL" }],
    ["cannot execute INSERT in a read-only transaction", { code: "25006", severity: "ERROR" }],
  ];
  for (const [message, fields] of away)
    it(`says that it is away: ${message}`, () => {
      const error = thrown(message, fields);
      const fault = faultOf(error);
      assert.ok(fault instanceof DatabaseAway);
      assert.equal(fault.message, `the database does not answer: ${message}`);
      assert.equal(fault.cause, error);
    });

  it("says what each address of a name answered", () => {
    const refused = ["::1", "127.0.0.1"].map((address) => thrown(`connect ECONNREFUSED ${address}:5432`));
    const fault = faultOf(Object.assign(new AggregateError(refused), { code: "ECONNREFUSED" }));
    assert.ok(fault instanceof DatabaseAway);
    assert.equal(
      fault.message,
      "the database does not answer: connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432",
    );
  });

  it("names the key of a duplicate", () => {
    const fault = faultOf(
      thrown("duplicate key", { code: "23505", constraint: "templates_name", detail: "Key (a)=(b)" }),
    );
    assert.ok(fault instanceof Duplicate);
    assert.deepEqual([fault.constraint, fault.cause], ["templates_name", undefined]);
  });

  it("tells a statement that took too long", () => {
    const fault = faultOf(thrown("canceling statement due to statement timeout", { code: "57014" }));
    assert.ok(fault instanceof StatementTimeout);
    assert.equal(fault.message, "a statement took too long: canceling statement due to statement timeout");
  });

  it("leaves all others as they are, but for a row's values", () => {
    for (const code of ["42601", "08P01", "40001", undefined]) {
      const error = thrown("as it was", { code, severity: "ERROR", detail: "Failing row contains (secret)." });
      assert.equal(faultOf(error), error);
      assert.doesNotMatch(JSON.stringify(error), /secret/);
    }
    assert.equal(faultOf("no error"), "no error");
  });
});
