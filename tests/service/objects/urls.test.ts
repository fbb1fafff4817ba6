import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openObjects } from "../../../service/src/objects/open.js";
import { buckets, partsOf, prefixOf } from "../../../service/src/objects/urls.js";

const kindOf = (address: string) => buckets.find(({ pattern }) => pattern.test(address))?.scheme;

describe("a bucket's address", () => {
  const known: Readonly<Record<string, readonly string[]>> = {
    s3: [
      "s3://agents-production-bucket-main-1a2b3c4",
      "s3://uploads/",
      "s3://uploads/team/files",
      "s3://uploads?region=eu-north-1",
      "s3://uploads/team?region=eu-north-1&endpoint=https://minio.example.com:9000",
      "s3://uploads?endpoint=http%3A%2F%2F127.0.0.1%3A9000",
    ],
    gs: ["gs://agents-production-main-1a2b3c4", "gs://uploads/team", "gs://uploads?endpoint=http://127.0.0.1:4443"],
    azblob: ["azblob://agentsproduction1a2b3c/main", "azblob://account/uploads/team/files/"],
    file: ["/var/lib/objects", "./objects", "../objects", "file:///var/lib/objects", "file:///var/lib/my%20objects"],
  };
  for (const [scheme, addresses] of Object.entries(known))
    for (const address of addresses)
      it(`is known: ${address}`, () => {
        assert.equal(kindOf(address), scheme);
      });

  const refused = [
    "",
    "uploads",
    "S3://uploads",
    "s3:/uploads",
    "s3:uploads",
    "s3://",
    "s3://Uploads",
    "s3://up",
    "s3://uploads/../other",
    "s3://uploads/.hidden",
    "s3://uploads//team",
    "s3://uploads/a b",
    "s3://uploads#x",
    "s3://key:secret@uploads",
    "s3://uploads?region=eu-north-1&region=",
    "s3://uploads?zone=a",
    "s3://uploads?endpoint=minio.example.com",
    "gs://uploads?region=eu",
    "azblob://account",
    "azblob://Account/uploads",
    "azblob://account/uploads?account=other",
    "file://host/objects",
    "https://uploads.s3.amazonaws.com",
    "/objects?x=1",
  ];
  for (const address of refused)
    it(`is refused: ${JSON.stringify(address)}`, () => {
      assert.equal(kindOf(address), undefined);
    });

  it("says its parts", () => {
    assert.deepEqual(partsOf("s3://uploads/team/files/?region=eu-north-1&endpoint=http://127.0.0.1:9000/"), {
      host: "uploads",
      steps: ["team", "files"],
      region: "eu-north-1",
      endpoint: "http://127.0.0.1:9000",
    });
    assert.deepEqual(partsOf("azblob://account/uploads"), {
      host: "account",
      steps: ["uploads"],
      region: undefined,
      endpoint: undefined,
    });
    assert.equal(prefixOf(["team", "files"]), "team/files/");
    assert.equal(prefixOf([]), "");
  });

  it("that is none opens nothing", async () => {
    const expected = buckets.map(({ example }) => example).join(" or ");
    await assert.rejects(openObjects({ BUCKET_URL: "ftp://x", DATA_DIR: "." }), {
      message: `BUCKET_URL: expected ${expected}`,
    });
  });

  it("has an example that it is like", () => {
    for (const { scheme, example } of buckets)
      assert.equal(kindOf(example.toLowerCase().replace(/=region\b/, "=eu-north-1")), scheme);
  });

  const sdks = ["@aws-sdk/client-s3", "google-auth-library", "@azure/storage-blob"];
  const loads: Readonly<Record<string, readonly string[]>> = {
    "./objects": [],
    "s3://uploads?region=eu-north-1": ["@aws-sdk/client-s3"],
    "gs://uploads": ["google-auth-library"],
    "azblob://account/uploads": ["@azure/storage-blob"],
  };
  for (const [address, expected] of Object.entries(loads))
    it(`loads ${expected.join(", ") || "no SDK"} for ${address}`, () => {
      const folder = mkdtempSync(join(tmpdir(), "loaded-"));
      try {
        const opener = join(import.meta.dirname, "../../../service/src/objects/open.ts");
        const program = `const { openObjects } = await import(${JSON.stringify(opener)});
          await openObjects({ BUCKET_URL: ${JSON.stringify(address)}, DATA_DIR: "." });`;
        // V8's report of coverage has every file that was run.
        execFileSync(process.execPath, ["--import", "tsx/esm", "--input-type=module", "--eval", program], {
          cwd: join(import.meta.dirname, "../../.."),
          stdio: "pipe",
          env: { PATH: process.env["PATH"], NODE_V8_COVERAGE: folder },
        });
        const report = readdirSync(folder)
          .map((file) => readFileSync(join(folder, file), "utf8"))
          .join("");
        assert.deepEqual(
          sdks.filter((sdk) => report.includes(`/node_modules/${sdk}/`)),
          expected,
        );
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
});
