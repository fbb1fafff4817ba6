import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { renderConfig, renderNodes, ValkeyCache } from "../../../components/stores/valkey.js";
import type { CacheSettings, InMode } from "../../../config/schema.js";
import type { Tree } from "../../../config/walk.js";
import { all, deploy, inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { ground, madeCluster } from "../../support/inside.js";
import { settingsOf } from "../../support/settings.js";

const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim";
const SET = "kubernetes:apps/v1:StatefulSet";
const SECRET = "kubernetes:core/v1:Secret";
const SERVICE = "kubernetes:core/v1:Service";
const PASSWORD = "random:index/randomPassword:RandomPassword";
const MADE = "random:index/randomId:RandomId";

const settingsFor = (said: Tree, rest: Tree = {}) => {
  const stack = settingsOf({ cloud: "local", ...rest, cache: { mode: "inCluster", ...said } });
  const settings = stack.caches["main"];
  assert.ok(settings?.mode === "inCluster");
  return { stack, settings };
};

const running: Stubs = { outputs: { [PASSWORD]: () => ({ result: "pa55word" }) } };

interface Options {
  readonly rest?: Tree;
  readonly stubs?: Stubs;
  /** In a cluster that goes with the stack. */
  readonly own?: boolean;
  readonly over?: Partial<InMode<CacheSettings, "inCluster">>;
}

const run = (said: Tree = {}, { rest = {}, stubs = running, own = false, over = {} }: Options = {}) =>
  deploy(() => {
    const { stack, settings } = settingsFor(said, rest);
    const { cluster, secrets, parent } = ground(stack);
    return new ValkeyCache(
      "kv",
      {
        key: "main",
        settings: { ...settings, ...over },
        stack,
        cluster: own ? madeCluster(parent) : cluster,
        secrets,
        namespace: "data",
      },
      { parent },
    );
  }, stubs);

const made = [
  ["agent-platform:local:Cluster", "platform"],
  ["agent-platform:local:SecretStore", "platform"],
  ["agent-platform:stores:Valkey", "kv"],
  [SET, "kv"],
  ["kubernetes:core/v1:ConfigMap", "kv"],
  ["kubernetes:core/v1:Namespace", "agents-development-secrets"],
  [CLAIM, "data-kv-0"],
  [SECRET, "kv-auth"],
  [SECRET, "kv-login"],
  [SERVICE, "kv"],
  [SERVICE, "kv-nodes"],
  ["kubernetes:networking.k8s.io/v1:NetworkPolicy", "kv"],
  ["pulumi:providers:kubernetes", "platform-kubernetes"],
  ["pulumi:providers:random", "random"],
  [PASSWORD, "kv-auth"],
  ["test:index:Platform", "platform"],
];

const nodes = (said: Tree = {}, role: "primary" | "replica" = "primary", more: object = {}) =>
  renderNodes({
    name: "kv",
    role,
    namespace: "data",
    settings: settingsFor(said).settings,
    image: "docker.io/valkey/valkey:8.1.10",
    storageClass: undefined,
    config: "kv",
    login: "kv-login",
    checksum: "abc",
    ...more,
  });

describe("Valkey in the cluster", () => {
  it("is one set of pods, its configuration, two services and its password", async () => {
    assert.deepEqual(inventory((await run()).resources), made);
  });

  it("shows the same resources in a preview", async () => {
    assert.deepEqual(inventory((await run({}, { stubs: { preview: true } })).resources), made);
  });

  it("with replicas it has a set of them, and one pod at a time may be moved", async () => {
    const { resources } = await run({ replicas: 2 });
    const more = [
      [SET, "kv-replica"],
      [CLAIM, "data-kv-replica-0"],
      [CLAIM, "data-kv-replica-1"],
      ["kubernetes:core/v1:ConfigMap", "kv-replica"],
      ["kubernetes:policy/v1:PodDisruptionBudget", "kv"],
    ];
    assert.deepEqual(
      inventory(resources),
      [...made, ...more].sort((a, b) => (a.join() < b.join() ? -1 : 1)),
    );
    assert.deepEqual(only(resources, "kubernetes:policy/v1:PodDisruptionBudget").inputs["spec"], {
      maxUnavailable: 1,
      selector: { matchLabels: { "app.kubernetes.io/name": "valkey", "app.kubernetes.io/instance": "kv" } },
    });
    const { data } = only(resources, "kubernetes:core/v1:ConfigMap", "kv-replica").inputs as {
      data: Record<string, string>;
    };
    assert.match(data["valkey.conf"] ?? "", /^replicaof kv 6379$/m);
    assert.equal((only(resources, SET, "kv-replica").inputs["spec"] as { replicas: number }).replicas, 2);
  });

  it("keeps three quarters of its memory for data, on an append-only file", () => {
    assert.equal(
      renderConfig({ memory: 2, evictionPolicy: "noeviction" }, undefined),
      [
        "port 6379",
        "dir /data",
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
        "maxmemory 1536mb",
        "maxmemory-policy noeviction",
        "include /etc/valkey/auth/auth.conf",
        "",
      ].join("\n"),
    );
  });

  it("runs hardened: no root, no token, no capability, nothing to write but its volume", () => {
    const { spec } = nodes().spec.template;
    assert.equal(spec.automountServiceAccountToken, false);
    assert.deepEqual(spec.securityContext, {
      runAsNonRoot: true,
      runAsUser: 999,
      runAsGroup: 999,
      fsGroup: 999,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    });
    const [container] = spec.containers;
    assert.deepEqual(container?.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    assert.deepEqual(container?.volumeMounts, [
      { name: "data", mountPath: "/data" },
      { name: "config", mountPath: "/etc/valkey/config", readOnly: true },
      { name: "auth", mountPath: "/etc/valkey/auth", readOnly: true },
    ]);
  });

  it("has requests, limits and probes", () => {
    const [container] = nodes({ memory: 6 }).spec.template.spec.containers;
    assert.deepEqual(container?.resources, {
      requests: { cpu: "250m", memory: "6Gi", "ephemeral-storage": "128Mi" },
      limits: { memory: "6Gi", "ephemeral-storage": "128Mi" },
    });
    const serves = { exec: { command: ["sh", "-c", '[ "$(valkey-cli ping)" = PONG ]'] }, timeoutSeconds: 5 };
    assert.deepEqual(container?.startupProbe, { ...serves, periodSeconds: 2, failureThreshold: 900 });
    assert.deepEqual(container?.readinessProbe, { ...serves, periodSeconds: 5, failureThreshold: 3 });
    assert.deepEqual(container?.livenessProbe, {
      exec: { command: ["valkey-cli", "ping"] },
      timeoutSeconds: 5,
      periodSeconds: 10,
      failureThreshold: 6,
    });
  });

  it("the password is in no command line and no ConfigMap", async () => {
    const { resources } = await run({ replicas: 1 });
    const [container] = nodes().spec.template.spec.containers;
    assert.deepEqual(container?.command, ["valkey-server", "/etc/valkey/config/valkey.conf"]);
    assert.deepEqual(container?.env, [
      { name: "REDISCLI_AUTH", valueFrom: { secretKeyRef: { name: "kv-login", key: "password" } } },
    ]);
    const holders = resources.filter(({ inputs }) => JSON.stringify(inputs).includes("pa55word"));
    assert.deepEqual(inventory(holders), [
      [SECRET, "kv-auth"],
      [SECRET, "kv-login"],
    ]);
    assert.deepEqual(
      holders.map(({ secretInputs }) => secretInputs),
      [["stringData"], ["stringData"]],
    );
  });

  it("clients and replicas need the password, which is random", async () => {
    const { result, resources } = await run();
    assert.deepEqual(only(resources, PASSWORD).inputs, { length: 32, special: false });
    assert.deepEqual(only(resources, SECRET, "kv-login").inputs["stringData"], {
      password: "pa55word",
      "auth.conf": "requirepass pa55word\nmasterauth pa55word\n",
    });
    assert.deepEqual(only(resources, SECRET, "kv-auth").inputs["stringData"], {
      username: "default",
      password: "pa55word",
    });
    assert.equal(await valueOf(result.auth.store), "agents-development-secrets");
    assert.equal(await valueOf(result.auth.key), "kv-auth");
  });

  it("a new password or configuration restarts the pods", async () => {
    const { resources } = await run();
    const { data } = only(resources, "kubernetes:core/v1:ConfigMap").inputs as { data: Record<string, string> };
    const { template } = only(resources, SET).inputs["spec"] as {
      template: { metadata: { annotations: Record<string, string> } };
    };
    assert.deepEqual(template.metadata.annotations, {
      "checksum/config": createHash("sha256").update(`${data["valkey.conf"]}pa55word`).digest("hex"),
    });
  });

  it("has an address inside the cluster only, which is the primary's", async () => {
    const { result, resources } = await run();
    assert.deepEqual(only(resources, SERVICE, "kv").inputs["spec"], {
      type: "ClusterIP",
      ports: [{ name: "valkey", port: 6379, targetPort: "valkey" }],
      selector: {
        "app.kubernetes.io/name": "valkey",
        "app.kubernetes.io/instance": "kv",
        "app.kubernetes.io/component": "primary",
      },
    });
    assert.equal((only(resources, SERVICE, "kv-nodes").inputs["spec"] as { clusterIP: string }).clusterIP, "None");
    assert.equal(await valueOf(result.host), "kv.data.svc");
    assert.equal(await valueOf(result.port), 6379);
    assert.equal(result.tls, "off");
    assert.equal(result.clusterMode, false);
    assert.deepEqual(await valueOf(result.cidrs), []);
  });

  it("has volumes of the cluster's solid state class, by the names that the set looks for", async () => {
    const { resources } = await run({ storage: 12, replicas: 1 }, { own: true });
    const spec = {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "12Gi" } },
      storageClassName: "ssd",
    };
    assert.deepEqual(
      all(resources, CLAIM).map(({ inputs }) => [inputs["metadata"], inputs["spec"]]),
      ["data-kv-0", "data-kv-replica-0"].map((name) => [
        { name, namespace: "data", annotations: { "pulumi.com/skipAwait": "true" } },
        spec,
      ]),
    );
    assert.deepEqual(nodes({ storage: 12 }, "primary", { storageClass: "ssd" }).spec.volumeClaimTemplates, [
      { metadata: { name: "data" }, spec },
    ]);
  });

  it("grows by its claims: a set's template never changes, and no set comes before its claims", async () => {
    const { resources } = await run();
    const set = only(resources, SET);
    assert.deepEqual(set.ignoreChanges, ["spec.volumeClaimTemplates"]);
    assert.ok(set.dependsOn.includes(only(resources, CLAIM).urn));
  });

  it("is protected where deletion is, but for the copies", async () => {
    const state = async (rest: Tree) =>
      (await run({ replicas: 1 }, { rest: { monitoring: { mode: "none" }, ...rest } })).resources
        .filter(({ type }) => [SET, CLAIM].includes(type))
        .map(({ name, protect }) => [name, protect])
        .sort();
    const names = ["data-kv-0", "data-kv-replica-0", "kv", "kv-replica"];
    assert.deepEqual(
      await state({ environment: "production" }),
      names.map((name) => [name, name !== "data-kv-replica-0"]),
    );
    for (const rest of [{ environment: "production", deletionProtection: false }, { environment: "staging" }])
      assert.deepEqual(
        await state(rest),
        names.map((name) => [name, false]),
      );
  });

  it("has a pinned image, and a mirror goes in front of it", async () => {
    const image = async (rest: Tree) => {
      const { template } = only((await run({}, { rest })).resources, SET).inputs["spec"] as {
        template: { spec: { containers: { image: string }[] } };
      };
      return template.spec.containers[0]?.image;
    };
    assert.equal(await image({}), "docker.io/valkey/valkey:8.1.10");
    assert.equal(
      await image({ mirror: { images: "registry.example.com" } }),
      "registry.example.com/docker.io/valkey/valkey:8.1.10",
    );
  });

  it("refuses more than one shard", async () => {
    await assert.rejects(run({}, { over: { shards: 3 } }), {
      message: "caches.main.shards: a cache in the cluster has one shard and not 3",
    });
  });

  it("answers services, its own copies and, where somebody watches, its exporter, and calls nobody else", async () => {
    const labels = { "app.kubernetes.io/name": "valkey", "app.kubernetes.io/instance": "kv" };
    const own = { podSelector: { matchLabels: labels } };
    const services = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "agents-development" } } };
    const exporter = {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "agents-development-monitoring" } },
      podSelector: {
        matchLabels: { "app.kubernetes.io/name": "cache-exporter", "app.kubernetes.io/instance": "main" },
      },
    };
    const ports = [{ protocol: "TCP", port: 6379 }];
    const policyOf = async (rest: Tree) =>
      only((await run({}, { rest })).resources, "kubernetes:networking.k8s.io/v1:NetworkPolicy").inputs["spec"];
    const answering = (...from: Tree[]) => ({
      ...own,
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from, ports }],
      egress: [{ to: [own], ports }],
    });
    assert.deepEqual(await policyOf({}), answering(services, own, exporter));
    assert.deepEqual(await policyOf({ monitoring: { mode: "none" } }), answering(services, own));
  });

  it("goes with the cluster, by the cluster's own provider", async () => {
    const { resources } = await run({ replicas: 1 }, { own: true });
    const cluster = only(resources, MADE, "made-cluster").urn;
    const inside = resources.filter(
      ({ type, name }) => type.startsWith("kubernetes:") && /^kv/.test(name) && name !== "kv-auth",
    );
    assert.equal(inside.length, 9);
    for (const { deletedWith, provider } of inside) {
      assert.equal(deletedWith, cluster);
      assert.match(provider ?? "", /::made-kubernetes$/);
    }
  });
});
