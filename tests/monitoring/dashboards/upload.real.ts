import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { renderFiles } from "../../../components/monitoring/grafana-upload.js";
import { listening } from "../../service/support/listening.js";
import { scopes } from "../scopes.js";
import { drawn } from "./panels.js";

interface Asked {
  readonly path: string;
  readonly token: string;
  // biome-ignore lint/suspicious/noExplicitAny: what Grafana is told is looked at piece by piece.
  readonly body: any;
}

/** What the Job runs, with its files and its token where it finds them, against a stand-in of Grafana. */
async function upload(answer: (path: string) => number) {
  const folder = mkdtempSync(join(tmpdir(), "upload-"));
  const asked: Asked[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const { url: path = "", headers } = request;
    asked.push({ path, token: headers.authorization ?? "", body: JSON.parse(await text(request)) });
    response.writeHead(answer(path)).end('{"message":"so be it"}');
  };
  const grafana = await listening((request, response) => void take(request, response));
  try {
    for (const place of ["files", "token"]) mkdirSync(join(folder, place));
    const files = renderFiles(drawn(scopes.existing));
    const here = (content: string) =>
      content.replaceAll("/etc/upload", folder).replaceAll("/tmp/answer", `${folder}/answer`);
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(folder, "files", name), name === "run.sh" ? here(content) : content);
    writeFileSync(join(folder, "token/headers"), "Authorization: Bearer glsa_test");
    const child = spawn("sh", [join(folder, "files/run.sh")], {
      env: { PATH: process.env["PATH"], GRAFANA_URL: grafana.url },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    return { asked, said, code, url: grafana.url, uids: Object.keys(files).filter((name) => name.endsWith(".json")) };
  } finally {
    await grafana.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("the upload of dashboards", () => {
  it("makes the folder and puts each dashboard into it", async () => {
    const { asked, code, uids } = await upload(() => 200);
    assert.equal(code, 0);
    assert.deepEqual(
      asked.map(({ path, body }) => [path, body.dashboard?.uid ?? body.uid]),
      [
        ["/api/folders", "agent-platform"],
        ...uids
          .filter((name) => name !== "folder.json")
          .map((name) => ["/api/dashboards/db", name.replace(".json", "")]),
      ],
    );
    assert.ok(asked.every(({ token }) => token === "Bearer glsa_test"));
    assert.ok(asked.slice(1).every(({ body }) => body.overwrite === true && body.folderUid === "agent-platform"));
  });

  it("takes a folder that is there already", async () => {
    const { asked, code } = await upload((path) => (path === "/api/folders" ? 409 : 200));
    assert.deepEqual([code, asked.length > 1], [0, true]);
  });

  it("fails, and says why, where Grafana refuses", async () => {
    const { code, said, url, asked } = await upload((path) => (path === "/api/folders" ? 200 : 403));
    assert.deepEqual([code, asked.length], [1, 2]);
    assert.equal(said, `${url}/api/dashboards/db answered 403:\n{"message":"so be it"}`);
    assert.equal((await upload(() => 401)).code, 1);
  });
});
