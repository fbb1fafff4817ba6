import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeCharts } from "./charts.js";

const definition = (group: string, plural: string, kind: string): string => `---
kind: CustomResourceDefinition
metadata: {name: ${plural}.${group}}
spec: {group: ${group}, names: {kind: ${kind}}, schema: {description: For people., properties: {description: {}}}}
`;

describe("what is kept of charts", () => {
  const folder = mkdtempSync(join(tmpdir(), "charts-"));
  after(() => rmSync(folder, { recursive: true }));

  it("is every object, but for definitions that nobody uses and texts for people", () => {
    const gateways = "gateway.envoyproxy.io";
    mkdirSync(join(folder, "crds", "some"), { recursive: true });
    mkdirSync(join(folder, "crds", "none"));
    writeFileSync(
      join(folder, "crds", "some", "all.yaml"),
      [
        definition("keda.sh", "scaledobjects", "ScaledObject"),
        definition(gateways, "envoyproxies", "EnvoyProxy"),
        definition("example.com", "envoyproxies", "EnvoyProxy"),
        "---\nkind: ConfigMap\nmetadata: {name: note}\n",
      ].join(""),
    );
    writeCharts(join(folder, "crds"), join(folder, "json"));
    const kept = (chart: string) => JSON.parse(readFileSync(join(folder, "json", `${chart}.json`), "utf8")) as unknown;
    const schema = { properties: { description: {} } };
    assert.deepEqual(kept("some"), [
      {
        kind: "CustomResourceDefinition",
        metadata: { name: "scaledobjects.keda.sh" },
        spec: { group: "keda.sh", names: { kind: "ScaledObject" }, schema },
      },
      {
        kind: "CustomResourceDefinition",
        metadata: { name: `envoyproxies.${gateways}` },
        spec: { group: gateways, names: { kind: "EnvoyProxy" }, schema },
      },
      { kind: "ConfigMap", metadata: { name: "note" } },
    ]);
    assert.deepEqual(kept("none"), []);
  });
});
