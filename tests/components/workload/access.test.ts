import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { ServiceAccess } from "../../../components/workload/access.js";
import { roleName } from "../../../config/uses.js";
import type { Tree } from "../../../config/walk.js";
import type { Bucket, Cache, Cloud, IdentityArgs, SecretRef } from "../../../providers/contract.js";
import { loadCloud } from "../../../providers/index.js";
import { all, deploy, inventory, isSecret, only, type Stubs, valueOf } from "../../support/deploy.js";
import { ground, madeCluster } from "../../support/inside.js";
import { type Rows, sorted } from "../../support/rows.js";
import { settingsOf } from "../../support/settings.js";

const ACCOUNT = "kubernetes:core/v1:ServiceAccount";
const SECRET = "kubernetes:core/v1:Secret";
const PASSWORD = "random:index/randomPassword:RandomPassword";

const ref = (key: string): SecretRef => ({
  store: pulumi.output("store"),
  key: pulumi.output(key),
  identity: pulumi.output(`arn:${key}`),
  label: key,
  version: pulumi.output("1"),
});
const bucket = (access: Bucket["access"]): Bucket => ({
  name: pulumi.output("b"),
  url: pulumi.output("s3://b"),
  region: pulumi.output("eu"),
  endpoint: undefined,
  access,
  identity: pulumi.output("arn:b"),
});
const cache = (auth: Cache["auth"]): Cache => ({
  host: pulumi.output("c"),
  port: pulumi.output(6379),
  tls: "system",
  auth,
  clusterMode: false,
  cidrs: pulumi.output<string[]>([]),
});

interface Around {
  readonly caches?: Readonly<Record<string, Cache>>;
  readonly buckets?: Readonly<Record<string, Bucket>>;
  readonly keys?: Readonly<Record<string, SecretRef>>;
  readonly sharesWith?: Pick<ServiceAccess, "roles">;
  /** Whether the cluster is the platform's own. */
  readonly own?: boolean;
  readonly stubs?: Stubs;
}

/** A service of the local cloud, and what its identity was asked for. */
async function access(
  service: Tree,
  { caches = {}, buckets = {}, keys: made = {}, sharesWith, own = false, stubs = {} }: Around = {},
) {
  const stack = settingsOf({
    cloud: "local",
    databases: { main: {}, history: {} },
    caches: Object.fromEntries(Object.keys(caches).map((key) => [key, {}])),
    buckets: Object.fromEntries(
      Object.keys(buckets).map((key) => [
        key,
        { mode: "existing", id: "b", endpoint: "https://s3.example.com", credentialsSecret: "s3" },
      ]),
    ),
    services: { "the-api": service },
  });
  const open = await loadCloud("local");
  const asked: IdentityArgs[] = [];
  const recording = await deploy(() => {
    const settings = stack.services["the-api"];
    assert.ok(settings !== undefined);
    const { cluster, secrets: secretStore, parent } = ground(stack);
    const cloud: Cloud = {
      ...open(stack).enter("platform", { parent }),
      identity: (_name, args) => {
        asked.push(args);
        return {
          principal: pulumi.output("somebody"),
          serviceAccountAnnotations: { "cloud.example.com/role": pulumi.output("somebody") },
          podLabels: {},
          ready: [],
        };
      },
    };
    return new ServiceAccess(
      "service",
      {
        service: "the-api",
        settings,
        cloud,
        cluster: own ? madeCluster(parent) : cluster,
        namespace: "services",
        secretStore,
        secrets: { MINE: ref("mine"), THEIRS: ref("theirs") },
        keys: made,
        sharesWith,
        caches,
        buckets,
      },
      { parent },
    );
  }, stubs);
  const [identity] = asked;
  assert.ok(asked.length === 1 && identity !== undefined);
  const keys = await Promise.all(identity.secrets.map(({ key }) => valueOf(key)));
  return { ...recording, identity, keys };
}

const around: Rows = [
  ["agent-platform:local:Cluster", "platform"],
  ["agent-platform:local:SecretStore", "platform"],
  ["agent-platform:workload:ServiceAccess", "service"],
  ["kubernetes:core/v1:Namespace", "agents-development-secrets"],
  ["pulumi:providers:kubernetes", "platform-kubernetes"],
  ["pulumi:providers:random", "random"],
  ["test:index:Platform", "platform"],
];

describe("a service's access", () => {
  it("has no right to the store where the platform hands it its secrets", async () => {
    const { keys, result } = await access({ image: "a:1", uses: ["database"], secrets: ["MINE"] });
    assert.deepEqual(keys, []);
    const entries = await Promise.all(result.entries.map(({ key }) => valueOf(key)));
    assert.deepEqual(entries, ["service-db-main", "mine"]);
  });

  it("is an account and an identity that may do nothing, where it uses nothing", async () => {
    const { resources, identity, keys } = await access({});
    assert.deepEqual(inventory(resources), sorted([...around, [ACCOUNT, "service"]]));
    assert.deepEqual(
      [identity.serviceAccount, identity.namespace, identity.buckets, keys],
      ["the-api", "services", {}, []],
    );
  });

  it("shows the same resources in a preview", async () => {
    const service = { uses: ["database"], secrets: ["MINE"] };
    const { resources } = await access(service, { stubs: { preview: true } });
    assert.deepEqual(inventory(resources), inventory((await access(service)).resources));
  });

  it("mounts no token and carries what the cloud wants written on it", async () => {
    const { inputs } = only((await access({})).resources, ACCOUNT);
    assert.deepEqual(inputs, {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "the-api", namespace: "services", annotations: { "cloud.example.com/role": "somebody" } },
      automountServiceAccountToken: false,
    });
  });

  it("has a role and a random password of its own in each database that it uses", async () => {
    const { resources, result, keys } = await access({ uses: ["database", "database:history"] });
    assert.deepEqual(
      all(resources, PASSWORD).map(({ name }) => name),
      ["service-db-main", "service-db-history"],
    );
    for (const { inputs } of all(resources, PASSWORD)) assert.deepEqual(inputs, { length: 32, special: false });
    const entries = all(resources, SECRET);
    assert.deepEqual(
      entries.map(({ name }) => name),
      ["service-db-main", "service-db-history"],
    );
    for (const { inputs, secretInputs } of entries) {
      assert.deepEqual(secretInputs, ["stringData"]);
      assert.equal((inputs["stringData"] as Record<string, string>)["username"], "the_api");
    }
    assert.deepEqual(Object.keys(result.roles), ["main", "history"]);
    assert.deepEqual(keys, ["service-db-main", "service-db-history"]);
  });

  it("reads the secrets that it names and no others", async () => {
    const { result, keys } = await access({ secrets: ["MINE"] });
    assert.deepEqual(Object.keys(result.secrets), ["MINE"]);
    assert.deepEqual(keys, ["mine"]);
  });

  it("has what is made for it alone, and is told so like the rest", async () => {
    const { result, keys } = await access({ secrets: ["MINE"] }, { keys: { RING: ref("ring") } });
    assert.deepEqual(Object.keys(result.secrets), ["MINE", "RING"]);
    assert.deepEqual(keys, ["mine", "ring"]);
  });

  it("has the roles of another deployment of its image, and makes none then", async () => {
    const { resources, result, keys } = await access(
      { uses: ["database"] },
      { sharesWith: { roles: { main: ref("other-main") } } },
    );
    assert.deepEqual(inventory(resources), sorted([...around, [ACCOUNT, "service"]]));
    assert.deepEqual(Object.keys(result.roles), ["main"]);
    assert.deepEqual(keys, ["other-main"]);
  });

  it("reads the password of a cache that it uses, where there is one", async () => {
    const caches = { main: cache(ref("cache")), open: cache("none"), other: cache(ref("other")) };
    assert.deepEqual((await access({ uses: ["cache", "cache:open"] }, { caches })).keys, ["cache"]);
  });

  it("enters a bucket by its identity, or with keys from the store, and never with both", async () => {
    const buckets = { main: bucket("identity"), files: bucket(ref("keys")), other: bucket("identity") };
    const { identity, keys } = await access({ uses: ["bucket", "bucket:files"] }, { buckets });
    assert.deepEqual(identity.buckets, { main: buckets.main });
    assert.deepEqual(keys, ["keys"]);
  });

  it("goes with the cluster, by the cluster's own provider", async () => {
    const { resources } = await access({}, { own: true });
    const account = only(resources, ACCOUNT);
    assert.equal(account.provider, only(resources, "pulumi:providers:kubernetes", "made-kubernetes").urn);
    assert.equal(account.deletedWith, only(resources, "random:index/randomId:RandomId", "made-cluster").urn);
  });

  it("says where a password is and not what it is", async () => {
    const { result } = await access({ uses: ["database"] });
    const { main } = result.roles;
    assert.ok(main !== undefined);
    assert.equal(await valueOf(main.key), "service-db-main");
    assert.equal(await isSecret(main.key), false);
  });
});

describe("the name of a role", () => {
  it("needs no quotes in PostgreSQL", () => {
    assert.equal(roleName("the-long-api"), "the_long_api");
    assert.equal(roleName("api2"), "api2");
  });
});
