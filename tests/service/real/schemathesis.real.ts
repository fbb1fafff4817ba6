import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tool } from "../../tools/cache.js";
import { startAlone } from "../support/process.js";
import { ADMIN_KEY } from "../support/service.js";

/** Sent by its maker's rules and not by ours: what the document says is tried in every way that it allows and forbids. */
const SEED = 20_261_121;
const EXAMPLES = 15;

describe("the API by its own document, tried by schemathesis", () => {
  let folder: string;
  let service: Awaited<ReturnType<typeof startAlone>>;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "schemathesis-"));
    service = await startAlone();
  });
  after(async () => {
    await service.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const keyOf = async (role: string): Promise<string> => {
    const response = await fetch(`${service.url}/api/v1/admin/api-keys`, {
      method: "POST",
      headers: { Authorization: `Bearer ${ADMIN_KEY}`, "Content-Type": "application/json" },
      body: JSON.stringify({ name: role, role }),
    });
    return ((await response.json()) as { readonly key: string }).key;
  };
  const tryAll = async (key: string, ...which: readonly string[]): Promise<void> => {
    const options = [
      ...["run", `${service.url}/openapi.json`, "--header", `Authorization: Bearer ${key}`],
      ...["--seed", String(SEED), "--max-examples", String(EXAMPLES), "--phases", "examples,coverage,fuzzing"],
      ...["--checks", "all", "--continue-on-failure", "--no-color", "--generation-database", "none"],
      // The document can't say that two fields must match: a placeholder and its variable, a name and its neighbours'.
      ...["--exclude-checks", "positive_data_acceptance"],
      ...which,
    ];
    const child = spawn(tool("schemathesis"), options, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        said += chunk;
      });
    const [code] = await once(child, "exit");
    assert.equal(code, 0, said);
    assert.match(said, /(\d+) generated, \1 passed/);
  };

  for (const role of ["viewer", "operator", "admin"])
    it(`has no server error and keeps to its schemas for: ${role}`, async () => {
      // A switched mode would refuse whatever comes after it.
      await tryAll(await keyOf(role), "--exclude-operation-id", "modesSwitch");
    });

  it("has no server error and keeps to its schemas where modes are switched", async () => {
    await tryAll(ADMIN_KEY, "--include-operation-id", "modesSwitch");
  });
});
