import assert from "node:assert/strict";
import { createLog, type LogLevel } from "../../../service/src/telemetry/logs.js";
import { readable } from "../../../service/src/telemetry/readable.js";
import { scopes } from "../../../service/src/telemetry/scope.js";
import { createScrub } from "../../../service/src/telemetry/scrub.js";
import { LogLines } from "../support/log-lines.js";

function logger(level: LogLevel = "trace") {
  const lines = new LogLines();
  const scrub = createScrub(["the-secret-of-the-house"]);
  const log = createLog({ LOG_LEVEL: level, NODE_ENV: "test" }, { scrub, version: "1.2.3", destination: lines });
  return { log, lines };
}

describe("the log", () => {
  it("is a JSON object a line", () => {
    const { log, lines } = logger();
    log.info({ rows: 3 }, "read");
    const { time, ...rest } = lines.all[0] ?? {};
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(rest, { level: "info", service: "agent-service", version: "1.2.3", rows: 3, msg: "read" });
    assert.deepEqual(
      lines.raw.map((line) => line.indexOf("\n")),
      lines.raw.map((line) => line.length - 1),
    );
  });

  it("has all levels and keeps quiet below its own", () => {
    const { log, lines } = logger("warn");
    for (const level of ["trace", "debug", "info", "warn", "error", "fatal"] as const) log[level](level);
    assert.deepEqual(
      lines.said.map(({ level, msg }) => [level, msg]),
      ["warn", "error", "fatal"].map((level) => [level, level]),
    );
  });

  it("carries the call's ids and caller, which nothing that is logged can replace", () => {
    const { log, lines } = logger();
    const principal = { tenant: "acme", id: "key:b7K2", role: "viewer", scopes: ["*"] } as const;
    const trace = { traceId: "a".repeat(32), spanId: "b".repeat(16), sampled: true };
    scopes.run({ requestId: "r-1", trace, principal: () => principal }, () =>
      log.info({ requestId: "forged", tenant: "forged", spanId: "forged" }, "read"),
    );
    assert.deepEqual(lines.said, [
      {
        level: "info",
        requestId: "r-1",
        tenant: "acme",
        spanId: "b".repeat(16),
        traceId: "a".repeat(32),
        principal: "key:b7K2",
        msg: "read",
      },
    ]);
  });

  it("gives a child its fields", () => {
    const { log, lines } = logger();
    log.child({ worker: 1, password: "x" }).child({ run: 2 }).info({ step: 3 }, "done");
    assert.deepEqual(lines.said, [{ level: "info", worker: 1, password: "[secret]", run: 2, step: 3, msg: "done" }]);
  });

  it("can't be made to hold a second line", () => {
    const { log, lines } = logger();
    const forged = 'ok\n{"level":"fatal","msg":"forged"}\r\n\u2028\u0085\0\u001b[2J';
    log.warn({ "name\n": forged, err: new Error(forged) }, forged);
    assert.equal(lines.raw.length, 1);
    const [line = ""] = lines.raw;
    assert.equal(line.trimEnd().split(/[\r\n]/).length, 1);
    const { msg, level, "name\n": name } = lines.all[0] ?? {};
    assert.deepEqual([msg, level, name], [forged, "warn", forged]);
  });

  it("keeps its own fields to itself", () => {
    const { log, lines } = logger();
    log.info({ level: "fatal", time: 0, msg: "forged", service: "other", version: "9" }, "true");
    const [line = ""] = lines.raw;
    assert.equal(line.match(/"level":/g)?.length, 1);
    const { time_, ...rest } = lines.said[0] ?? {};
    assert.equal(time_, 0);
    assert.deepEqual(rest, {
      level: "info",
      level_: "fatal",
      msg_: "forged",
      service_: "other",
      version_: "9",
      msg: "true",
    });
  });

  it("has no secret, wherever it stands", () => {
    const { log, lines } = logger();
    const key = "ak_prod_b7K2_s3cr3t";
    const error = new Error(`refused ${key}`, { cause: new Error("the-secret-of-the-house") });
    log.error({ err: error, deep: [{ list: [`Bearer ${key}`] }], apiKey: "plain", [key]: 1 }, `refused ${key}`);
    log.error({ ["the-secret-of-the-house"]: 1 }, "the-secret-of-the-house");
    log.child({ key }).error(`%s ${key} %o`);
    assert.doesNotMatch(lines.raw.join(""), /s3cr3t|plain|house/);
    assert.equal(lines.said[2]?.["msg"], "%s [secret] %o");
  });
});

describe("the log at a terminal", () => {
  const line = (fields: object) =>
    readable(
      JSON.stringify({
        level: "info",
        time: "2026-01-02T03:04:05.678Z",
        service: "s",
        version: "1",
        ...fields,
        msg: "read",
      }),
    );

  it("is a line to read", () => {
    assert.equal(line({ rows: 3, name: "ann", list: [1] }), "03:04:05.678  info   read  rows=3 name=ann list=[1]\n");
    assert.equal(line({}), "03:04:05.678  info   read\n");
  });

  it("shows stacks below, causes too", () => {
    const err = { type: "Error", message: "a", stack: "Error: a\n    at f", cause: { stack: "Error: b\n    at g" } };
    assert.equal(
      line({ err }),
      "03:04:05.678  info   read\n    Error: a\n        at f\n    caused by Error: b\n        at g\n",
    );
    assert.equal(line({ err: "gone" }), "03:04:05.678  info   read  err=gone\n");
  });

  it("does not let a stranger move the cursor", () => {
    assert.equal(
      line({ name: "a\u001b[2J\nb\u202ec" }),
      "03:04:05.678  info   read  name=a\\u001b[2J\\u000ab\\u202ec\n",
    );
  });
});
