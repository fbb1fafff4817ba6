import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crdsThere } from "../../tools/cache.js";
import { Api } from "../cluster/api.js";
import { type Ground, openGround, Trial } from "../support/trial.js";

const CHART = "cloudnative-pg";

/** A chart that shows what it was given: real helm renders it, and brings the definitions that come with it. */
function writeChart(folder: string): void {
  mkdirSync(join(folder, "templates"), { recursive: true });
  cpSync(join(crdsThere(), CHART), join(folder, "crds"), { recursive: true });
  writeFileSync(join(folder, "Chart.yaml"), `apiVersion: v2\nname: ${CHART}\nversion: 0.0.1\n`);
  writeFileSync(
    join(folder, "templates", "given.yaml"),
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: given}\ndata: {values: {{ .Values | toJson | quote }}}\n",
  );
}

describe("a Helm release, by real helm", () => {
  let ground: Ground;
  let trial: Trial;
  let charts: string;

  before(async () => {
    charts = mkdtempSync(join(tmpdir(), "charts-"));
    writeChart(join(charts, CHART));
    ground = await openGround();
    trial = await Trial.open(ground, {
      stack: "dev",
      secretNames: ["OPENAI_API_KEY"],
      env: { STANDIN_CHARTS: charts },
    });
  });
  after(async () => {
    await trial?.close();
    await ground?.close();
    rmSync(charts, { recursive: true, force: true });
  });

  const given = async () => {
    const api = new Api(ground.cluster);
    try {
      return await api.get<{ data: { values: string } }>("/api/v1/namespaces/cnpg-system/configmaps/given");
    } finally {
      api.close();
    }
  };

  it("is given the values of the program, before what needs its definitions", async () => {
    const up = await trial.stack.up();
    assert.equal(up.code, 0, up.output);
    const values = JSON.parse((await given())?.data.values ?? "{}") as { image?: { repository?: string } };
    assert.match(values.image?.repository ?? "", /cloudnative-pg$/);
    assert.deepEqual(await trial.leaks(), []);
  });

  it("goes with the stack", async () => {
    const destroy = await trial.stack.destroy();
    assert.equal(destroy.code, 0, destroy.output);
    assert.equal(await given(), undefined);
  });
});
