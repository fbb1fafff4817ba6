import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cloudNames } from "../../config/names.js";
import { isReal } from "../../plan/cluster-objects.js";
import { html } from "../../plan/page/markup.js";
import { planAsPage } from "../../plan/page.js";
import { planOf } from "../support/stacks.js";
import { planOfFew, prodOn, resource, root } from "./small.js";

const EVIL = `"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;`;

describe("the page", () => {
  it("is the same to the byte when it is made again", async () => {
    const plan = await prodOn("aws");
    assert.equal(planAsPage(plan), planAsPage(plan));
  });

  it("asks nobody for anything, and its policy allows its own style and script alone", async () => {
    const page = planAsPage(await prodOn("aws"));
    const [, style = ""] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
    const [, script = ""] = /<script>(.*?)<\/script>/s.exec(page) ?? [];
    const hash = (text: string) => `&#39;sha256-${createHash("sha256").update(text).digest("base64")}&#39;`;
    assert.ok(
      page.includes(
        `<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src ${hash(style)}; script-src ${hash(script)}; base-uri &#39;none&#39;; form-action &#39;none&#39;">`,
      ),
    );
    assert.equal(/\s(src|srcset|style|on[a-z]+)=/.exec(page.replace(/<pre.*?<\/pre>/gs, "")), null);
    assert.equal(/url\(|@import|fetch\(|XMLHttpRequest|import\(/.exec(style + script), null);
    for (const [, target] of page.matchAll(/href="([^"]*)"/g)) assert.match(String(target), /^#part-/);
  });

  it("escapes whatever the plan holds, wherever it shows it", () => {
    const part = resource({ type: `agent-platform:aws:${EVIL}`, name: `agents-development-${EVIL}` }, root);
    const inside = resource(
      {
        type: `aws:s3/bucket:Bucket`,
        name: EVIL,
        protect: true,
        inputs: { tags: { [EVIL]: EVIL } },
        dependsOn: [`urn:pulumi:test::agent-platform::${EVIL}::${EVIL}`],
        deletedWith: `urn:pulumi:test::agent-platform::${EVIL}::${EVIL}`,
        provider: `urn:pulumi:test::agent-platform::${EVIL}::${EVIL}`,
      },
      part,
    );
    const plan = planOfFew([part, inside], {
      stack: EVIL,
      outputs: { [EVIL]: EVIL, nested: { [EVIL]: [EVIL] } },
      warnings: [EVIL],
      beforeUp: [EVIL],
    });
    const page = planAsPage({ ...plan, settings: { ...plan.settings, prefix: EVIL, region: EVIL, zones: [EVIL] } });
    assert.equal(page.match(/<script>/g)?.length, 1);
    assert.equal(/<img|onerror=alert\(1\)>(?!&)/.exec(page), null);
    assert.ok(page.includes("&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&amp;amp;"));
  });

  it("shows every resource once, under its part, and nothing of a secret", async () => {
    for (const cloud of cloudNames) {
      const plan = await prodOn(cloud);
      const page = planAsPage(plan);
      const shown = page.match(/<details class="resource"><summary><span class="type">[^<]+<\/span>/g)?.length;
      assert.equal(shown, plan.resources.filter(isReal).length, cloud);
      const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target);
      assert.ok(links.length > 3);
      for (const target of links) assert.ok(page.includes(`<details class="part" id="${target}">`), target);
      assert.ok(page.includes(": &quot;[secret]&quot;"), cloud);
    }
    assert.ok(planAsPage(await prodOn("aws")).includes("&quot;secretString&quot;: &quot;[secret]&quot;"));
  });

  it("draws what is in the network, in the cluster, and beside them, each leading to its resources", async () => {
    const boxes = (page: string) => {
      const drawing = page.slice(page.indexOf('class="drawing"'), page.indexOf('id="resources"'));
      return [...drawing.matchAll(/(?:<a class="(?:box|frame-title)" href="#([^"]+)")/g)].map(([, target]) => target);
    };
    const aws = planAsPage(await prodOn("aws"));
    assert.deepEqual(boxes(aws), [
      "part-network",
      "part-cluster",
      "part-bootstrap-of-main",
      "part-keys-of-api",
      "part-keys-of-monitoring",
      "part-service-api",
      "part-pods-of-api",
      "part-secrets-for-pods",
      "part-metrics",
      "part-way-in",
      "part-nodes-on-demand",
      "part-load-balancers",
      "part-monitoring",
      "part-database-main",
      "part-cache-main",
      "part-secret-store",
      "part-bucket-main",
      "part-registry",
      "part-logs",
    ]);
    for (const target of boxes(aws)) assert.ok(aws.includes(`<details class="part" id="${target}">`), target);
    const local = planAsPage(await planOf("dev"));
    assert.deepEqual(boxes(local), [
      "part-cluster",
      "part-database-main",
      "part-bootstrap-of-main",
      "part-cache-main",
      "part-keys-of-api",
      "part-keys-of-monitoring",
      "part-service-api",
      "part-pods-of-api",
      "part-secrets-for-pods",
      "part-metrics",
      "part-operator",
      "part-way-in",
      "part-monitoring",
      "part-secret-store",
    ]);
  });

  it("opens and closes without a script: every part and resource is a details element", async () => {
    const page = planAsPage(await planOf("dev"));
    const parts = page.match(/<details class="part"/g)?.length ?? 0;
    assert.equal(page.match(/<summary>/g)?.length, page.match(/<details /g)?.length);
    assert.ok(parts > 5);
  });
});

describe("markup", () => {
  it("escapes what is put in, and not what it made itself", () => {
    const inner = html`<b>${"<&>"}</b>`;
    assert.equal(
      html`<p title="${`"'`}">${[inner, 1]}</p>`.toString(),
      `<p title="&quot;&#39;"><b>&lt;&amp;&gt;</b>1</p>`,
    );
  });
});
