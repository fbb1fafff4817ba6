import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readDockerfile } from "../../../service/image/dockerfile.js";
import { discard } from "../../../service/image/seal.js";
import { assemble } from "../../../service/image/stages.js";

describe("a Dockerfile carried out without a container engine", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "dockerfile-"));
  });
  afterEach(() => discard(folder));

  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, "context", path)), { recursive: true });
    writeFileSync(join(folder, "context", path), text);
  };
  const assembleLines = (lines: readonly string[], ignore = "", target?: string) => {
    write("Dockerfile", `${lines.join("\n")}\n`);
    write("Dockerfile.dockerignore", ignore);
    return assemble({
      dockerfile: join(folder, "context", "Dockerfile"),
      context: join(folder, "context"),
      into: join(folder, "out"),
      args: { GIVEN: "given" },
      ...(target === undefined ? {} : { target }),
    });
  };
  const filesIn = (root: string) =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
      .sort();

  it("makes the last stage's files and says what the image says", async () => {
    write("a.txt", "a");
    write("b.txt", "b");
    write("tree/deep/c.txt", "c");
    const image = await assembleLines([
      "# A comment.",
      "ARG BASE=base:1",
      "FROM --platform=$BUILDPLATFORM $BASE AS build",
      "ARG GIVEN",
      "ENV WORD=said",
      "WORKDIR /made",
      "COPY a.txt b.txt ./",
      "COPY tree/ tree/",
      'RUN --mount=type=cache,target=/root/.cache echo "$GIVEN and $WORD" > d.txt \\',
      "  # between the lines",
      "  && ln -s d.txt link && chmod 4755 a.txt",
      "FROM $BASE",
      "ARG VERSION=1",
      'LABEL title="two words" version="$VERSION"',
      "COPY --from=build /made/ /app/",
      "COPY --from=build /made/d.txt /other/e.txt",
      "WORKDIR /app",
      "WORKDIR tree",
      "ENV ONE=1 TWO=2",
      "EXPOSE 3000 9464",
      "USER 10001:10001",
      'HEALTHCHECK --interval=10s CMD ["true"]',
      'ENTRYPOINT ["init", "--"]',
      'CMD ["node", "main.js"]',
    ]);
    assert.deepEqual(image.config, {
      base: "base:1",
      env: { ONE: "1", TWO: "2" },
      workdir: "/app/tree",
      user: "10001:10001",
      ports: [3000, 9464],
      labels: { title: "two words", version: "1" },
      entrypoint: ["init", "--"],
      command: ["node", "main.js"],
      healthcheck: ["true"],
    });
    assert.deepEqual(filesIn(image.root), [
      "/app/a.txt",
      "/app/b.txt",
      "/app/d.txt",
      "/app/tree/deep/c.txt",
      "/other/e.txt",
    ]);
    assert.equal(readFileSync(join(image.root, "app/link"), "utf8"), "given and said\n");
    assert.equal(statSync(join(image.root, "app/a.txt")).mode & 0o7777, 0o4555);
    assert.equal(statSync(join(image.root, "app/tree")).mode & 0o7777, 0o555);
  });

  it("copies nothing that .dockerignore leaves out", async () => {
    write("src/a.ts", "a");
    write("src/secret/b.ts", "b");
    const ignore = "*\n!src\nsrc/secret\n";
    const image = await assembleLines(["FROM base", "COPY src/ src/"], ignore);
    assert.deepEqual(filesIn(image.root), ["/src/a.ts"]);
  });

  it("stops after the stage that was asked for", async () => {
    const image = await assembleLines(["FROM one AS first", "WORKDIR /first", "FROM two", "RUN false"], "", "first");
    assert.deepEqual([image.config.base, readdirSync(image.root)], ["one", ["first"]]);
  });

  const refused: Readonly<Record<string, readonly [lines: readonly string[], message: string, ignore?: string]>> = {
    "an instruction that it does not know": [
      ["FROM base", "ADD a b"],
      `Dockerfile:2: ADD is not carried out here; expected one of ARG, FROM, WORKDIR, COPY, RUN, ENV, LABEL, EXPOSE, USER, HEALTHCHECK, ENTRYPOINT, CMD`,
    ],
    "a flag that it does not know": [
      ["FROM base", "COPY --chown=1 a b"],
      "Dockerfile:2: COPY --chown is not carried out here",
    ],
    "a mount that is no cache": [
      ["FROM base", "RUN --mount=type=secret,id=x true"],
      "Dockerfile:2: RUN --mount=type=secret,id=x: only a cache is mounted here",
    ],
    "a variable that nothing sets": [["FROM $BASE"], "Dockerfile:1: $BASE is not set: no ARG or ENV before says it"],
    "an instruction before the first stage": [["ENV A=1"], "Dockerfile:1: ENV stands before the first FROM"],
    "no stage at all": [["# nothing"], "FOLDER/context/Dockerfile has no FROM"],
    "a stage on top of another": [
      ["FROM base AS first", "FROM first"],
      "Dockerfile:2: FROM first: a stage on top of another is not carried out here",
    ],
    "a command that names a file of the machine": [
      ["FROM base", "RUN cat /etc/passwd"],
      "Dockerfile:2: RUN names /etc/passwd: write it as seen from WORKDIR",
    ],
    "a command as another user": [
      ["FROM base", "USER 1", "RUN true"],
      "Dockerfile:3: RUN after USER is not carried out here",
    ],
    "a command that fails": [["FROM base", "RUN echo said; exit 3"], "Dockerfile:2: RUN ended with 3:\nsaid"],
    "a file that is not there": [
      ["FROM base", "COPY gone.txt ./"],
      "Dockerfile:2: COPY gone.txt: there is no such file, or .dockerignore leaves it out",
    ],
    "a file that is left out": [
      ["FROM base", "COPY Dockerfile ./"],
      "Dockerfile:2: COPY Dockerfile: there is no such file, or .dockerignore leaves it out",
      "*",
    ],
    "a stage that was not there before": [
      ["FROM base", "COPY --from=later a b"],
      "Dockerfile:2: COPY --from=later: no stage before it has that name",
    ],
    "several files to one name": [
      ["FROM base", "COPY a b c"],
      "Dockerfile:2: COPY a b c: several files go into a folder, whose name ends with '/'",
    ],
    "a command for a shell": [
      ["FROM base", "CMD node main.js"],
      'Dockerfile:2: node main.js: expected a list such as ["node", "main.js"]',
    ],
    "a pattern of .dockerignore": [
      ["FROM base"],
      ".dockerignore: '**/*.log' is not understood here; expected a path, or '*' for everything",
      "**/*.log",
    ],
  };
  for (const [what, [lines, message, ignore]] of Object.entries(refused))
    it(`refuses ${what}, and leaves nothing behind`, async () => {
      await assert.rejects(assembleLines(lines, ignore), { message: message.replace("FOLDER", folder) });
      assert.equal(existsSync(join(folder, "out")), false);
    });

  it("refuses a folder that has something in it, and leaves it alone", async () => {
    mkdirSync(join(folder, "out"));
    writeFileSync(join(folder, "out", "mine"), "");
    await assert.rejects(assembleLines(["FROM base"]), {
      message: `${join(folder, "out")} is not empty: expected a folder that is not there yet, or an empty one`,
    });
    assert.deepEqual(readdirSync(join(folder, "out")), ["mine"]);
  });

  it("refuses a line that leads to none", () => {
    assert.throws(() => readDockerfile("FROM base\nRUN true \\\n"), {
      message: "Dockerfile:2: ends in the middle: nothing follows its last '\\'",
    });
  });
});
