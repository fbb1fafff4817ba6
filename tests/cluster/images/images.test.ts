import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageOf } from "../../../components/image.js";
import { pulledBy } from "../../../plan/images.js";
import { planOf } from "../../support/stacks.js";
import { settingsFor } from "../support/settings.js";
import { archive, blobIn, type ConfigBlob, layOut, type Manifest, readBlob } from "./archive.js";
import { type Entry, folder, inOrder, link, program, text, tree } from "./entries.js";
import { agentRepository, leftOut, modelImage, namesOf } from "./references.js";
import { type ImageRow, table } from "./table.js";
import { writeTar } from "./tar.js";

const rows: readonly ImageRow[] = Object.values(table);

describe("the images of the node", () => {
  let place: string;
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "images-"));
  });
  afterEach(() => {
    rmSync(place, { recursive: true });
  });

  /** As `tar` lists it: mode, owner, name. */
  function listed(file: string): readonly string[] {
    const { stdout, status } = spawnSync("tar", ["-tvf", file, "--numeric-owner"], { encoding: "utf8" });
    assert.equal(status, 0);
    const lines = stdout.trimEnd().split("\n");
    return lines.map((line) => line.replace(/^(\S+ \S+) +\d+ \S+ \S+ /, "$1 "));
  }

  it("are archives that tar reads, with names and links of any length", () => {
    const long = `${"deep/".repeat(30)}ünïcode-${"x".repeat(90)}`;
    const entries = [
      folder("tmp", 0o1777),
      text("etc/passwd", "root\n"),
      { ...text("data/file", "x".repeat(1500), 0o600), uid: 26, gid: 27 },
      text(long, "found"),
      link("short", long),
    ];
    writeTar(join(place, "a.tar"), inOrder(entries));
    const lines = listed(join(place, "a.tar"));
    for (const line of [
      "drwxrwxrwt 0/0 tmp/",
      "-rw-r--r-- 0/0 etc/passwd",
      "-rw------- 26/27 data/file",
      "drwxr-xr-x 0/0 data/",
    ])
      assert.ok(lines.includes(line), `${line} in\n${lines.join("\n")}`);
    mkdirSync(join(place, "out"));
    spawnSync("tar", ["-xf", join(place, "a.tar"), "-C", join(place, "out"), "--no-same-owner"]);
    assert.equal(readFileSync(join(place, "out", "short"), "utf8"), "found");
    assert.equal(statSync(join(place, "out", "data/file")).size, 1500);
  });

  it("have the same digest whenever and wherever they are made, in whatever order their files are named", () => {
    const files = (content: string) => [text("b/two", content), text("a/one", "1"), folder("c", 0o700, 26)];
    const digestOf = (name: string, layer: readonly Entry[]) => {
      mkdirSync(join(place, name));
      return layOut(join(place, name), [layer], { user: "1:1", env: { A: "b" } }).manifest.digest;
    };
    const digest = digestOf("first", files("2"));
    assert.equal(digestOf("second", [...files("2")].reverse()), digest);
    assert.notEqual(digestOf("third", files("3")), digest);
  });

  it("are found by all their names, and have in one file once what they share", () => {
    const common = [text("common", "c")];
    const one = layOut(place, [common], { entrypoint: ["/one"] });
    const two = layOut(place, [common, [text("more", "m")]], { command: ["two"], labels: { version: "2" } });
    const file = join(place, "image.tar");
    archive(file, [
      { layout: one, references: ["r/one:1", "r/one@sha256:0"] },
      { layout: two, references: ["r/two:1"] },
    ]);
    const names = listed(file).map((line) => line.split(" ")[2]);
    // A layer that both have, one that the second has, and a configuration and a manifest each.
    assert.equal(names.filter((name) => name?.startsWith("blobs/sha256/") && !name.endsWith("/")).length, 6);
    const { stdout } = spawnSync("tar", ["-xOf", file, "index.json"], { encoding: "utf8" });
    const index = JSON.parse(stdout) as {
      manifests: readonly { digest: string; annotations: Readonly<Record<string, string>> }[];
    };
    assert.deepEqual(
      index.manifests.map(({ digest, annotations }) => [digest, annotations["io.containerd.image.name"]]),
      [
        [one.manifest.digest, "r/one:1"],
        [one.manifest.digest, "r/one@sha256:0"],
        [two.manifest.digest, "r/two:1"],
      ],
    );
  });

  it("say for each layer what it is, which those who build on one count", () => {
    const { manifest } = layOut(place, [[text("a", "a")], [text("b", "b")]], { user: "26:26", workdir: "/data" });
    const { config, layers } = readBlob<Manifest>(place, manifest);
    const { rootfs, history, config: says } = readBlob<ConfigBlob>(place, config);
    assert.deepEqual(
      rootfs.diff_ids,
      layers.map(({ digest }) => digest),
    );
    assert.equal(history?.length, 2);
    assert.deepEqual([says["User"], says["WorkingDir"]], ["26:26", "/data"]);
    for (const { digest, size } of layers) assert.equal(statSync(blobIn(place, digest)).size, size);
  });

  it("have a tool's own programs where the tools' cache has scripts, and /bin and /lib in /usr", () => {
    mkdirSync(join(place, "bin/.bin"), { recursive: true });
    const write = (name: string) => writeFileSync(join(place, name), name);
    for (const name of ["bin/psql", "bin/psql.bin", "bin/data.bin", "bin/.bin/tool"]) write(name);
    symlinkSync("psql.bin", join(place, "bin/link.bin"));
    write("bin/link");
    const at = (name: string) => join(place, name);
    const found = tree(place).map((entry) => [entry.path, entry.kind === "file" ? entry.from : entry.kind]);
    assert.deepEqual(
      new Map(found as [string, string][]),
      new Map([
        ["usr/bin/psql", at("bin/psql.bin")],
        ["usr/bin/data.bin", at("bin/data.bin")],
        ["usr/bin/.bin/tool", at("bin/.bin/tool")],
        ["usr/bin/link", "link"],
      ]),
    );
  });

  it("put a folder before what is in it, and of two files the later one", () => {
    const entries = inOrder([text("a/b/c", "1"), folder("a", 0o700), text("a/b/c", "2"), program("a.b", "/x")]);
    assert.deepEqual(
      entries.map(({ path, mode }) => [path, mode]),
      [
        ["a", 0o700],
        ["a.b", 0o755],
        ["a/b", 0o755],
        ["a/b/c", 0o644],
      ],
    );
    const last = entries.at(-1);
    assert.equal(last?.kind === "file" && String(last.from), "2");
  });

  it("answer to the tag and to the digest that a manifest names, each an image's alone", () => {
    const image = { repository: "r.example/a", source: "" };
    assert.deepEqual(namesOf({ ...image, tag: "1" }), ["r.example/a:1"]);
    assert.deepEqual(namesOf({ ...image, tag: "1@sha256:ab" }), ["r.example/a:1", "r.example/a@sha256:ab"]);
    const names = rows.flatMap(({ references }) => references);
    assert.equal(new Set(names).size, names.length);
    // As containerd has them: a registry before each.
    for (const name of names) assert.match(name, /^(localhost|[\w-]+(\.[\w-]+)+)\/.+[:@]/);
  });

  it("are all that the suite's stack names", async () => {
    const agent = `${agentRepository}@sha256:${"0".repeat(64)}`;
    const where = { kubeconfig: "", address: "10.0.0.1", here: true, charts: "" };
    const settings = settingsFor({
      ...where,
      agents: { first: agent, second: agent, failing: agent },
      model: modelImage,
    });
    const plan = await planOf(
      "dev",
      Object.entries(settings).map(([path, value]) => `${path}=${value}`),
    );
    const made = new Set(rows.flatMap(({ references }) => references));
    const known = (name: string) => namesOf(partsOf(name)).every((one) => made.has(one));
    const others = [agent, ...leftOut.map((image) => imageOf(image, undefined))];
    assert.deepEqual(
      pulledBy(plan).images.filter((name) => !known(name) && !others.includes(name)),
      [],
    );
  });
});

function partsOf(name: string) {
  const [, repository = name, tag = ""] = /^([^@]*):([^/:]+(?:@.+)?)$/.exec(name) ?? [];
  return { repository, tag, source: "" };
}
