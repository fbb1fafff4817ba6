import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Tree } from "../../../config/walk.js";
import { openLocal } from "../../../providers/local/index.js";
import { all, deploy, inventory, isSecret, only, otherStack, type Stubs, valueOf } from "../../support/deploy.js";
import { settingsOf } from "../../support/settings.js";

const STACK = "pulumi:pulumi:StackReference";
const PROVIDER = "pulumi:providers:kubernetes";
const SECRET = "kubernetes:core/v1:Secret";

/** A stack's own parts on local: the network, the cluster and the secret store. */
const open = <T>(said: Tree, then: (made: ReturnType<typeof parts>) => T, stubs: Stubs = {}) =>
  deploy(() => then(parts(said)), stubs);

function parts(said: Tree) {
  const stack = settingsOf({ cloud: "local", ...said });
  const opened = openLocal(stack);
  const parent = new pulumi.ComponentResource(
    "test:index:Platform",
    "platform",
    {},
    {
      providers: [new random.Provider("random"), ...opened.providers],
    },
  );
  const cloud = opened.enter("platform", { parent });
  const network = cloud.network("platform", stack.network, { parent });
  const cluster = cloud.cluster("platform", { settings: stack.cluster, network }, { parent });
  const secrets = cloud.secretStore("platform", { settings: stack.secretStore, network, cluster }, { parent });
  return { stack, cloud, parent, network, cluster, secrets };
}

const made = [
  ["agent-platform:local:Cluster", "platform"],
  ["agent-platform:local:SecretStore", "platform"],
  ["kubernetes:core/v1:Namespace", "agents-development-secrets"],
  [PROVIDER, "platform-kubernetes"],
  ["pulumi:providers:random", "random"],
  ["test:index:Platform", "platform"],
];

describe("local", () => {
  it("makes a provider and a namespace for secrets, nothing else", async () => {
    assert.deepEqual(inventory((await open({}, () => undefined)).resources), made);
  });

  it("shows the same resources in a preview", async () => {
    assert.deepEqual(inventory((await open({}, () => undefined, { preview: true })).resources), made);
  });

  it("has a network of no known addresses", async () => {
    const { result } = await open({}, ({ network }) => network);
    assert.equal(await valueOf(result.id), "");
    assert.deepEqual(await valueOf(pulumi.output(result.subnets)), { public: [], private: [], data: [] });
    assert.deepEqual(result.clientCidrs, []);
    assert.deepEqual(await valueOf(result.dataCidrs), []);
  });

  it("gives a service a port of every node", async () => {
    const spec = { internal: false, idleSeconds: 300, drainSeconds: 120, healthPath: "/", healthPort: 8080 };
    const { result } = await open({}, ({ cloud }) => cloud.loadBalancer(spec));
    assert.deepEqual(result, {
      type: "NodePort",
      loadBalancerClass: undefined,
      annotations: {},
      externalTrafficPolicy: "Cluster",
    });
  });

  it("refuses a duty, which no pod has there", async () => {
    const asked = open({}, ({ cloud, cluster, secrets: store, parent }) =>
      cloud.identity(
        "scaler",
        { cluster, namespace: "x", serviceAccount: "x", buckets: {}, secrets: [], store, duties: ["scale nodes"] },
        { parent },
      ),
    );
    await assert.rejects(asked, {
      message:
        "local: a pod is to scale nodes, which no pod does there; expected none where `cluster.provides` says true",
    });
  });

  it("knows no identities and keeps no logs", async () => {
    const { result, resources } = await open({}, ({ cloud, cluster, secrets: store, parent }) => ({
      identity: cloud.identity(
        "api",
        { cluster, namespace: "apps", serviceAccount: "api", buckets: {}, secrets: [], store },
        { parent },
      ),
      logs: cloud.observe("platform", {}, { parent }).logs,
    }));
    assert.equal(await valueOf(result.identity.principal), "");
    assert.deepEqual(result.identity.serviceAccountAnnotations, {});
    assert.deepEqual(result.identity.podLabels, {});
    assert.equal(await valueOf(result.logs), "");
    assert.deepEqual(inventory(resources), made);
  });

  it("takes images from a registry that exists, or from the nodes", async () => {
    const image = async (registry: Tree) => {
      const { result } = await open({ registry }, ({ cloud, stack, network, cluster, parent }) =>
        cloud.registry("platform", { settings: stack.registry, services: ["api"], network, cluster }, { parent }),
      );
      return [await valueOf(result.url), await valueOf(result.repository("api"))];
    };
    assert.deepEqual(await image({ mode: "existing", url: "registry.example.com/team" }), [
      "registry.example.com/team",
      "registry.example.com/team/api",
    ]);
    assert.deepEqual(await image({ mode: "none" }), ["", "api"]);
  });

  it("refuses what it has not, with the alternative", async () => {
    const aws = settingsOf({ cloud: "aws", region: "eu-west-1", domain: "agents.example.com" });
    const { domain: newZone } = aws;
    const { domain: ownZone } = settingsOf({
      cloud: "aws",
      region: "eu-west-1",
      domain: { mode: "existing", name: "agents.example.com", zone: "Z1" },
    });
    const { resources } = await open({}, ({ cloud, network, cluster, secrets, parent }) => {
      const opts = { parent };
      const database = aws.databases["main"];
      const cache = aws.caches["main"];
      const bucket = aws.buckets["main"];
      assert.ok(database?.mode === "managed" && cache?.mode === "managed" && bucket?.mode === "managed");
      assert.ok(newZone.mode === "managed" && ownZone.mode === "existing");
      const refusals: [() => unknown, string][] = [
        [
          () => cloud.network("no", aws.network, opts),
          "local: no network.managed: local uses the network of the cluster that exists; use mode none",
        ],
        [
          () => cloud.cluster("no", { settings: aws.cluster, network }, opts),
          "local: no cluster.managed: local uses a cluster that exists; use mode existing, with cluster.context",
        ],
        [
          () => cloud.database("no", { key: "main", settings: database, network, secrets }, opts),
          "local: no databases.managed: local is a cluster that exists and makes no database service of its own; use mode inCluster or existing",
        ],
        [
          () => cloud.cache("no", { key: "main", settings: cache, network, secrets }, opts),
          "local: no caches.managed: local is a cluster that exists and makes no cache service of its own; use mode inCluster or existing",
        ],
        [
          () => cloud.bucket("no", { key: "main", settings: bucket, network, secrets }, opts),
          "local: no buckets.managed: local makes no object store; use mode existing with the endpoint of an S3-compatible store",
        ],
        [
          () => cloud.registry("no", { settings: aws.registry, services: [], network, cluster }, opts),
          "local: no registry.managed: local makes no image registry; use mode existing with registry.url, or mode none",
        ],
        [
          () => cloud.dns("no", { settings: newZone }, opts),
          "local: no domain.managed: local has no DNS service; use mode none, and the printed address",
        ],
        [
          () => cloud.dns("no", { settings: ownZone }, opts),
          "local: no domain.existing: local has no DNS service; use mode none, and the printed address",
        ],
      ];
      for (const [ask, message] of refusals) assert.throws(ask, { message });
    });
    assert.equal(all(resources, SECRET).length, 0);
  });
});

/** What changes in a Secret or ConfigMap is changed: by default the provider would delete it first. */
const inPlace = { enableConfigMapMutable: "true", enableSecretMutable: "true" };

describe("the local cluster", () => {
  it("is the kubeconfig's current one where the stack says none", async () => {
    const { result, resources } = await open({}, ({ cluster }) => cluster);
    assert.deepEqual(only(resources, PROVIDER).inputs, inPlace);
    assert.equal(await valueOf(result.name), "current");
    assert.equal(await valueOf(result.kubeconfig), "");
    assert.equal(await isSecret(result.kubeconfig), true);
    assert.equal(result.storageClasses.ssd, undefined);
    assert.deepEqual(result.provides, {
      metricsServer: false,
      nodeAutoscaling: true,
      nodeCertificates: false,
      loadBalancers: true,
    });
    assert.deepEqual([result.credentialEndpoint, result.ready, result.deletedWith], [[], [], undefined]);
  });

  it("is the one that the stack names, and another context is another cluster", async () => {
    const cluster = { kubeconfig: "/home/me/.kube/lab", context: "kind-agents", storageClass: "fast" };
    const { result, resources } = await open({ cluster }, (parts) => parts.cluster);
    assert.deepEqual(only(resources, PROVIDER).inputs, {
      kubeconfig: "/home/me/.kube/lab",
      context: "kind-agents",
      clusterIdentifier: "kind-agents",
      ...inPlace,
    });
    assert.equal(await valueOf(result.name), "kind-agents");
    assert.equal(await valueOf(result.storageClasses.ssd ?? ""), "fast");
  });

  it("may be another stack's, by its kubeconfig, which stays secret", async () => {
    const { result, resources } = await open(
      { cluster: { fromStack: "base" } },
      ({ cluster }) => cluster,
      otherStack({ kubeconfig: "apiVersion: v1", cluster: { id: "lab" } }, ["kubeconfig"]),
    );
    assert.equal(only(resources, STACK).inputs["name"], "acme/agent-platform/base");
    const provider = only(resources, PROVIDER);
    assert.equal(provider.inputs["kubeconfig"], "apiVersion: v1");
    assert.deepEqual(provider.secretInputs, ["kubeconfig"]);
    assert.equal(await valueOf(result.name), "lab");
    assert.equal(await valueOf(result.kubeconfig), "apiVersion: v1");
    assert.equal(await isSecret(result.kubeconfig), true);
  });
});

describe("the local secret store", () => {
  const put = (said: Tree, stubs: Stubs = {}) =>
    open(
      said,
      ({ secrets, parent }) => ({
        secrets,
        entry: secrets.put("db-owner", { username: "me", password: "s3cret" }, { parent }),
      }),
      stubs,
    );

  it("keeps an entry as a Secret in its namespace, and the values are secret", async () => {
    const { result, resources } = await put({});
    const secret = only(resources, SECRET);
    assert.deepEqual(secret.inputs, {
      apiVersion: "v1",
      kind: "Secret",
      type: "Opaque",
      metadata: { name: "db-owner", namespace: "agents-development-secrets" },
      stringData: { username: "me", password: "s3cret" },
    });
    assert.deepEqual(secret.secretInputs, ["stringData"]);
    assert.match(secret.provider ?? "", /::platform-kubernetes$/);
    assert.equal(await valueOf(result.entry.store), "agents-development-secrets");
    assert.equal(await valueOf(result.entry.key), "db-owner");
    assert.equal(await valueOf(result.entry.identity), "db-owner");
    assert.equal(result.entry.label, "db-owner");
    assert.equal(await valueOf(result.secrets.identity), "agents-development-secrets");
  });

  it("lets no privileged pod into its namespace", async () => {
    const { resources } = await put({});
    assert.deepEqual(only(resources, "kubernetes:core/v1:Namespace").inputs["metadata"], {
      name: "agents-development-secrets",
      labels: { "pod-security.kubernetes.io/enforce": "restricted" },
    });
  });

  it("may be a namespace that exists", async () => {
    const { result, resources } = await put({ secretStore: { mode: "existing", id: "team-secrets" } });
    assert.equal(all(resources, "kubernetes:core/v1:Namespace").length, 0);
    assert.equal(await valueOf(result.entry.store), "team-secrets");
    assert.equal(await valueOf(result.secrets.existing("s3").store), "team-secrets");
    assert.equal(await valueOf(result.secrets.existing("s3").key), "s3");
  });

  it("may be another stack's namespace", async () => {
    const { result } = await put(
      { secretStore: { mode: "existing", fromStack: "base" } },
      otherStack({ secretStore: { id: "base-secrets" } }),
    );
    assert.equal(await valueOf(result.secrets.store), "base-secrets");
  });
});

describe("the local bucket", () => {
  const bucket = { id: "files", endpoint: "https://s3.example.com", credentialsSecret: "s3" };
  const run = (said: Tree, stubs: Stubs = {}) =>
    open(
      { bucket: said },
      ({ cloud, stack, network, secrets, parent }) => {
        const settings = stack.buckets["main"];
        assert.ok(settings !== undefined);
        return cloud.bucket("files", { key: "main", settings, network, secrets }, { parent });
      },
      stubs,
    );

  it("is somebody else's: nothing is made, and pods get in with keys from the store", async () => {
    const { result, resources } = await run(bucket);
    assert.deepEqual(inventory(resources), [["agent-platform:local:Bucket", "files"], ...made]);
    assert.equal(await valueOf(result.name), "files");
    assert.equal(await valueOf(result.url), "s3://files");
    assert.equal(await valueOf(result.region), "us-east-1");
    assert.equal(result.endpoint, "https://s3.example.com");
    assert.ok(result.access !== "identity");
    assert.equal(await valueOf(result.access.store), "agents-development-secrets");
    assert.equal(await valueOf(result.access.key), "s3");
    assert.equal(await valueOf(result.identity), "files");
  });

  it("may be in a region, and another stack's", async () => {
    const { endpoint, credentialsSecret } = bucket;
    const { result } = await run(
      { fromStack: "base", endpoint, credentialsSecret, region: "eu-1" },
      otherStack({ buckets: { main: { id: "theirs" } } }),
    );
    assert.equal(await valueOf(result.name), "theirs");
    assert.equal(await valueOf(result.region), "eu-1");
  });

  it("cannot do without an endpoint or credentials", async () => {
    const missing = (key: string, example: string) => ({
      message: `test: 1 problem\n  agent-platform:bucket.${key}: missing: an existing part must say it; expected a value; set it with: pulumi config set --path bucket.${key} ${example}`,
    });
    await assert.rejects(
      run({ fromStack: "base", credentialsSecret: "s3" }),
      missing("endpoint", "https://s3.example.com"),
    );
    await assert.rejects(run({ fromStack: "base", endpoint: bucket.endpoint }), missing("credentialsSecret", "s3"));
  });
});
