import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { crdsFolder } from "../../tools/cache.js";
import { neededBy, tools } from "../../tools/table.js";
import { ownArchives, type PackedImage } from "../images/index.js";
import { agentRepository, modelImage } from "../images/references.js";
import { up } from "../node/node.js";
import { chartsThere } from "./charts.js";
import { type AgentVersion, agentVersions, type Place, sayPlace } from "./place.js";

/** A cluster that is there and has the images. */
export interface Existing {
  readonly kubeconfig: string;
  /** Where its nodes' ports answer. */
  readonly address: string;
}

type Ground = Pick<Place, "charts" | "agents" | "model">;

const say = (what: string): void => console.log(what);

/** What `npm run tools` has to bring first. */
export function lacking(): readonly string[] {
  const missing = neededBy.cluster.filter((name) => !tools[name].here());
  return missing.length > 0 || existsSync(crdsFolder()) ? missing : ["definitions"];
}

/**
 * Runs Node with these words where clients of a cluster are, and tells it by `thePlace` where that is: a node that is
 * there as long as it runs, unless there is a cluster already. How it ended.
 */
export async function runOnGround(
  images: readonly PackedImage[],
  words: readonly string[],
  existing?: Existing,
): Promise<number> {
  const began = Date.now();
  const ground: Ground = {
    charts: await chartsThere(),
    agents: Object.fromEntries(agentVersions.map((version) => [version, agentOf(images, version)])) as Place["agents"],
    model: modelImage,
  };
  const archives = images.map(({ archive }) => archive);
  if (existing === undefined) return onNode(words, ground, archives, began);
  say(["the cluster's nodes must have the images in", ...ownArchives(images)].join("\n  "));
  return node(words, { ...ground, ...existing, here: false });
}

function agentOf(images: readonly PackedImage[], version: AgentVersion): string {
  const packed = images.find(({ references }) => references.includes(`${agentRepository}:${version}`));
  if (packed === undefined) throw new Error(`no image of the agent service is its ${version} one`);
  return `${agentRepository}@${packed.digest}`;
}

async function onNode(words: readonly string[], ground: Ground, archives: readonly string[], began: number) {
  const { kubeconfigFile: kubeconfig, address, outside, importImages, down } = await up({ say });
  try {
    say("importing the images");
    await importImages(archives);
    say(`the node is there after ${Math.round((Date.now() - began) / 1000)} s`);
    return await node(words, { ...ground, kubeconfig, address, here: true }, ["nsenter", `--net=${outside}`]);
  } finally {
    await down();
  }
}

function node(words: readonly string[], place: Place, before: readonly string[] = []): Promise<number> {
  const [program = "", ...rest] = [...before, process.execPath, ...words];
  const child = spawn(program, rest, { stdio: "inherit", env: { ...process.env, ...sayPlace(place) } });
  // This process stays, to put everything back when the other one has ended.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}
