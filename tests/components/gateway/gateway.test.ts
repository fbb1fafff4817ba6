import assert from "node:assert/strict";
import type { RecordedResource } from "../../../plan/record.js";
import { inventory, isKnown, only, valueOf } from "../../support/deploy.js";
import { within } from "../../support/rows.js";
import { ADDRESS, DOMAIN, RANDOM_ID, RECORD, SERVICE, way } from "./ground.js";

const PREFIX = "agents-development";
const GATEWAY = "agent-platform:gateway:Gateway";
const CUSTOM = {
  gateway: "kubernetes:gateway.networking.k8s.io/v1:Gateway",
  route: "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
  certificate: "kubernetes:cert-manager.io/v1:Certificate",
  traffic: "kubernetes:gateway.envoyproxy.io/v1alpha1:ClientTrafficPolicy",
} as const;

const policies = (name: string, ...more: readonly string[]): [string, string][] =>
  ["default-deny", "names", ...more].map((one) => ["kubernetes:networking.k8s.io/v1:NetworkPolicy", `${name}-${one}`]);

/** What there is whatever the domain. */
const always: [string, string][] = [
  [GATEWAY, "way"],
  ["agent-platform:addons:EnvoyGateway", "way-envoy"],
  ["kubernetes:helm.sh/v4:Chart", "way-envoy-definitions"],
  ["kubernetes:core/v1:Namespace", "envoy-gateway-system"],
  ["kubernetes:helm.sh/v3:Release", "way-envoy"],
  ["kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyProxy", "way"],
  [CUSTOM.traffic, "way"],
  ["kubernetes:gateway.networking.k8s.io/v1:GatewayClass", "way"],
  [CUSTOM.gateway, "way"],
  [CUSTOM.route, "way-https"],
  [SERVICE, "way"],
  ...policies("way", "proxies", "controller", "certgen"),
];
const manager: [string, string][] = [
  ["agent-platform:gateway:Certificate", "way"],
  ["agent-platform:addons:CertManager", "way-cert-manager"],
  ["kubernetes:core/v1:Namespace", `${PREFIX}-cert-manager`],
  ["kubernetes:helm.sh/v3:Release", "way-cert-manager"],
  ["kubernetes:networking.k8s.io/v1:NetworkPolicy", "way-cert-manager"],
  ...policies("way-cert-manager"),
];
const own: [string, string][] = [
  ["kubernetes:cert-manager.io/v1:Issuer", "way-self-signed"],
  [CUSTOM.certificate, "way-authority"],
  ["kubernetes:cert-manager.io/v1:Issuer", "way-authority"],
  [CUSTOM.certificate, "way"],
];
const fromAuthority: [string, string][] = [
  [RANDOM_ID, "way-cert-manager-role"],
  ["kubernetes:cert-manager.io/v1:ClusterIssuer", "way"],
  [CUSTOM.certificate, "way"],
];
const records: [string, string][] = [
  [RECORD, `way-${DOMAIN}`],
  [RECORD, `way-www.${DOMAIN}`],
];
const given: [string, string][] = [["kubernetes:external-secrets.io/v1:ExternalSecret", "way-certificate"]];
const ownSecret = { tls: { secret: "team/certificate" } };

const byText = (rows: readonly [string, string][]) => [...rows].sort((a, b) => (a.join() < b.join() ? -1 : 1));
const found = (resources: readonly RecordedResource[]) => inventory(within(resources, GATEWAY));

/** The release that brings the kinds of a group and answers for them. */
const controllers: Readonly<Record<string, string>> = {
  "gateway.networking.k8s.io": "::way-envoy",
  "gateway.envoyproxy.io": "::way-envoy",
  "cert-manager.io": "::way-cert-manager",
  "external-secrets.io": "::store",
};
const groupOf = ({ type }: RecordedResource) => /^kubernetes:([a-z0-9.-]+\.[a-z]+)\//.exec(type)?.[1] ?? "";

describe("the gateway", () => {
  const states = [
    ["without a domain has an authority of its own", {}, [...always, ...manager, ...own]],
    [
      "with a zone of the user's asks a public authority and leads there",
      { domain: "existing" },
      [...always, ...manager, ...fromAuthority, ...records],
    ],
    ["with a new zone does so too", { domain: "managed" }, [...always, ...manager, ...fromAuthority, ...records]],
    [
      "with a certificate of the user's own has no cert-manager",
      { domain: "existing", gateway: ownSecret },
      [...always, ...given, ...records],
    ],
    ["by a port of the nodes has the same", { gateway: { expose: "nodePort" } }, [...always, ...manager, ...own]],
  ] as const;
  for (const [title, said, rows] of states) {
    it(title, async () => {
      const expected = byText(rows);
      for (const preview of [false, true])
        assert.deepEqual(found((await way({ ...said, preview })).resources), expected);
    });

    it(`${title}, and makes no custom resource before its controller answers`, async () => {
      const { resources } = await way(said);
      const custom = within(resources, GATEWAY).filter((one) => controllers[groupOf(one)] !== undefined);
      assert.ok(custom.length >= 5);
      for (const one of custom) {
        const controller = controllers[groupOf(one)] ?? "";
        assert.ok(
          one.dependsOn.some((urn) => urn.endsWith(controller)),
          `${one.type} ${one.name} does not wait for ${controller}`,
        );
      }
    });
  }

  describe("its Service", () => {
    it("is a load balancer as the cloud describes it, to the proxies' own ports", async () => {
      const { resources, asked } = await way({ gateway: { sources: ["203.0.113.0/24"], internal: true, drain: 120 } });
      assert.deepEqual(only(resources, SERVICE).inputs, {
        apiVersion: "v1",
        kind: "Service",
        metadata: {
          name: PREFIX,
          namespace: "envoy-gateway-system",
          annotations: { "example.com/internal": "true" },
        },
        spec: {
          type: "LoadBalancer",
          externalTrafficPolicy: "Local",
          selector: {
            "app.kubernetes.io/name": "envoy",
            "app.kubernetes.io/component": "proxy",
            "app.kubernetes.io/managed-by": "envoy-gateway",
            "gateway.envoyproxy.io/owning-gateway-namespace": "envoy-gateway-system",
            "gateway.envoyproxy.io/owning-gateway-name": PREFIX,
          },
          ports: [
            { name: "http", protocol: "TCP", port: 80, targetPort: 10080 },
            { name: "https", protocol: "TCP", port: 443, targetPort: 10443 },
          ],
          loadBalancerSourceRanges: ["203.0.113.0/24"],
          loadBalancerClass: "example.com/lb",
        },
      });
      assert.deepEqual(asked.loadBalancers, [
        { internal: true, idleSeconds: 300, drainSeconds: 120, healthPath: "/ready", healthPort: 19003 },
      ]);
    });

    it("is a port of every node where nothing makes load balancers", async () => {
      const { resources } = await way({ gateway: { expose: "nodePort", nodePorts: { https: 31443 } } });
      const { metadata, spec } = only(resources, SERVICE).inputs as { metadata: object; spec: Record<string, unknown> };
      assert.deepEqual(metadata, { name: PREFIX, namespace: "envoy-gateway-system", annotations: {} });
      assert.equal(spec["type"], "NodePort");
      assert.equal(spec["externalTrafficPolicy"], "Cluster");
      assert.equal(spec["loadBalancerClass"], undefined);
      assert.deepEqual(spec["ports"], [
        { name: "http", protocol: "TCP", port: 80, targetPort: 10080, nodePort: 30080 },
        { name: "https", protocol: "TCP", port: 443, targetPort: 10443, nodePort: 31443 },
      ]);
    });

    it("is a port of the nodes that run a proxy where it is to be known who calls", async () => {
      const { resources } = await way({ gateway: { expose: "nodePort", nodePorts: { nodes: "withProxy" } } });
      const { spec } = only(resources, SERVICE).inputs as { spec: Record<string, unknown> };
      assert.equal(spec["externalTrafficPolicy"], "Local");
    });

    it("is waited for and deleted by itself, before proxies, controller, cluster and network go", async () => {
      const { resources } = await way();
      const { dependsOn, deletedWith, customTimeouts } = only(resources, SERVICE);
      const made = (type: string, name: string) => only(resources, type, name).urn;
      for (const urn of [
        made(RANDOM_ID, "made-cluster"),
        made(RANDOM_ID, "network"),
        made(RANDOM_ID, "maker"),
        made(CUSTOM.gateway, "way"),
      ])
        assert.ok(dependsOn.includes(urn), urn);
      assert.equal(deletedWith, undefined);
      assert.deepEqual(customTimeouts, { create: "15m", update: "15m", delete: "15m" });
    });

    it("is the only one that does not go with the cluster", async () => {
      const { resources } = await way({ domain: "existing" });
      const cluster = only(resources, RANDOM_ID, "made-cluster").urn;
      const staying = within(resources, GATEWAY).filter(
        (one) => one.type.startsWith("kubernetes:") && one.deletedWith !== cluster,
      );
      assert.deepEqual(inventory(staying), [[SERVICE, "way"]]);
    });
  });

  describe("its address", () => {
    const addressed = async (said: Parameters<typeof way>[0]) => {
      const { result } = await way(said);
      return [await valueOf(result.url), await valueOf(result.address)];
    };

    it("is the load balancer's, an IP or a name, without a domain", async () => {
      assert.deepEqual(await addressed({}), [`https://${ADDRESS}`, ADDRESS]);
      assert.deepEqual(await addressed({ ingress: [{ hostname: "lb.example.net" }] }), [
        "https://lb.example.net",
        "lb.example.net",
      ]);
    });

    it("is the domain's with one", async () => {
      assert.deepEqual(await addressed({ domain: "managed" }), [`https://${DOMAIN}`, ADDRESS]);
    });

    it("is a node's and its port where there is no load balancer", async () => {
      assert.deepEqual(await addressed({ gateway: { expose: "nodePort", nodeAddress: "10.89.0.1" } }), [
        "https://10.89.0.1:30443",
        "10.89.0.1",
      ]);
    });

    it("is not known before there is one, but for a domain and a node", async () => {
      const known = async (said: Parameters<typeof way>[0]) =>
        isKnown((await way({ ...said, preview: true })).result.url);
      assert.deepEqual(
        [await known({}), await known({ domain: "managed" }), await known({ gateway: { expose: "nodePort" } })],
        [false, true, true],
      );
    });

    it("fails where the Service has none after all", () =>
      assert.rejects(way({ ingress: [] }), /the Service agents-development has no address/));

    it("is what records of the domain and of hosts under it lead to, and of no other host", async () => {
      const image = "ghcr.io/acme/api:1.4.2";
      const services = { api: { image, routes: [{}, { host: `api.${DOMAIN}` }, { host: "api.example.org" }] } };
      const { resources } = await way({ domain: "existing", gateway: ownSecret, services });
      const made = resources.filter(({ type }) => type === RECORD);
      assert.deepEqual(
        made.map(({ inputs }) => inputs["keepers"]),
        [
          { host: DOMAIN, address: ADDRESS },
          { host: `api.${DOMAIN}`, address: ADDRESS },
        ],
      );
    });
  });

  describe("its certificate", () => {
    const certificate = async (said: Parameters<typeof way>[0]) =>
      only((await way(said)).resources, CUSTOM.certificate, "way").inputs as { metadata: object; spec: object };
    const always = {
      secretName: `${PREFIX}-certificate`,
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
      usages: ["server auth", "digital signature"],
    };
    const metadata = (annotations: object) => ({
      name: `${PREFIX}-certificate`,
      namespace: "envoy-gateway-system",
      annotations,
    });
    const awaited = metadata({ "pulumi.com/waitFor": "condition=Ready" });
    const ownIssuer = { group: "cert-manager.io", kind: "Issuer", name: `${PREFIX}-authority` };

    it("is for the address, by what that is, and for hosts that routes name, without a domain", async () => {
      const byAddress = await certificate({});
      assert.deepEqual(byAddress.metadata, awaited);
      assert.deepEqual(byAddress.spec, {
        ...always,
        dnsNames: [`www.${DOMAIN}`],
        ipAddresses: [ADDRESS],
        issuerRef: ownIssuer,
      });
      const byName = await certificate({ ingress: [{ hostname: "lb.example.net" }], services: {} });
      assert.deepEqual(byName.spec, { ...always, dnsNames: ["lb.example.net"], ipAddresses: [], issuerRef: ownIssuer });
      const byNode = await certificate({ gateway: { expose: "nodePort" }, services: {} });
      assert.deepEqual(byNode.spec, { ...always, dnsNames: ["localhost"], ipAddresses: [], issuerRef: ownIssuer });
    });

    it("is there in a preview but for what only the load balancer tells", async () => {
      assert.deepEqual((await certificate({ preview: true })).spec, {
        ...always,
        dnsNames: "[unknown]",
        ipAddresses: "[unknown]",
        issuerRef: ownIssuer,
      });
      assert.deepEqual((await certificate({ gateway: { expose: "nodePort" }, services: {}, preview: true })).spec, {
        ...always,
        dnsNames: ["localhost"],
        ipAddresses: [],
        issuerRef: ownIssuer,
      });
    });

    it("is one for all hosts of a domain", async () => {
      const { metadata: about, spec } = await certificate({ domain: "existing" });
      assert.deepEqual(about, awaited);
      assert.deepEqual(spec, {
        ...always,
        dnsNames: [DOMAIN, `www.${DOMAIN}`],
        issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: PREFIX },
      });
    });

    it("is not waited for while a new zone is not delegated: another one stands for it", async () => {
      const { metadata: about } = await certificate({ domain: "managed" });
      assert.deepEqual(about, metadata({ "cert-manager.io/issue-temporary-certificate": "true" }));
    });

    it("comes from an authority that sees records of the zone, which cert-manager writes by its identity", async () => {
      const acme = { email: "ops@example.com", server: "https://acme.example.com/directory" };
      const { resources, asked } = await way({ domain: "existing", gateway: { acme } });
      const { metadata: about, spec } = only(resources, "kubernetes:cert-manager.io/v1:ClusterIssuer").inputs;
      assert.deepEqual(about, { name: PREFIX, annotations: { "pulumi.com/waitFor": "condition=Ready" } });
      assert.deepEqual(spec, {
        acme: {
          server: "https://acme.example.com/directory",
          email: "ops@example.com",
          privateKeySecretRef: { name: `${PREFIX}-acme` },
          solvers: [{ selector: { dnsZones: [DOMAIN] }, dns01: { example: { zone: "Z1" } } }],
        },
      });
      const [identity, ...others] = asked.identities;
      assert.deepEqual(others, []);
      assert.equal(identity?.namespace, `${PREFIX}-cert-manager`);
      assert.equal(identity?.serviceAccount, "cert-manager");
      assert.deepEqual(identity?.secrets, []);
      assert.deepEqual(
        identity?.zones?.map(({ domain }) => domain),
        [DOMAIN],
      );
      const release = only(resources, "kubernetes:helm.sh/v3:Release", "way-cert-manager");
      assert.ok(release.dependsOn.includes(only(resources, RANDOM_ID, "way-cert-manager-role").urn));
    });

    it("has nobody's identity where no authority is asked", async () => {
      assert.deepEqual((await way({})).asked.identities, []);
    });

    it("is the user's own from the secret store, as the kind of Secret that the gateway takes", async () => {
      const { resources } = await way({ gateway: ownSecret });
      const external = only(resources, "kubernetes:external-secrets.io/v1:ExternalSecret");
      const { name, namespace } = external.inputs["metadata"] as Record<string, unknown>;
      const { target, data } = external.inputs["spec"] as { target: { template: object }; data: object };
      assert.equal(namespace, "envoy-gateway-system");
      assert.deepEqual(target.template, {
        engineVersion: "v2",
        mergePolicy: "Replace",
        type: "kubernetes.io/tls",
        data: { "tls.crt": "{{ .certificate }}", "tls.key": "{{ .key }}" },
      });
      assert.deepEqual(data, [
        { secretKey: "certificate", remoteRef: { key: "team/certificate", property: "certificate" } },
        { secretKey: "key", remoteRef: { key: "team/certificate", property: "privateKey" } },
      ]);
      const { spec } = only(resources, CUSTOM.gateway).inputs as {
        spec: { listeners: { name: string; tls?: { certificateRefs: object } }[] };
      };
      assert.deepEqual(spec.listeners[1]?.tls?.certificateRefs, [{ group: "", kind: "Secret", name }]);
    });
  });

  it("speaks by its own rules from the first moment, and takes routes when its proxies are there", async () => {
    const { resources, result } = await way();
    const gateway = only(resources, CUSTOM.gateway);
    assert.ok(gateway.dependsOn.includes(only(resources, CUSTOM.traffic).urn));
    const proxies = only(resources, "kubernetes:networking.k8s.io/v1:NetworkPolicy", "way-proxies");
    assert.ok(gateway.dependsOn.includes(proxies.urn));
    assert.deepEqual(await Promise.all(result.ready.map(({ urn }) => valueOf(urn))), [gateway.urn]);
    assert.deepEqual(
      { ...result.ref, namespace: await valueOf(result.ref.namespace) },
      {
        group: "gateway.networking.k8s.io",
        kind: "Gateway",
        name: PREFIX,
        namespace: "envoy-gateway-system",
        sectionName: "https",
      },
    );
  });

  it("closes the controller's namespace only after the chart, whose first Job it would stop", async () => {
    const { resources } = await way();
    const release = only(resources, "kubernetes:helm.sh/v3:Release", "way-envoy").urn;
    for (const name of ["default-deny", "names", "proxies", "controller", "certgen"]) {
      const policy = only(resources, "kubernetes:networking.k8s.io/v1:NetworkPolicy", `way-${name}`);
      assert.ok(policy.dependsOn.includes(release), name);
    }
  });
});
