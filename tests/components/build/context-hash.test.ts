import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Build, hashBuild } from "../../../components/build/context-hash.js";

const project = { Dockerfile: "FROM scratch\n", "src/a.js": "a", "src/b.js": "b" };

describe("the hash of what an image is built from", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "context-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      const to = join(folder, path);
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, text, { mode: 0o644 });
    }
  }
  const hash = (said: Partial<Build> = {}) => hashBuild({ context: folder, args: {}, ...said });
  const content = (said: Partial<Build> = {}) => hash(said).content;

  it("is the same for the same files, whenever and in whatever order they were written", () => {
    write(project);
    const one = hash();
    rmSync(folder, { recursive: true });
    write(Object.fromEntries(Object.entries(project).reverse()));
    utimesSync(join(folder, "src/a.js"), 1, 1);
    assert.deepEqual(hash(), one);
    assert.match(one.content, /^[0-9a-f]{16}$/);
  });

  it("is another one where a file says something else, is called otherwise, comes or goes", () => {
    write(project);
    const seen = new Set([content()]);
    write({ "src/a.js": "A" });
    seen.add(content());
    write({ "src/c.js": "" });
    seen.add(content());
    rmSync(join(folder, "src/c.js"));
    rmSync(join(folder, "src/b.js"));
    seen.add(content());
    write({ "src/bb.js": "b" });
    seen.add(content());
    assert.equal(seen.size, 5);
  });

  it("knows where one file ends and the next begins", () => {
    write({ Dockerfile: "", a: "12", b: "3" });
    const one = content();
    write({ a: "1", b: "23" });
    assert.notEqual(content(), one);
  });

  it("is another one for another stage or other arguments, in whatever order they are said", () => {
    write(project);
    const plain = content();
    assert.notEqual(content({ target: "runtime" }), plain);
    assert.notEqual(content({ args: { A: "1" } }), plain);
    assert.equal(content({ args: { A: "1", B: "2" } }), content({ args: { B: "2", A: "1" } }));
  });

  it("has a second part, which alone knows of modes: the builder asks them whether to build", () => {
    write(project);
    const before = hash();
    chmodSync(join(folder, "src/a.js"), 0o664);
    const after = hash();
    assert.equal(after.content, before.content);
    assert.notEqual(after.files, before.files);
  });

  it("looks at where a link leads and not behind it", () => {
    write(project);
    symlinkSync("/nowhere", join(folder, "link"));
    const one = content();
    rmSync(join(folder, "link"));
    symlinkSync("/elsewhere", join(folder, "link"));
    assert.notEqual(content(), one);
  });

  it("leaves out what the list of the context leaves out, and sees what it brings back", () => {
    write({ ...project, ".dockerignore": "node_modules\n**/*.log\n!src/kept.log\n" });
    const one = content();
    write({ "node_modules/x/index.js": "x", "src/deep/some.log": "l", "b.log": "l" });
    assert.equal(content(), one);
    write({ "src/kept.log": "k" });
    assert.notEqual(content(), one);
  });

  it("goes by the Dockerfile's own list where it has one", () => {
    const own = {
      "app/Dockerfile": "FROM scratch\n",
      "app/Dockerfile.dockerignore": "*\n!app/src\n",
      "app/src/a.js": "a",
    };
    write({ ...project, ...own, ".dockerignore": "app\n" });
    const dockerfile = join(folder, "app/Dockerfile");
    const one = content({ dockerfile });
    write({ "other/x.js": "x", "src/a.js": "other", "app/README.md": "r" });
    assert.equal(content({ dockerfile }), one);
    write({ "app/src/deep/b.js": "b" });
    assert.notEqual(content({ dockerfile }), one);
  });

  it("is of the Dockerfile even where that is not sent along", () => {
    write({ ...project, ".dockerignore": "Dockerfile\n" });
    const one = content();
    write({ Dockerfile: "FROM scratch\nCOPY . .\n" });
    assert.notEqual(content(), one);
  });

  it("tells capitals from small letters, as Linux does", () => {
    write({ ...project, ".dockerignore": "SRC\n" });
    const one = content();
    write({ "src/a.js": "A" });
    assert.notEqual(content(), one);
  });

  it("does not look into folders of which nothing is sent", () => {
    write({ ...project, ".dockerignore": "secret\n" });
    const one = content();
    mkdirSync(join(folder, "secret"));
    symlinkSync("..", join(folder, "secret/loop"));
    assert.equal(content(), one);
  });

  it("finds of this repository what the agent service is made of", () => {
    const build = { context: ".", dockerfile: "service/Dockerfile", args: {} };
    assert.deepEqual(hashBuild(build), hashBuild(build));
  });
});
