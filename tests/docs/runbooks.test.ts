import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dashboardsOf } from "../../components/monitoring/dashboards/index.js";
import { alertIds, alertNames, alertTables } from "../../components/monitoring/rules/index.js";
import type { AlertRow } from "../../components/monitoring/rules/row.js";
import { alerts } from "../../config/monitoring/alerts.js";
import { settingsSchema } from "../../config/schema.js";
import { asNode, nodesAt, parsePath, valueAt } from "../../config/walk.js";
import { routes } from "../../service/src/faces/index.js";
import { knownIn } from "../monitoring/known.js";
import { unknownNames } from "../monitoring/promql.js";
import { scopes } from "../monitoring/scopes.js";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, "docs", "runbooks");
const README = "README.md";
const files = readdirSync(folder).sort();
const texts = new Map(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
const textOf = (file: string): string => texts.get(file) ?? "";

/** Everything in the pages that a pattern's group finds, each with its page. */
const found = (pattern: RegExp): readonly (readonly [file: string, text: string])[] =>
  [...texts].flatMap(([file, text]) => [...text.matchAll(pattern)].map((match) => [file, match[1] ?? ""] as const));

describe("runbooks", () => {
  it("are a page for each alert, and no other", () => {
    assert.deepEqual(files, [...alertNames.map((name) => `${name}.md`), README].sort());
    for (const name of alertNames) {
      const lines = textOf(`${name}.md`).trimEnd().split("\n");
      assert.equal(lines[0], `# ${name}`);
      assert.ok(lines.length >= 12 && lines.length <= 35, `${name}: ${lines.length} lines`);
      for (const part of ["**What it means.**", "**Look**", "**Do**", "**Afterwards.**"])
        assert.ok(
          lines.some((line) => line.startsWith(part)),
          `${name}: ${part}`,
        );
    }
  });

  it("are listed by theme, each once", () => {
    const [, list = ""] = textOf(README).split("\n## Pages\n");
    assert.deepEqual(
      [...list.matchAll(/^\| \[(\w+)\]\(\1\.md\)/gm)].map(([, name]) => name),
      [...alertNames],
    );
  });

  it("say how bad it is, and which setting it begins at, with its default", () => {
    const defaults = alerts.parse({});
    for (const id of alertIds) {
      const [name = "", severity = "warning"] = id.split("/");
      const [, meaning = ""] = textOf(`${name}.md`).split("\n\n");
      assert.match(meaning, new RegExp(severity, "i"), id);
    }
    for (const [id, { setting = "" }] of Object.values(alertTables).flatMap((table) =>
      Object.entries<AlertRow>(table),
    )) {
      const value = valueAt(defaults, setting.split("."));
      if (value === undefined) continue;
      const page = textOf(`${id.split("/")[0]}.md`).replace(/\s+/g, " ");
      assert.ok(page.includes(`\`monitoring.alerts.${setting}\` (${value}`), `${id}: ${setting} is ${value}`);
    }
  });

  it("name settings that there are", () => {
    const parts = Object.keys(settingsSchema.shape).join("|");
    const views = readFileSync(join(root, "components/stores/bootstrap/monitoring.sql"), "utf8");
    const named = [
      ...found(new RegExp(`\`((?:${parts})\\.[^\`\\s=]+)\``, "g")),
      ...found(/pulumi config (?:set|rm) --path '?([^\s'`]+)/g).filter(([, path]) => path !== "SETTING"),
    ].filter(([, path]) => !views.includes(`CREATE VIEW ${path} `));
    assert.ok(named.length > 200);
    assert.deepEqual(
      named.filter(([, path]) => nodesAt(asNode(settingsSchema), parsePath(path) ?? ["no path"]).length === 0),
      [],
    );
  });

  it("ask for metrics that there are", () => {
    const known = new Map([...knownIn(scopes.whole), ["METRIC", undefined] as const]);
    const queries = found(/```promql\n([^`]+)```/g).flatMap(([file, block]) =>
      block.split("\n").flatMap((line) => (line.trim() === "" ? [] : [[file, line.trim()] as const])),
    );
    assert.ok(queries.length > 100);
    assert.deepEqual(
      queries.flatMap(([file, query]) => unknownNames(query, known).map((name) => `${file}: ${name}`)),
      [],
    );
  });

  it("lead to panels that there are", () => {
    const panels = new Map(
      dashboardsOf({ ...scopes.whole, traces: true, logs: undefined }).map(({ title = "", panels = [] }) => [
        title,
        new Set(panels.map((panel) => panel.title)),
      ]),
    );
    const missing = [...texts].flatMap(([file, text]) =>
      [
        ...text.replace(/\s+/g, " ").matchAll(/dashboard \*([^*]+)\*(?:, panels? ((?:\*[^*]+\*(?:, | and )?)+))?/gi),
      ].flatMap(([, title = "", list = ""]) => {
        const shown = panels.get(title);
        if (shown === undefined) return [`${file}: there is no dashboard ${title}`];
        return [...list.matchAll(/\*([^*]+)\*/g)].flatMap(([, panel = ""]) =>
          shown.has(panel) ? [] : [`${file}: ${title} has no panel ${panel}`],
        );
      }),
    );
    assert.deepEqual(missing, []);
  });

  it("call routes that the service has", () => {
    const paths = new Set(routes.map(({ path }) => path));
    const called = found(/(?:localhost:3000|`(?:[A-Z]+ )?)(\/(?:api\/v1|v1|health|admin)[\w/{}-]*)/g);
    assert.ok(called.length > 10);
    assert.deepEqual(
      called.filter(([, path]) => !paths.has(path)),
      [],
    );
  });

  it("lead to pages and headings that there are", () => {
    const anchorsIn = (text: string): readonly string[] =>
      [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
        heading
          .toLowerCase()
          .replace(/[^a-z0-9 -]/g, "")
          .replaceAll(" ", "-"),
      );
    const broken = found(/\]\((?!https?:)([^)]+)\)/g).filter(([file, link]) => {
      const [path = "", anchor] = link.split("#");
      const target = join(folder, path === "" ? file : path);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchorsIn(readFileSync(target, "utf8")).includes(anchor);
    });
    assert.deepEqual(broken, []);
  });
});
