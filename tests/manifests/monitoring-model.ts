import { NAMESPACE, named } from "./model.js";
import type { Peer } from "./truth-table.js";

/** Who watches, as pods that policies select. */

export const MONITORING = `${NAMESPACE}-monitoring`;
export const NODES = `${NAMESPACE}-nodes`;

const pod = (
  ip: string,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  ports: readonly number[],
): Peer => ({
  ip,
  pod: { namespace, labels },
  ports: ports.map((number) => ({ number })),
});

export const part = (ip: string, name: string, ...ports: readonly number[]): Peer =>
  pod(ip, MONITORING, named(name), ports);

/** Pods of the chart that have a label of their own. */
export const ofChart = (ip: string, app: string, ...ports: readonly number[]): Peer =>
  pod(ip, MONITORING, { app: `kube-prometheus-stack-${app}` }, ports);

export const exporter = (ip: string, name: string, port: number): Peer =>
  pod(ip, MONITORING, { ...named(name), "app.kubernetes.io/instance": "main" }, [port]);

export const thanos = (ip: string, name: string, ...ports: readonly number[]): Peer =>
  pod(ip, MONITORING, { ...named(`thanos-${name}`), "app.kubernetes.io/part-of": "thanos" }, ports);

export const fluentBit = (ip: string, namespace: string, component: "node" | "events"): Peer =>
  pod(ip, namespace, { ...named("fluent-bit"), "app.kubernetes.io/component": component }, [2020]);

export const addOn = (ip: string, namespace: string, name: string, ...ports: readonly number[]): Peer =>
  pod(ip, namespace, named(name), ports);

/** No policy can name it. */
export const apiserver: Peer = { ip: "10.0.32.2", ports: [{ number: 443 }, { number: 6443 }] };
