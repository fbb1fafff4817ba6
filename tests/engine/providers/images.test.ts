import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImageStandIn } from "./cloud/images.js";
import { Store } from "./cloud/store.js";
import type { How, Made, Props } from "./serve.js";
import { UNKNOWN } from "./serve.js";

const UP: How = { preview: false, timeoutSeconds: 0 };
const subject = { urn: "urn", type: "docker-build:index:Image", name: "api" };

describe("engine: the stand-in for a builder of images", () => {
  let directory: string;
  let builder: ImageStandIn;
  let inputs: Props;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "images-"));
    const context = join(directory, "app");
    mkdirSync(join(context, "node_modules"), { recursive: true });
    writeFileSync(join(context, "Dockerfile"), "FROM scratch\n");
    writeFileSync(join(context, ".dockerignore"), "*.log\n");
    builder = new ImageStandIn({ store: new Store(directory), minuteMs: 0.1 });
    inputs = {
      context: { location: context },
      tags: ["registry.example.com:5000/api"],
      registries: [{ address: "registry.example.com:5000", username: "a", password: "1" }],
      push: true,
    };
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = (path: string, text: string) => writeFileSync(join(directory, "app", path), text);
  const built = async (): Promise<Made> => ({ ...subject, ...(await builder.create(subject, inputs, UP)), inputs });
  const changesOf = async (made: Made, news: Props) => (await builder.diff(made, news, [])).changed;

  it("names an image by what is in it, in its registry", async () => {
    const { id, outputs } = await built();
    assert.match(id, /^sha256:[0-9a-f]{64}$/);
    assert.equal(outputs["digest"], id);
    assert.equal(outputs["ref"], `registry.example.com:5000/api:latest@${id}`);
    assert.equal((await built()).id, id);
    write("main.js", "1");
    assert.notEqual((await built()).id, id);
  });

  it("knows neither digest nor reference before it is built", async () => {
    const { outputs } = await builder.create(subject, inputs, { ...UP, preview: true });
    assert.deepEqual([outputs["digest"], outputs["ref"]], [UNKNOWN, UNKNOWN]);
  });

  it("builds again where files changed, but not those that no image has", async () => {
    const made = await built();
    write("noise.log", "1");
    write("node_modules/installed.js", "1");
    assert.deepEqual(await changesOf(made, inputs), []);
    write("main.js", "1");
    assert.deepEqual(await changesOf(made, inputs), ["contextHash"]);
  });

  it("takes another password of a registry for no change", async () => {
    const registries = [{ address: "registry.example.com:5000", username: "a", password: "2" }];
    assert.deepEqual(await changesOf(await built(), { ...inputs, registries }), []);
    assert.deepEqual(await changesOf(await built(), { ...inputs, push: false }), ["push"]);
  });

  it("says which Dockerfile is missing", async () => {
    const news = { ...inputs, dockerfile: { location: join(directory, "other") } };
    const { failures } = await builder.check(subject, {}, news);
    assert.deepEqual(failures, [
      { property: "dockerfile", reason: `open ${join(directory, "other")}: no such file or directory` },
    ]);
  });
});
