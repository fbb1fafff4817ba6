import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { renderGateway, renderRedirect } from "../../../components/gateway/listeners.js";
import {
  renderCertgenPolicy,
  renderCertManagerPolicy,
  renderControllerPolicy,
  renderProxyPolicy,
} from "../../../components/gateway/policies.js";
import { gatewayPeer, gatewayScales, renderClass, renderProxies } from "../../../components/gateway/proxies.js";
import { renderTraffic } from "../../../components/gateway/traffic.js";
import type { Tree } from "../../../config/walk.js";
import { running } from "../../support/services.js";
import { awsProduction, awsStack, localStack, settingsOf } from "../../support/settings.js";

const namespace = "envoy-gateway-system";
const stackOf = (gateway: Tree = {}, said: Tree = awsStack) => settingsOf({ ...said, gateway });
const proxies = (prefix: string) => ({
  "app.kubernetes.io/name": "envoy",
  "app.kubernetes.io/component": "proxy",
  "app.kubernetes.io/managed-by": "envoy-gateway",
  "gateway.envoyproxy.io/owning-gateway-namespace": namespace,
  "gateway.envoyproxy.io/owning-gateway-name": prefix,
});
const development = proxies("agents-development");

describe("the gateway's proxies", () => {
  const kubernetesOf = (...said: Parameters<typeof stackOf>) =>
    renderProxies(stackOf(...said), namespace).spec.provider.kubernetes;

  it("are hardened pods behind an address in the cluster, and grow with what they have to do", () => {
    const { spec, ...about } = renderProxies(stackOf(), namespace);
    assert.deepEqual(about, {
      apiVersion: "gateway.envoyproxy.io/v1alpha1",
      kind: "EnvoyProxy",
      metadata: { name: "agents-development", namespace },
    });
    const disk = { "ephemeral-storage": "256Mi" };
    const { patch, ...deployment } = spec.provider.kubernetes.envoyDeployment;
    assert.deepEqual(deployment, {
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      pod: {
        topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
          topologyKey,
          maxSkew: 1,
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: development },
          matchLabelKeys: ["pod-template-hash"],
        })),
      },
      container: {
        image:
          "docker.io/envoyproxy/envoy:distroless-v1.39.1@sha256:eb2c01c13125d1629637cb4e4cce7207009fb7cc2c8027f9742758549d15b6f4",
        resources: { requests: { cpu: "250m", memory: "256Mi", ...disk }, limits: { memory: "256Mi", ...disk } },
        securityContext: {
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          runAsUser: 65532,
          runAsGroup: 65532,
          capabilities: { drop: ["ALL"] },
          seccompProfile: { type: "RuntimeDefault" },
        },
      },
    });
    const mounts = patch.value.spec.template.spec.containers.map(({ name, volumeMounts }) => [name, volumeMounts]);
    assert.deepEqual(mounts, [
      ["envoy", [{ name: "tmp", mountPath: "/tmp" }]],
      ["shutdown-manager", [{ name: "drain", mountPath: "/tmp" }]],
    ]);
    assert.deepEqual(spec.provider.kubernetes.envoyService, { type: "ClusterIP" });
    assert.deepEqual(spec.provider.kubernetes.envoyHpa, {
      minReplicas: 1,
      maxReplicas: 2,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
      ],
    });
    assert.equal(spec.concurrency, 2);
  });

  it("have a budget where there are several, and none where it would keep the only one", () => {
    assert.equal(kubernetesOf().envoyPDB, undefined);
    assert.deepEqual(kubernetesOf({}, awsProduction).envoyPDB, { maxUnavailable: 1 });
  });

  it("are as many as it is said where that is one number", () => {
    const fixed = kubernetesOf({ replicas: { min: 2, max: 2 } });
    assert.deepEqual([fixed.envoyDeployment.replicas, fixed.envoyHpa], [2, undefined]);
    assert.equal(kubernetesOf().envoyDeployment.replicas, undefined);
    assert.deepEqual(
      [gatewayScales(stackOf().gateway), gatewayScales({ replicas: { min: 2, max: 2 } })],
      [true, false],
    );
  });

  it("drain for as long as it is said, and take new connections until load balancers look elsewhere", () => {
    const shutdown = (drain: number) => renderProxies(stackOf({ drain }), namespace).spec.shutdown;
    assert.deepEqual(shutdown(300), { drainTimeout: "300s", minDrainDuration: "30s" });
    assert.deepEqual(shutdown(10), { drainTimeout: "10s", minDrainDuration: "10s" });
  });

  it("come from the mirror, and work with as many threads as they have cores", () => {
    const { spec } = renderProxies(
      stackOf({ cpu: 3.5 }, { ...awsStack, mirror: { images: "registry.example.com" } }),
      namespace,
    );
    assert.match(spec.provider.kubernetes.envoyDeployment.container.image, /^registry\.example\.com\/docker\.io\//);
    assert.equal(spec.concurrency, 4);
  });

  it("log a line of JSON for each call, without what its query says", () => {
    const [log] = renderProxies(stackOf(), namespace).spec.telemetry.accessLog.settings;
    assert.equal(log?.format.type, "JSON");
    assert.equal(log?.format.json.path, "%REQ_WITHOUT_QUERY(X-ENVOY-ORIGINAL-PATH?:PATH)%");
    assert.deepEqual(log?.sinks, [{ type: "File", file: { path: "/dev/stdout" } }]);
  });

  it("are made by the class of the stack's own", () => {
    assert.deepEqual(renderClass(stackOf(), namespace), {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "GatewayClass",
      metadata: { name: "agents-development" },
      spec: {
        controllerName: "gateway.envoyproxy.io/gatewayclass-controller",
        parametersRef: { group: "gateway.envoyproxy.io", kind: "EnvoyProxy", name: "agents-development", namespace },
      },
    });
  });
});

describe("the gateway's listeners", () => {
  it("serve the services' namespace over TLS, and themselves without", () => {
    const stack = stackOf();
    assert.deepEqual(renderGateway({ stack, namespace, services: stack.prefix, secret: "certificate" }), {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: {
        name: "agents-development",
        namespace,
        annotations: { "pulumi.com/waitFor": "condition=Programmed" },
      },
      spec: {
        gatewayClassName: "agents-development",
        listeners: [
          { name: "http", port: 80, protocol: "HTTP", allowedRoutes: { namespaces: { from: "Same" } } },
          {
            name: "https",
            port: 443,
            protocol: "HTTPS",
            tls: { mode: "Terminate", certificateRefs: [{ group: "", kind: "Secret", name: "certificate" }] },
            allowedRoutes: {
              kinds: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute" }],
              namespaces: {
                from: "Selector",
                selector: { matchLabels: { "kubernetes.io/metadata.name": "agents-development" } },
              },
            },
          },
        ],
      },
    });
  });

  it("lead to https where the outside finds it", () => {
    const redirect = (said: Tree) => renderRedirect(settingsOf(said), namespace).spec;
    const to = (port: number) => ({
      parentRefs: [
        {
          group: "gateway.networking.k8s.io",
          kind: "Gateway",
          name: "agents-development",
          namespace,
          sectionName: "http",
        },
      ],
      rules: [{ filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https", port, statusCode: 308 } }] }],
    });
    assert.deepEqual(redirect(awsStack), to(443));
    assert.deepEqual(redirect(localStack), to(30443));
  });
});

describe("the gateway's manners", () => {
  const trafficOf = (gateway: Tree = {}, lastingHost = false) =>
    renderTraffic({ stack: stackOf(gateway), namespace, lastingHost }).spec;

  it("are modern TLS, times and numbers that end, and nothing that callers say of themselves", () => {
    assert.deepEqual(trafficOf(), {
      targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "agents-development" }],
      tls: {
        minVersion: "1.2",
        ciphers: [
          "ECDHE-ECDSA-AES128-GCM-SHA256",
          "ECDHE-RSA-AES128-GCM-SHA256",
          "ECDHE-ECDSA-AES256-GCM-SHA384",
          "ECDHE-RSA-AES256-GCM-SHA384",
          "ECDHE-ECDSA-CHACHA20-POLY1305",
          "ECDHE-RSA-CHACHA20-POLY1305",
        ],
        alpnProtocols: ["h2", "http/1.1"],
      },
      timeout: {
        http: {
          requestHeadersReceivedTimeout: "10s",
          requestReceivedTimeout: "300s",
          idleTimeout: "300s",
          streamIdleTimeout: "300s",
        },
        tcp: { tlsHandshakeTimeout: "10s" },
      },
      tcpKeepalive: { idleTime: "30s", interval: "30s", probes: 3 },
      connection: { connectionLimit: { value: 5000 } },
      http2: { maxConcurrentStreams: 100 },
      path: { escapedSlashesAction: "UnescapeAndRedirect", disableMergeSlashes: false },
      headers: {
        earlyRequestHeaders: { remove: ["x-forwarded-for", "x-real-ip", "forwarded"] },
        lateResponseHeaders: {
          addIfAbsent: [
            { name: "x-content-type-options", value: "nosniff" },
            { name: "x-frame-options", value: "SAMEORIGIN" },
            { name: "referrer-policy", value: "strict-origin-when-cross-origin" },
          ],
          remove: ["server", "x-powered-by"],
        },
        requestID: "PreserveOrGenerate",
      },
    });
  });

  it("tell browsers to keep to https where there is a domain", () => {
    assert.deepEqual(trafficOf({}, true).headers.lateResponseHeaders.addIfAbsent[0], {
      name: "strict-transport-security",
      value: "max-age=31536000",
    });
  });

  it("are TLS 1.3 alone where that is said, which has no ciphers to choose", () => {
    assert.deepEqual(trafficOf({ tls: { minVersion: "1.3" } }).tls, {
      minVersion: "1.3",
      alpnProtocols: ["h2", "http/1.1"],
    });
  });
});

describe("the gateway's network policies", () => {
  const stack = stackOf({}, { ...awsStack, monitoring: { mode: "none" } });
  const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: "TCP", port }));
  const both = ["Ingress", "Egress"];
  const controller = { podSelector: { matchLabels: { "control-plane": "envoy-gateway" } } };

  it("let proxies be called, and call the controller and services that have routes", () => {
    const services = stack.prefix;
    assert.deepEqual(renderProxyPolicy({ stack, namespace, services, ports: { api: 3000, web: 8080 } }), {
      metadata: { name: "agents-development-proxies", namespace },
      spec: {
        podSelector: { matchLabels: development },
        policyTypes: both,
        ingress: [{ ports: tcp(10080, 10443, 19003) }],
        egress: [
          { to: [controller], ports: tcp(18000) },
          ...[["api", 3000] as const, ["web", 8080] as const].map(([name, port]) => ({
            to: [
              {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": services } },
                podSelector: { matchLabels: { "app.kubernetes.io/name": name } },
              },
            ],
            ports: tcp(port),
          })),
        ],
      },
    });
    assert.deepEqual(gatewayPeer(stack), {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      podSelector: { matchLabels: development },
    });
  });

  it("let controllers call the API server, which no policy can name, and be called for what they do", () => {
    assert.deepEqual(renderControllerPolicy(stack, namespace), {
      metadata: { name: "agents-development-controller", namespace },
      spec: {
        ...controller,
        policyTypes: both,
        ingress: [{ from: [{ podSelector: { matchLabels: development } }], ports: tcp(18000) }],
        egress: [{}],
      },
    });
    assert.deepEqual(renderCertgenPolicy(stack, namespace), {
      metadata: { name: "agents-development-certgen", namespace },
      spec: { podSelector: { matchLabels: { app: "certgen" } }, policyTypes: ["Egress"], egress: [{}] },
    });
    assert.deepEqual(renderCertManagerPolicy(stack, pulumi.output("certs")).spec, {
      podSelector: {},
      policyTypes: both,
      ingress: [{ ports: tcp(10250) }],
      egress: [{}],
    });
  });

  it("let Prometheus read metrics where it watches", () => {
    const watched = stackOf();
    const read = (port: number) => ({
      from: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "agents-development-monitoring" } },
          podSelector: { matchLabels: { "app.kubernetes.io/name": "prometheus" } },
        },
      ],
      ports: tcp(port),
    });
    const last = ({ spec }: object & { readonly spec?: unknown }) => (spec as { ingress: Tree[] }).ingress.at(-1);
    assert.deepEqual(last(renderProxyPolicy({ stack: watched, namespace, services: "a", ports: {} })), read(19001));
    assert.deepEqual(last(renderControllerPolicy(watched, namespace)), read(19001));
    assert.deepEqual(last(renderCertManagerPolicy(watched, namespace)), read(9402));
  });

  it("let proxies call Grafana where it has a host, and nobody of monitoring otherwise", () => {
    const egressOf = (monitoring: Tree) => {
      const domain = { mode: "managed", name: "agents.example.com" };
      const stack = stackOf({}, { ...awsStack, domain, services: running, monitoring });
      const policy: object & { readonly spec?: unknown } = renderProxyPolicy({
        stack,
        namespace,
        services: "a",
        ports: { api: 3000 },
      });
      return (policy.spec as { egress: Tree[] }).egress.slice(2);
    };
    assert.deepEqual(egressOf({ grafana: { host: "grafana.agents.example.com" } }), [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "agents-development-monitoring" } },
            podSelector: { matchLabels: { "app.kubernetes.io/name": "grafana" } },
          },
        ],
        ports: tcp(3000),
      },
    ]);
    for (const monitoring of [{}, { mode: "none" }]) assert.deepEqual(egressOf(monitoring), []);
  });
});
