import assert from "node:assert/strict";
import { type LivePod, podName } from "./pods.js";
import { type ClusterStack, namespaces } from "./stack.js";

/** What one pod of the agent service says of itself, asked from inside of it: its gateway would ask any. */
interface Answer {
  readonly status: number;
  readonly body: string;
}

const ASK = `
  const answer = await fetch("http://127.0.0.1:" + process.env[process.argv[1]] + process.argv[2]);
  console.log(JSON.stringify({ status: answer.status, body: await answer.text() }));
`;

/** The process of the service is not the first of its container: what starts it passes signals on. */
const FIND = `
  const { readdirSync, readFileSync } = await import("node:fs");
  const isService = (pid) => {
    try { return readFileSync("/proc/" + pid + "/cmdline", "utf8").startsWith("node\\0"); } catch { return false; }
  };
  const isOther = (name) => /^\\d+$/.test(name) && Number(name) !== process.pid;
  const service = readdirSync("/proc").filter(isOther).map(Number).sort((a, b) => a - b).find(isService);
`;

const KILL = `process.kill(service, "SIGKILL");`;

/** As a debugger does it: what a process takes is its own, and not that of a command beside it. */
const FILL = `
  const { setTimeout: sleep } = await import("node:timers/promises");
  process.kill(service, "SIGUSR1");
  let targets;
  while (targets === undefined) {
    targets = await fetch("http://127.0.0.1:9229/json/list").then((answer) => answer.json(), () => sleep(100));
  }
  const expression = "const held = []; while (true) held.push(Buffer.alloc(2 ** 24, 1));";
  const socket = new WebSocket(targets[0].webSocketDebuggerUrl);
  socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params: { expression } }));
  await new Promise((resolve) => { socket.onclose = resolve; });
`;

async function asked(stack: ClusterStack, pod: LivePod, port: "PORT" | "METRICS_PORT", path: string): Promise<Answer> {
  const command = ["node", "--input-type=module", "--eval", ASK, port, path];
  const { out, error, code } = await stack.inside.run(namespaces.services, podName(pod), command);
  assert.equal(code, 0, error);
  return JSON.parse(out) as Answer;
}

interface Readiness {
  readonly status: string;
  readonly reason: string | null;
  readonly dependencies: readonly { readonly name: string; readonly status: string }[];
}

export async function readinessOf(stack: ClusterStack, pod: LivePod) {
  const { status, body } = await asked(stack, pod, "PORT", "/health/ready");
  const { status: is, reason, dependencies } = JSON.parse(body) as Readiness;
  const away = dependencies.filter(({ status }) => status === "down").map(({ name }) => name);
  return { status, is, reason, away };
}

/** One sample of what Prometheus would read, by its name and labels as they are written. */
export async function metricOf(stack: ClusterStack, pod: LivePod, sample: string): Promise<number> {
  const { body } = await asked(stack, pod, "METRICS_PORT", "/metrics");
  const line = body.split("\n").find((one) => one.startsWith(`${sample} `));
  assert.ok(line !== undefined, `${sample} is not among the metrics:\n${body.slice(0, 2000)}`);
  return Number(line.slice(sample.length + 1));
}

/** The command ends with the container that it runs in. */
async function done(stack: ClusterStack, pod: LivePod, script: string): Promise<void> {
  const command = ["node", "--input-type=module", "--eval", FIND + script];
  await stack.inside.run(namespaces.services, podName(pod), command).catch(() => undefined);
}

/** The service's process, without a word. */
export const kill = (stack: ClusterStack, pod: LivePod): Promise<void> => done(stack, pod, KILL);

/** The service's process wants all memory that there is. */
export const fillMemory = (stack: ClusterStack, pod: LivePod): Promise<void> => done(stack, pod, FILL);
