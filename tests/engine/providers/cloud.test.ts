import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planned } from "../../../providers/index.js";
import * as disk from "./cloud/disk.js";
import { packages } from "./cloud/packages.js";
import { RandomStandIn } from "./cloud/random.js";
import { CloudStandIn } from "./cloud/standin.js";
import { Store } from "./cloud/store.js";
import { HalfMade, type How, type Made, type Props, type StandIn, UNKNOWN } from "./serve.js";

const UP: How = { preview: false, timeoutSeconds: 0 };
const PREVIEW: How = { preview: true, timeoutSeconds: 0 };
const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const ROLE = "aws:iam/role:Role";
const SECRET = "aws:secretsmanager/secret:Secret";
const DATABASE = "aws:rds/instance:Instance";
const CLUSTER = "aws:eks/cluster:Cluster";
const PASSWORD = "random:index/randomPassword:RandomPassword";

class Crash extends Error {}

describe("engine: the stand-in for a cloud", () => {
  let directory: string;
  let aws: CloudStandIn;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "cloud-"));
    aws = open();
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function open(region = "eu-west-1", kubernetes?: { endpoint: string; ca: string }): CloudStandIn {
    const rows = packages["aws"];
    assert.ok(rows);
    const standIn = new CloudStandIn("aws", rows, {
      store: new Store(directory),
      minuteMs: 0.5,
      ...(kubernetes === undefined ? {} : { kubernetes }),
      crash: () => {
        throw new Crash();
      },
    });
    standIn.configure({ region });
    return standIn;
  }

  const subject = (type: string, name: string) => ({ urn: `urn:pulumi:s::p::${type}::${name}`, type, name });

  /** As the engine does it: checked, then made. */
  async function make(type: string, name: string, given: Props, by: StandIn = aws): Promise<Made> {
    const { inputs = given, failures = [] } = (await by.check?.(subject(type, name), {}, given)) ?? {};
    assert.deepEqual(failures, []);
    return { ...subject(type, name), inputs, ...(await by.create(subject(type, name), inputs, UP)) };
  }

  const network = () => make(VPC, "net", { cidrBlock: "10.0.0.0/16" });
  const database = async (more: Props) => {
    await make("aws:rds/subnetGroup:SubnetGroup", "group", { name: "group" });
    return make(DATABASE, "db", { dbSubnetGroupName: "group", backupRetentionPeriod: 7, ...more });
  };
  const states = () => disk.objectsOf(directory).map(({ type, name, state }) => [type, name, state]);

  describe("names", () => {
    it("makes one up where none is given, and keeps it", async () => {
      const role = await make(ROLE, "deployer", { assumeRolePolicy: "{}" });
      assert.match(role.id, /^deployer-[0-9a-f]{7}$/);
      const again = await aws.check(role, role.inputs, { assumeRolePolicy: "{}" });
      assert.deepEqual(again.inputs, role.inputs);
    });

    it("says where a name is too long", async () => {
      const { failures } = await aws.check(subject(ROLE, "r"), {}, { name: "r".repeat(65) });
      assert.deepEqual(failures, [{ property: "name", reason: `'${"r".repeat(65)}' is longer than 64 characters` }]);
    });

    it("refuses one that is taken, of two that come at the same time as well", async () => {
      const results = await Promise.allSettled([open(), open()].map((by) => make(ROLE, "r", { name: "one" }, by)));
      const refused = results.find(({ status }) => status === "rejected") as PromiseRejectedResult;
      assert.equal(refused.reason.message, "EntityAlreadyExists: The role 'one' already exists");
      assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    });

    it("is free in another region, but for what is the same everywhere", async () => {
      const elsewhere = open("eu-central-1");
      await make(SECRET, "s", { name: "one" });
      await make(SECRET, "s", { name: "one" }, elsewhere);
      await make("aws:s3/bucket:Bucket", "b", { bucket: "one" });
      await assert.rejects(make("aws:s3/bucket:Bucket", "b", { bucket: "one" }, elsewhere), {
        message: "BucketAlreadyOwnedByYou: The bucket 'one' already exists",
      });
    });

    it("of a deleted secret stays taken for its recovery window", async () => {
      const secret = await make(SECRET, "s", { name: "one", recoveryWindowInDays: 7 });
      await aws.delete(secret, UP);
      assert.deepEqual(disk.remainsOf(directory), [{ kind: "soft-deleted", type: SECRET, name: "s", key: "one" }]);
      await assert.rejects(make(SECRET, "s", { name: "one" }), /one of this name is already scheduled for deletion$/);
    });
  });

  describe("what belongs together", () => {
    it("refuses what names something that is not there", async () => {
      await assert.rejects(make(SUBNET, "sub", { vpcId: "vpc-0" }), {
        message: "InvalidVpcID.NotFound: The VPC 'vpc-0' does not exist",
      });
    });

    it("does not let go of what is in use", async () => {
      const vpc = await network();
      const subnet = await make(SUBNET, "sub", { vpcId: vpc.id });
      await assert.rejects(aws.delete(vpc, UP), {
        message: `DependencyViolation: The VPC '${vpc.id}' has dependencies and cannot be deleted: ${SUBNET} ${subnet.id}`,
      });
      await aws.delete(subnet, UP);
      await aws.delete(vpc, UP);
      assert.deepEqual(states(), []);
    });

    it("refuses a cluster whose role may not work for it, and nodes that cannot join", async () => {
      const role = await make(ROLE, "r", {});
      const cluster = () => make(CLUSTER, "c", { name: "c", roleArn: role.outputs["arn"], deletionProtection: true });
      await assert.rejects(cluster(), /does not have the policy arn:aws:iam::aws:policy\/AmazonEKSClusterPolicy$/);
      const policyArn = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy";
      await make("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "a", { role: role.id, policyArn });
      const made = await cluster();
      await assert.rejects(aws.delete(made, UP), /deletion protection is enabled$/);
      await assert.rejects(
        make("aws:eks/nodeGroup:NodeGroup", "n", { clusterName: "c", nodeRoleArn: role.outputs["arn"] }),
        {
          message: "NodeCreationFailure: Instances failed to join the kubernetes cluster: no AmazonEKSWorkerNodePolicy",
        },
      );
    });

    it("reaches its limits", async () => {
      for (const name of ["a", "b", "c", "d", "e"]) await make(VPC, name, {});
      await assert.rejects(make(VPC, "f", {}), {
        message: "VpcLimitExceeded: The maximum number of VPCs has been reached.",
      });
    });
  });

  describe("data", () => {
    it("does not go while it is locked, and leaves a last snapshot and its backups", async () => {
      const made = await database({
        deletionProtection: true,
        skipFinalSnapshot: false,
        finalSnapshotIdentifier: "last",
        deleteAutomatedBackups: false,
      });
      await assert.rejects(
        aws.delete(made, UP),
        /^Error: InvalidParameterCombination: Cannot delete protected DB Inst/,
      );
      const unlocked = { ...made.inputs, deletionProtection: false };
      await aws.update(made, unlocked, UP);
      await aws.delete(made, UP);
      assert.deepEqual(
        disk.remainsOf(directory).map(({ kind, key }) => [kind, key]),
        [
          ["automated backup", made.inputs["identifier"]],
          ["snapshot", "last"],
        ],
      );
    });

    it("is not deleted without a name for its last snapshot", async () => {
      const made = await database({});
      await assert.rejects(aws.delete(made, UP), /final_snapshot_identifier is required/);
    });

    it("copies only what is backed up", async () => {
      const made = await database({ backupRetentionPeriod: 0, identifier: "source" });
      await assert.rejects(make(DATABASE, "copy", { replicateSourceDb: made.outputs["arn"] }), {
        message: `InvalidDBInstanceState: Automated backups are not enabled for the database instance ${made.outputs["arn"]}`,
      });
    });

    it("in a bucket keeps it, unless it may be emptied", async () => {
      const kept = await make("aws:s3/bucket:Bucket", "kept", { forceDestroy: false });
      const emptied = await make("aws:s3/bucket:Bucket", "emptied", { forceDestroy: true });
      for (const { type, id } of [kept, emptied]) disk.fill(directory, type, id);
      await assert.rejects(aws.delete(kept, UP), /^Error: BucketNotEmpty: /);
      await aws.delete(emptied, UP);
    });
  });

  describe("changes", () => {
    it("updates in place, or makes anew, as the provider does", async () => {
      const vpc = await network();
      assert.deepEqual(await aws.diff(vpc, { cidrBlock: "10.0.0.0/16", tags: { a: "b" } }, []), {
        changed: ["tags"],
        replaces: [],
        deleteBeforeReplace: false,
      });
      const anew = await aws.diff(vpc, { cidrBlock: UNKNOWN }, []);
      assert.deepEqual([anew.changed, anew.replaces], [["cidrBlock"], ["cidrBlock"]]);
    });

    it("deletes first what has a name that somebody gave it", async () => {
      const given = await make(CLUSTER, "c", { name: "given", roleArn: await clusterRole("a") });
      const other = { ...given.inputs, roleArn: "other" };
      assert.equal((await aws.diff(given, other, [])).deleteBeforeReplace, true);
      const madeUp = await make(CLUSTER, "c", { roleArn: await clusterRole("b") });
      assert.equal((await aws.diff(madeUp, { ...madeUp.inputs, roleArn: "other" }, [])).deleteBeforeReplace, false);
    });

    async function clusterRole(name: string): Promise<unknown> {
      const role = await make(ROLE, name, {});
      const policyArn = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy";
      await make("aws:iam/rolePolicyAttachment:RolePolicyAttachment", name, { role: role.id, policyArn });
      return role.outputs["arn"];
    }

    it("passes over what is ignored, however deep", async () => {
      const made = { ...subject("aws:eks/nodeGroup:NodeGroup", "n"), id: "n", outputs: {} };
      const scaling = (desiredSize: number) => ({ nodeGroupName: "n", scalingConfig: { desiredSize, maxSize: 5 } });
      const change = await aws.diff({ ...made, inputs: scaling(1) }, scaling(3), ["scalingConfig.desiredSize"]);
      assert.deepEqual(change.changed, []);
    });

    it("passes over storage that grew by itself, and refuses to take any away", async () => {
      const made = await database({ allocatedStorage: 400, maxAllocatedStorage: 4000 });
      const less = { ...made.inputs, allocatedStorage: 200 };
      assert.deepEqual((await aws.diff(made, less, [])).changed, []);
      assert.equal((await aws.update(made, { ...less, multiAz: true }, UP))["allocatedStorage"], 400);
      await assert.rejects(aws.update(made, { ...less, maxAllocatedStorage: 200 }, UP), {
        message: "InvalidParameterCombination: Allocated storage size cannot be reduced",
      });
    });

    it("knows in a preview only what can be known", async () => {
      const { id, outputs } = await aws.create(subject(VPC, "net"), { cidrBlock: "10.0.0.0/16" }, PREVIEW);
      assert.deepEqual([id, outputs["cidrBlock"], outputs["arn"]], ["", "10.0.0.0/16", UNKNOWN]);
      const template = await make("aws:ec2/launchTemplate:LaunchTemplate", "t", {});
      const planned = await aws.update(template, { ...template.inputs, tags: {} }, PREVIEW);
      assert.deepEqual([planned["arn"], planned["latestVersion"]], [template.outputs["arn"], UNKNOWN]);
      assert.deepEqual(states(), [["aws:ec2/launchTemplate:LaunchTemplate", "t", "ready"]]);
    });
  });

  describe("by other hands", () => {
    it("answers about what was there already", async () => {
      disk.plant(directory, VPC, "vpc-1", { cidrBlock: "10.9.0.0/16" });
      const found = await aws.invoke("aws:ec2/getVpc:getVpc", { id: "vpc-1" });
      assert.equal(found["cidrBlock"], "10.9.0.0/16");
      await assert.rejects(aws.invoke("aws:ec2/getVpc:getVpc", { id: "vpc-2" }), /'vpc-2' does not exist$/);
      await assert.rejects(aws.invoke("aws:ec2/getAmi:getAmi", {}), /has no function aws:ec2\/getAmi:getAmi$/);
    });

    it("sees what was changed, and what was deleted with all that hangs on it", async () => {
      const vpc = await network();
      disk.change(directory, VPC, vpc.id, { enableDnsSupport: false });
      assert.equal((await aws.read(vpc))?.inputs["enableDnsSupport"], false);
      await make("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "d", { vpcId: vpc.id });
      disk.remove(directory, VPC, vpc.id);
      assert.equal(await aws.read(vpc), undefined);
      assert.deepEqual(states(), []);
    });

    it("leads to a real API server where there is one", async () => {
      const role = "arn:aws:iam::123456789012:role/there";
      disk.plant(directory, ROLE, "there", {});
      const by = open("eu-west-1", { endpoint: "https://127.0.0.1:1", ca: "Q0E=" });
      const cluster = await make(CLUSTER, "c", { roleArn: role }, by);
      assert.equal(cluster.outputs["endpoint"], "https://127.0.0.1:1");
      assert.deepEqual(cluster.outputs["certificateAuthority"], { data: "Q0E=" });
    });
  });

  describe("faults", () => {
    it("refuse for want of quota, as often as they say", async () => {
      disk.inject(directory, { op: "create", type: VPC, name: "net", fault: "quota", times: 1 });
      await assert.rejects(network(), /^Error: VpcLimitExceeded: /);
      await network();
    });

    it("throttle, and the provider tries again", async () => {
      disk.inject(directory, { op: "create", type: VPC, fault: "throttle", times: 2 });
      await network();
      assert.deepEqual(
        disk.operationsOf(directory).map(({ op, error }) => [op, error]),
        [
          ["create", "ThrottlingException: Rate exceeded"],
          ["create", "ThrottlingException: Rate exceeded"],
          ["create", undefined],
        ],
      );
    });

    it("leave it half made", async () => {
      disk.inject(directory, { op: "create", type: VPC, fault: "afterCreate", times: 1 });
      await assert.rejects(network(), HalfMade);
      assert.deepEqual(states(), [[VPC, "net", "ready"]]);
    });

    it("crash after it was begun; it comes up by itself, and is found by its id alone", async () => {
      disk.inject(directory, { op: "create", type: VPC, fault: "crash", times: 1 });
      await assert.rejects(network(), Crash);
      const [begun] = disk.objectsOf(directory);
      assert.ok(begun);
      const found = await open().read({ ...subject(VPC, "net"), id: begun.id, inputs: {}, outputs: {} });
      assert.deepEqual([found?.id, found?.inputs], [begun.id, { cidrBlock: "10.0.0.0/16" }]);
    });

    it("hang until the time that it was given is over", async () => {
      disk.inject(directory, { op: "create", type: VPC, fault: "hang", times: 1 });
      const creating = aws.create(subject(VPC, "net"), {}, { preview: false, timeoutSeconds: 60 });
      await assert.rejects(creating, { message: `waiting for ${VPC} net create: timeout after 1 minutes` });
    });
  });

  it("notes nothing of what a secret holds", async () => {
    const secret = await make(SECRET, "s", {});
    const held = { secretId: secret.id, secretString: "hunter2" };
    await make("aws:secretsmanager/secretVersion:SecretVersion", "s", held);
    assert.equal(JSON.stringify(disk.operationsOf(directory)).includes("hunter2"), false);
    assert.equal(disk.operationsOf(directory).length, 2);
  });

  it("has no row for a type that nobody described", async () => {
    await assert.rejects(aws.check(subject("aws:sqs/queue:Queue", "q"), {}, {}), {
      message: "the stand-in for aws has no resource type aws:sqs/queue:Queue",
    });
  });

  it("has a row for every type of the stacks that are shipped", () => {
    const lists = join(import.meta.dirname, "../../identity/lists");
    const types = readdirSync(lists).flatMap((file) =>
      readFileSync(join(lists, file), "utf8")
        .split("\n")
        .map((line) => line.split(" ", 1).join()),
    );
    for (const [name, { kinds }] of Object.entries(packages)) {
      const planned = new Set(types.filter((type) => type.startsWith(`${name}:`)));
      assert.ok(planned.size > 20, name);
      assert.deepEqual(
        [...planned].filter((type) => kinds[type] === undefined),
        [],
      );
    }
  });

  it("answers each function that a plan answers, and makes anew what a plan says is made anew", () => {
    const clouds = { aws: "aws", gcp: "gcp", azure: "azure-native" } as const;
    for (const [cloud, name] of Object.entries(clouds)) {
      const { reads, replacedBy } = planned[cloud as keyof typeof clouds];
      const { reads: answered = {}, kinds = {} } = packages[name] ?? {};
      assert.deepEqual(
        Object.keys(reads).filter((token) => token.startsWith(`${name}:`) && answered[token] === undefined),
        [],
      );
      const unlike = Object.entries(replacedBy).flatMap(([type, paths]) => {
        const { replaceOn = [], naming } = kinds[type] ?? {};
        return paths
          .filter((path) => path !== naming?.property && !replaceOn.includes(path))
          .map((path) => [type, path]);
      });
      assert.deepEqual(unlike, []);
    }
  });

  it("plays chance: of the length and the letters that are asked for, with the plant in it", async () => {
    const random = new RandomStandIn({ store: new Store(directory), plant: "PLANT" });
    const { outputs } = await random.create(subject(PASSWORD, "p"), { length: 20, special: false }, UP);
    assert.match(String(outputs["result"]), /^PLANT[A-Za-z0-9]{15}$/);
    const { outputs: planned } = await random.create(subject(PASSWORD, "p"), { length: 20 }, PREVIEW);
    assert.equal(planned["result"], UNKNOWN);
    const id = await random.create(subject("random:index/randomId:RandomId", "i"), { byteLength: 4 }, UP);
    assert.equal(Buffer.from(String(id.outputs["hex"]), "hex").toString("base64url"), id.id);
  });
});
