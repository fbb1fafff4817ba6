import assert from "node:assert/strict";
import { cloudNames } from "../../config/names.js";
import { UsageError } from "../../config/problems.js";
import { type Outcome, planAsComparison } from "../../plan/compare.js";
import { partsOf } from "../../plan/parts.js";
import { localStack, settingsOf } from "../support/settings.js";
import { planOfFew, prodOn, resource, root } from "./small.js";

const database = resource({ type: "agent-platform:aws:Database", name: "agents-development-db-main" }, root);
const instance = resource(
  {
    type: "aws:rds/instance:Instance",
    name: "agents-development-db-main",
    protect: true,
    inputs: {
      engine: "postgres",
      engineVersion: "17",
      instanceClass: "db.t4g.medium",
      allocatedStorage: 20,
      maxAllocatedStorage: 100,
      storageType: "gp3",
      multiAz: false,
      publiclyAccessible: false,
      backupRetentionPeriod: 7,
    },
  },
  database,
);
const replica = (index: number) =>
  resource(
    {
      type: "aws:rds/instance:Instance",
      name: `agents-development-db-main-replica-${index}`,
      inputs: { replicateSourceDb: "[unknown]", instanceClass: "db.t4g.medium" },
    },
    database,
  );
const postgres = resource({ type: "agent-platform:stores:Postgres", name: "agents-development-db-main" }, root);
const pods = resource(
  {
    type: "kubernetes:postgresql.cnpg.io/v1:Cluster",
    name: "agents-development-db-main",
    inputs: {
      spec: {
        instances: 1,
        imageName: "ghcr.io/cloudnative-pg/postgresql:17.11-standard",
        storage: { size: "20Gi" },
        postgresql: { pg_hba: ["hostnossl all all all reject"] },
      },
    },
  },
  postgres,
);

const onAws = planOfFew([database, instance, replica(1), replica(2)], { warnings: ["of all", "of aws alone"] });
const onLocal = planOfFew([postgres, pods], {
  settings: settingsOf(localStack),
  warnings: ["of all"],
  beforeUp: ["pulumi config set --secret agent-secrets:KEY"],
});

describe("plans side by side", () => {
  it("are a block for each part and a column for each cloud, then what differs and why", () => {
    const text = planAsComparison("test", [
      { cloud: "aws", plan: onAws },
      { cloud: "local", plan: onLocal },
    ]);
    assert.equal(
      text,
      `test: the same settings on aws and local

stack ──────────────────────────────────────────────────────────────────────────
            aws                               local
size        all: small, environment development
region      eu-west-1                         -
zones       eu-west-1a, eu-west-1b            -
resources   3                                 1
protected   1                                 0

database main ──────────────────────────────────────────────────────────────────
            aws                               local
mode        managed                           inCluster
service     RDS PostgreSQL 17                 PostgreSQL 17 by CloudNativePG
size        db.t4g.medium                     -
storage     20-100 GiB gp3                    20Gi
copies      2 x read replica db.t4g.medium    none
access      private                           inside the cluster
transit     -                                 TLS required
backup      7 d, point in time                none beyond its volumes

What differs, and why
  every cloud
    ! of all
  aws
    ! of aws alone
  local
    ! database main is inCluster, not managed: local is a cluster that exists
      and makes no database service of its own

Before up
  pulumi config set --secret agent-secrets:KEY
`,
    );
  });

  it("show in its place what does not fit a cloud, and the others still", () => {
    const text = planAsComparison("test", [
      { cloud: "local", error: new UsageError("one problem\n  and its repair") },
      { cloud: "aws", plan: onAws },
    ]);
    assert.deepEqual(text.split("\n").slice(0, 8), [
      "test: the same settings on local and aws",
      "",
      "local: the settings do not fit",
      "  one problem",
      "    and its repair",
      "",
      `${"stack ".padEnd(80, "─")}`,
      "            aws",
    ]);
  });

  it("say nothing but the problems where no cloud fits", () => {
    assert.equal(
      planAsComparison("test", [{ cloud: "local", error: new UsageError("a problem") }]),
      "test: the same settings on local\n\nlocal: the settings do not fit\n  a problem\n",
    );
  });

  it("say why a part is missing on a cloud, once", async () => {
    const [aws, local] = [await prodOn("aws"), await prodOn("local")];
    const text = planAsComparison("prod", [
      { cloud: "aws", plan: aws },
      { cloud: "local", plan: local },
    ]);
    const why = text.slice(text.indexOf("What differs, and why"));
    assert.match(why, /! no network: local uses the network of the cluster that exists\n/);
    assert.equal(why.split("local makes no object store").length, 2);
  });

  it("fit all clouds into 80 columns, and are the same when they are made again", async () => {
    const compared = async () => {
      const outcomes: Outcome[] = [];
      for (const cloud of cloudNames) outcomes.push({ cloud, plan: await prodOn(cloud) });
      return planAsComparison("prod", outcomes);
    };
    const text = await compared();
    for (const line of text.split("\n")) assert.ok([...line].length <= 80, line);
    assert.equal(text, await compared());
    assert.match(text, /^nodes apps {2}3-20 m7g\.2xlarge /m);
  });

  it("tell of every part what it is on every cloud that has it", async () => {
    for (const cloud of cloudNames) {
      for (const { title, facts, becomes } of partsOf(await prodOn(cloud))) {
        assert.ok(facts.has("service") || becomes.length > 0, `${title} on ${cloud}`);
      }
    }
  });
});
