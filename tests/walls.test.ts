import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The import walls are rules of the linter; these are imports that it must stop, and some that it must not. */
const refused: readonly (readonly [file: string, from: string])[] = [
  ["config/x.ts", "@pulumi/pulumi"],
  ["config/x.ts", "../components/platform.js"],
  ["config/x.ts", "../providers/contract.js"],
  ["config/x.ts", "../providers/aws/network.js"],
  ["components/x.ts", "@pulumi/aws"],
  ["components/stores/x.ts", "@pulumi/aws/rds/instance.js"],
  ["components/x.ts", "../providers/aws/network.js"],
  ["components/x.ts", "../providers/index.js"],
  ["components/stores/x.ts", "../../providers/support.js"],
  ["components/x.ts", "../plan/record.js"],
  ["providers/x.ts", "../components/platform.js"],
  ["providers/aws/x.ts", "../local/cluster.js"],
  ["providers/aws/x.ts", "../../components/inside.js"],
  ["providers/aws/x.ts", "@pulumi/gcp/compute/network.js"],
  ["providers/gcp/x.ts", "@pulumi/aws/ec2/vpc.js"],
  ["providers/gcp/x.ts", "../azure/tags.js"],
  ["providers/azure/x.ts", "@pulumi/gcp/compute/network.js"],
  ["providers/azure/x.ts", "../gcp/tags.js"],
  ["components/x.ts", "@pulumi/gcp/compute/network.js"],
  ["components/x.ts", "@pulumi/azure-native/network/virtualNetwork.js"],
  ["providers/local/x.ts", "../aws/tags.js"],
  ["providers/local/x.ts", "@pulumi/aws/provider.js"],
  ["plan/x.ts", "@pulumi/aws/provider.js"],
  ["plan/x.ts", "../providers/aws/planned.js"],
  ["plan/x.ts", "../providers/azure/planned.js"],
  ["service/src/x.ts", "@pulumi/pulumi"],
  ["service/src/faces/x.ts", "../../../config/settings.js"],
  ["service/src/x.ts", "../../providers/contract.js"],
  ["service/src/x.ts", "../../components/platform.js"],
  ["service/src/x.ts", "../../tests/support/rows.js"],
];
const allowed: readonly (readonly [file: string, from: string])[] = [
  ["config/x.ts", "../providers/support.js"],
  ["config/x.ts", "../providers/machines.js"],
  ["components/stores/x.ts", "../../providers/contract.js"],
  ["components/x.ts", "@pulumi/kubernetes/core/v1/secret.js"],
  ["providers/aws/x.ts", "@pulumi/aws/ec2/vpc.js"],
  ["providers/gcp/x.ts", "@pulumi/gcp/compute/network.js"],
  ["providers/azure/x.ts", "@pulumi/azure-native/network/virtualNetwork.js"],
  ["plan/x.ts", "../providers/index.js"],
  ["service/src/faces/x.ts", "../http/route.js"],
];

const root = join(import.meta.dirname, "..");

/** A tree with nothing in it but the linter's settings and one file for each import; says which files it objects to. */
function lint(imports: readonly (readonly [file: string, from: string])[]): ReadonlySet<string> {
  const tree = mkdtempSync(join(tmpdir(), "walls-"));
  try {
    for (const file of ["biome.json", ".gitignore"]) copyFileSync(join(root, file), join(tree, file));
    for (const [file, from] of imports) {
      const path = join(tree, nameOf(file, from));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `import { x } from "${from}";\n\nexport const y = x;\n`);
    }
    const args = ["lint", "--only=style/noRestrictedImports", "--reporter=json", "--max-diagnostics=none", "."];
    const { stdout } = spawnSync(join(root, "node_modules/.bin/biome"), args, { cwd: tree, encoding: "utf8" });
    const { diagnostics } = JSON.parse(stdout) as Report;
    return new Set(diagnostics.map(({ location }) => location.path));
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

interface Report {
  readonly diagnostics: readonly { readonly location: { readonly path: string } }[];
}

const nameOf = (file: string, from: string): string => file.replace("x.ts", `${from.replace(/[^a-z]+/g, "-")}.ts`);

describe("the import walls", () => {
  let objected: ReadonlySet<string>;
  before(() => {
    objected = lint([...refused, ...allowed]);
  });
  for (const [file, from] of refused) {
    it(`stop ${from} in ${dirname(file)}`, () => assert.ok(objected.has(nameOf(file, from))));
  }
  for (const [file, from] of allowed) {
    it(`let ${from} into ${dirname(file)}`, () => assert.ok(!objected.has(nameOf(file, from))));
  }
});
