import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alertIds, ruleFile } from "../../components/monitoring/rules/index.js";
import { tool } from "../tools/cache.js";
import { doubts } from "./proof.js";
import { proofs } from "./proofs/index.js";
import { sloProofs } from "./proofs/slo.js";
import { scopes } from "./scopes.js";

describe("rules, by promtool", () => {
  for (const [name, scope] of Object.entries(scopes)) {
    it(`are rules, and none is there twice: ${name}`, () => {
      const folder = mkdtempSync(join(tmpdir(), "rules-"));
      try {
        const file = join(folder, "rules.json");
        writeFileSync(file, ruleFile(scope));
        const checked = spawnSync(tool("promtool"), ["check", "rules", "--lint=all", "--lint-fatal", file], {
          encoding: "utf8",
        });
        assert.equal(checked.status, 0, `${checked.stdout}${checked.stderr}`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  describe("fire at the right minute, and not a hair short of their bound", () => {
    for (const id of alertIds) {
      it(id, () => {
        assert.equal(doubts(id, proofs[id]), undefined);
      });
    }
  });

  it("a proof that does not hold is seen", () => {
    const proof = proofs["HighErrorRate/critical"];
    const late = { ...proof, fires: { ...proof.fires, at: proof.fires.at + 1 } };
    assert.match(doubts("HighErrorRate/critical", late) ?? "", /FAILED/);
    const { quiet } = proof;
    assert.ok(quiet !== "always on");
    const loud = { ...proof, quiet: { ...quiet, series: proof.fires.series } };
    assert.match(doubts("HighErrorRate/critical", loud) ?? "", /FAILED/);
  });

  it("what burned an error budget, and is over, wakes nobody any more", () => {
    const proof = sloProofs["ErrorBudgetBurnFast/critical"];
    // All of an hour's errors in 3 minutes: 5 minutes later the hour still has them, and the last 5 minutes have none.
    const series = {
      'http_requests_total{service="shop",pod="shop-1",route="/orders",status="200"}':
        "0+1000x120 120500+500x2 123000+1000x100",
      'http_requests_total{service="shop",pod="shop-1",route="/orders",status="500"}': "0x120 500+500x2 1500x100",
    };
    assert.match(doubts("ErrorBudgetBurnFast/critical", { ...proof, quiet: { series, until: 128 } }) ?? "", /FAILED/);
    const after = { ...proof, quiet: { series, until: 170, from: 133 } };
    assert.equal(doubts("ErrorBudgetBurnFast/critical", after), undefined);
  });
});
