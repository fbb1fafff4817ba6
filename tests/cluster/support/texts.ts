import type { Pod } from "kubernetes-types/core/v1.js";
import { type Manifest, Refused } from "../../engine/cluster/api.js";
import { objectsIn } from "../../engine/support/objects.js";
import { accessTo } from "./access.js";
import { podPath } from "./pods.js";
import type { ClusterStack } from "./stack.js";

interface Text {
  readonly where: string;
  readonly text: string;
}

/** Every object of the cluster but the data of Secrets, and all that pods have said. */
export async function textsOf(stack: ClusterStack): Promise<readonly Text[]> {
  const pods = await stack.list<Pod & Manifest>("/api/v1/pods");
  const said = await Promise.all(pods.flatMap((pod) => logsOf(pod).map((where) => logIn(stack, where))));
  return [...(await objectsIn(await accessTo(stack.place.kubeconfig))), ...said];
}

const logsOf = (pod: Pod & Manifest): readonly string[] =>
  [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].map(
    ({ name }) => `${podPath(pod)}/log?container=${name}`,
  );

async function logIn(stack: ClusterStack, where: string): Promise<Text> {
  try {
    return { where, text: (await stack.api.text(where)) ?? "" };
  } catch (error) {
    if (error instanceof Refused && error.status === NOT_BEGUN) return { where, text: "" };
    throw error;
  }
}

const NOT_BEGUN = 400;
