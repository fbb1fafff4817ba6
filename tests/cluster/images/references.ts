import { type Image, images } from "../../../config/versions.js";

/**
 * The names that manifests have for an image, as containerd stores them. Where a manifest says a tag and a digest, the
 * digest is what it is looked up by; what we pack has another one, so that it is a name like any other.
 */
export function namesOf({ repository, tag }: Image): readonly string[] {
  const [plain = tag, digest] = tag.split("@");
  return [`${repository}:${plain}`, ...(digest === undefined ? [] : [`${repository}@${digest}`])];
}

/** What the program's manifests name, and this table's images answer to. */
export const programImages = {
  "cloudnative-pg": images.cloudNativePg,
  "envoy-gateway": images.envoyGateway.controller,
  envoy: images.envoyGateway.proxy,
  "metrics-server": images.metricsServer,
  postgres: images.postgres["17"],
  valkey: images.valkey["8"],
} as const satisfies Readonly<Record<string, Image>>;

/** What the node itself runs, as in the manifests that its parts bring; `busybox` alone is how one of them says it. */
export const nodeImages = {
  pause: "registry.k8s.io/pause:3.10.1",
  coredns: "registry.k8s.io/coredns/coredns:v1.14.2",
  "local-path": "docker.io/rancher/local-path-provisioner:v0.0.30",
  busybox: "docker.io/library/busybox:latest",
} as const;

/** What only the tests' own objects name. */
export const modelImage = "localhost/model:1";

/** The agent service's versions: its stack names one by `AGENT@DIGEST`, as a registry would give it. */
export const agentRepository = "localhost/agent-service";

/**
 * What the suite's stack names and nobody runs: an operator that is played, and a server that the gateway starts only
 * where limits are counted for all its replicas together.
 */
export const leftOut: readonly Image[] = [images.externalSecrets, images.envoyGateway.rateLimit];
