import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** 18 and 20 MB of memory: whoever has neither a collector nor Sentry does not pay for them. */
const HEAVY =
  /^import (?!type)[^"]*? from "(@opentelemetry\/[^"]+|@sentry\/[^"]+|[^"]*\/(?:export-traces|sentry)\.js)";$/gm;

describe("what telemetry loads", () => {
  it("is OpenTelemetry and Sentry only where they are asked for", () => {
    const source = join(import.meta.dirname, "../../../service/src");
    const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    const imports = files.flatMap((file) =>
      [...readFileSync(join(source, file), "utf8").matchAll(HEAVY)].map(([, from]) => `${file}: ${from}`),
    );
    assert.deepEqual(imports.sort(), [
      "telemetry/export-traces.ts: @opentelemetry/api",
      "telemetry/export-traces.ts: @opentelemetry/exporter-trace-otlp-http",
      "telemetry/export-traces.ts: @opentelemetry/resources",
      "telemetry/export-traces.ts: @opentelemetry/sdk-trace-node",
      "telemetry/sentry.ts: @sentry/core",
    ]);
  });
});
