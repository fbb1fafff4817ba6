import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { valuesFor } from "../../../components/addons/cloudnative-pg.js";
import { type ChartName, locate } from "../../../components/addons/release.js";
import { charts } from "../../../config/versions.js";
import { settingsOf } from "../../support/settings.js";

interface Keys {
  readonly source: { readonly repository: string; readonly path: string; readonly commit: string };
  readonly keys: readonly string[];
  readonly open: readonly string[];
}

const folder = new URL("../../../components/addons/charts/", import.meta.url);
const keysOf = (chart: string): Keys => JSON.parse(readFileSync(new URL(`${chart}.json`, folder), "utf8")) as Keys;

/** The paths of everything that is set: lists and empty maps are leaves. */
function pathsIn(values: object, above = ""): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const path = `${above}${key}`;
    const nested = typeof value === "object" && value !== null && !Array.isArray(value);
    return nested && Object.keys(value).length > 0 ? pathsIn(value, `${path}.`) : [path];
  });
}

const unknown = (values: object, { keys, open }: Keys): string[] =>
  pathsIn(values).filter((path) => !keys.includes(path) && !open.some((key) => path.startsWith(`${key}.`)));

/** A row for each chart, with all that the program would ever set. */
const values: Readonly<Record<ChartName, object>> = {
  "cloudnative-pg": valuesFor(settingsOf({ cloud: "local", environment: "production" })),
};

describe("helm releases", () => {
  it("a chart comes from its own repository", () => {
    assert.deepEqual(locate({ chart: "keda", repository: "https://charts.example.com", version: "1" }, undefined), {
      chart: "keda",
      repositoryOpts: { repo: "https://charts.example.com" },
    });
  });

  it("an OCI chart is named by its whole address", () => {
    assert.deepEqual(locate({ chart: "oci://quay.io/jetstack/charts/cert-manager", version: "1" }, undefined), {
      chart: "oci://quay.io/jetstack/charts/cert-manager",
    });
  });

  it("a mirror serves every chart, whatever kind of address it has", () => {
    const plain = { chart: "keda", repository: "https://charts.example.com", version: "1" };
    const oci = { chart: "oci://quay.io/jetstack/charts/cert-manager", version: "1" };
    assert.deepEqual(
      [plain, oci].map((chart) => locate(chart, "oci://registry.example.com/charts")),
      [
        { chart: "oci://registry.example.com/charts/keda" },
        { chart: "oci://registry.example.com/charts/cert-manager" },
      ],
    );
    assert.deepEqual(
      [plain, oci].map((chart) => locate(chart, "https://mirror.example.com")),
      [
        { chart: "keda", repositoryOpts: { repo: "https://mirror.example.com" } },
        { chart: "cert-manager", repositoryOpts: { repo: "https://mirror.example.com" } },
      ],
    );
  });

  it("every pinned chart has the list of its values, with where it was read", () => {
    assert.deepEqual(
      readdirSync(folder)
        .filter((file) => file.endsWith(".json"))
        .sort(),
      Object.keys(charts)
        .map((chart) => `${chart}.json`)
        .sort(),
    );
    for (const chart of Object.keys(charts)) assert.match(keysOf(chart).source.commit, /^[0-9a-f]{40}$/);
  });

  it("every value that is set is one that its chart has", () => {
    for (const [chart, set] of Object.entries(values)) assert.deepEqual(unknown(set, keysOf(chart)), [], chart);
  });

  it("a misspelt value is found", () => {
    const wrong = { replicas: 2, image: { tags: "1" }, resources: { limits: { memory: "1Gi" } } };
    assert.deepEqual(unknown(wrong, keysOf("cloudnative-pg")), ["replicas", "image.tags"]);
  });
});
