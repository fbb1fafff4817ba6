import type { ContainerStatus, Pod, PodSpec } from "kubernetes-types/core/v1.js";
import { minutes } from "./minutes.js";
import { addressOf } from "./nodes.js";
import type { Role, World } from "./stage.js";

/** What a kubelet does with the pods that the scheduler gave it. */
export const podRole: Role<Pod> = {
  path: "/api/v1/pods",
  next: (pod, world) => {
    const { metadata, spec, status } = pod;
    if (spec?.nodeName === undefined) return undefined;
    if (metadata?.deletionTimestamp !== undefined)
      return metadata.deletionGracePeriodSeconds === 0 || metadata.deletionGracePeriodSeconds === undefined
        ? undefined
        : { name: "end", minutes: minutes.podEnd, run: () => world.api.remove(pathOf(pod)) };
    if (status?.phase === "Pending")
      return { name: "start", minutes: minutes.podStart, run: () => startPod(pod, spec, world) };
    if (status?.phase === "Running" && spec.restartPolicy !== "Always")
      return { name: "finish", minutes: minutes.jobRun, run: () => finish(pod, spec, world) };
    return undefined;
  },
};

const pathOf = ({ metadata }: Pod): string => `/api/v1/namespaces/${metadata?.namespace}/pods/${metadata?.name}`;

/** The name by which a scenario knows it: of the Deployment, the Job, the database. */
export function workloadOf({ metadata }: Pod): string {
  const owner = metadata?.ownerReferences?.[0];
  const hash = metadata?.labels?.["pod-template-hash"];
  if (owner === undefined) return metadata?.name ?? "";
  return hash === undefined ? owner.name : owner.name.replace(new RegExp(`-${hash}$`), "");
}

async function startPod(pod: Pod, spec: PodSpec, world: World): Promise<void> {
  const namespace = pod.metadata?.namespace ?? "";
  for (const { kind, name } of needsOf(spec))
    if ((await world.api.get(`/api/v1/namespaces/${namespace}/${kind}s/${name}`)) === undefined)
      await hold(pod, spec, world, "CreateContainerConfigError", `${kind} "${name}" not found`);
  if (world.faults.strikes("ImagePullBackOff", workloadOf(pod), namespace))
    await hold(pod, spec, world, "ImagePullBackOff", `Back-off pulling image "${spec.containers[0]?.image}"`);

  const startedAt = new Date().toISOString();
  const running = { state: { running: { startedAt } }, ready: true, started: true };
  const ended = { state: { terminated: { exitCode: 0, reason: "Completed", startedAt, finishedAt: startedAt } } };
  const podIP = nextAddress();
  await setStatus(pod, world, {
    phase: "Running",
    startTime: startedAt,
    hostIP: addressOf(spec.nodeName),
    podIP,
    podIPs: [{ ip: podIP }],
    conditions: conditionsOf(pod, "True"),
    containerStatuses: statusesOf(spec.containers, running),
    initContainerStatuses: (spec.initContainers ?? []).flatMap((one) =>
      statusesOf([one], one.restartPolicy === "Always" ? running : { ...ended, ready: true }),
    ),
  });
}

/** It says why it cannot start, as a kubelet does, and is tried again. */
async function hold(pod: Pod, spec: PodSpec, world: World, reason: string, message: string): Promise<never> {
  const known = pod.status?.containerStatuses?.[0]?.state?.waiting?.message === message;
  if (!known)
    await setStatus(pod, world, {
      phase: "Pending",
      conditions: conditionsOf(pod, "False"),
      containerStatuses: statusesOf(spec.containers, { state: { waiting: { reason, message } }, ready: false }),
    });
  throw new Error(`${pathOf(pod)}: ${message}`);
}

async function finish(pod: Pod, spec: PodSpec, world: World): Promise<void> {
  const fails = world.faults.strikes("jobFails", workloadOf(pod), pod.metadata?.namespace);
  const finishedAt = new Date().toISOString();
  const terminated = { exitCode: fails ? 1 : 0, reason: fails ? "Error" : "Completed", finishedAt };
  await setStatus(pod, world, {
    phase: fails ? "Failed" : "Succeeded",
    conditions: conditionsOf(pod, "False"),
    containerStatuses: statusesOf(spec.containers, { state: { terminated }, ready: false }),
  });
}

const setStatus = (pod: Pod, { api }: World, status: object): Promise<void> =>
  api.merge(`${pathOf(pod)}/status`, { status });

const ours = ["Initialized", "ContainersReady", "Ready"];
function conditionsOf({ status }: Pod, ready: "True" | "False"): object[] {
  const others = status?.conditions?.filter(({ type }) => !ours.includes(type)) ?? [];
  const lastTransitionTime = new Date().toISOString();
  return [
    ...others,
    ...ours.map((type) => ({ type, status: type === "Initialized" ? "True" : ready, lastTransitionTime })),
  ];
}

const statusesOf = (
  containers: PodSpec["containers"],
  state: Omit<Partial<ContainerStatus>, "state"> & { ready?: boolean; state: object },
): object[] =>
  containers.map(({ name, image = "" }) => ({ name, image, imageID: image, restartCount: 0, ready: false, ...state }));

/** What a pod mounts or reads, and does not start without. */
function needsOf(spec: PodSpec): { kind: "secret" | "configmap"; name: string }[] {
  const needs: { kind: "secret" | "configmap"; name: string | undefined; optional: boolean | undefined }[] = [];
  const secret = (name?: string, optional?: boolean) => needs.push({ kind: "secret", name, optional });
  const configMap = (name?: string, optional?: boolean) => needs.push({ kind: "configmap", name, optional });
  for (const volume of spec.volumes ?? []) {
    secret(volume.secret?.secretName, volume.secret?.optional);
    configMap(volume.configMap?.name, volume.configMap?.optional);
    for (const source of volume.projected?.sources ?? []) {
      secret(source.secret?.name, source.secret?.optional);
      configMap(source.configMap?.name, source.configMap?.optional);
    }
  }
  for (const { env = [], envFrom = [] } of [...(spec.initContainers ?? []), ...spec.containers]) {
    for (const { secretRef, configMapRef } of envFrom) {
      secret(secretRef?.name, secretRef?.optional);
      configMap(configMapRef?.name, configMapRef?.optional);
    }
    for (const { valueFrom } of env) {
      secret(valueFrom?.secretKeyRef?.name, valueFrom?.secretKeyRef?.optional);
      configMap(valueFrom?.configMapKeyRef?.name, valueFrom?.configMapKeyRef?.optional);
    }
  }
  return needs.flatMap(({ kind, name, optional }) => (name === undefined || optional === true ? [] : [{ kind, name }]));
}

let addresses = 0;
function nextAddress(): string {
  addresses += 1;
  return `10.244.${(addresses >> 8) & 0xff}.${addresses & 0xff}`;
}
