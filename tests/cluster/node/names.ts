import { nodeImages } from "../images/references.js";
import { addresses, ports } from "./addresses.js";
import { account, deployment, type NodeObject } from "./objects.js";

const name = "coredns";
const namespace = "kube-system";
const labels = { "k8s-app": "kube-dns" };

/** Nobody is asked about names outside: they do not exist. In a block of its own, else no service would either. */
const corefile = `cluster.local in-addr.arpa ip6.arpa {
  errors
  health :8080
  ready :8181
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    pods insecure
    fallthrough in-addr.arpa ip6.arpa
  }
  prometheus :9153
  cache 30
  loadbalance
}
. {
  errors
  template ANY ANY . {
    rcode NXDOMAIN
  }
}
`;

/** CoreDNS under the name and labels that every cluster has it by. */
export const namesObjects: readonly NodeObject[] = [
  ...account(name, namespace, [
    { apiGroups: [""], resources: ["endpoints", "services", "pods", "namespaces"], verbs: ["list", "watch"] },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
  ]),
  { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data: { Corefile: corefile } },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kube-dns", namespace, labels },
    spec: {
      selector: labels,
      clusterIP: addresses.names,
      ports: [
        { name: "dns", port: ports.names, protocol: "UDP" },
        { name: "dns-tcp", port: ports.names, protocol: "TCP" },
        { name: "metrics", port: 9153, protocol: "TCP" },
      ],
    },
  },
  deployment(name, namespace, labels, {
    serviceAccountName: name,
    priorityClassName: "system-cluster-critical",
    // Its own answers are for others.
    dnsPolicy: "Default",
    containers: [
      {
        name,
        image: nodeImages.coredns,
        args: ["-conf", "/etc/coredns/Corefile"],
        ports: [
          { name: "dns", containerPort: ports.names, protocol: "UDP" },
          { name: "dns-tcp", containerPort: ports.names, protocol: "TCP" },
          { name: "metrics", containerPort: 9153, protocol: "TCP" },
        ],
        resources: { requests: { cpu: "10m", memory: "70Mi" }, limits: { memory: "170Mi" } },
        readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 1 },
        livenessProbe: { httpGet: { path: "/health", port: 8080 }, initialDelaySeconds: 60 },
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
          readOnlyRootFilesystem: true,
        },
        volumeMounts: [{ name: "config", mountPath: "/etc/coredns", readOnly: true }],
      },
    ],
    volumes: [{ name: "config", configMap: { name } }],
  }),
];
