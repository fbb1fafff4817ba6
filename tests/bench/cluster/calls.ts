import type { Service } from "kubernetes-types/core/v1.js";
import { messages, WHOLE } from "../../cluster/support/calls.js";
import { ports } from "../../cluster/support/client.js";
import { HOST, models } from "../../cluster/support/settings.js";
import { type ClusterStack, namespaces } from "../../cluster/support/stack.js";
import type { Manifest } from "../../engine/cluster/api.js";
import { type Calls, type Figures, makeCalls } from "../gateway/calls.js";
import { comparisonRows, type Table } from "../gateway/report.js";
import { type Comparison, type Effort, inTurns } from "../gateway/throughput.js";

type Way = "platform" | "provider";
/** Where calls go in at, and what they are called by there. */
type Entrance = Pick<Calls, "url" | "servername" | "headers"> & { readonly name: Way };
type Found = Comparison<Way, Figures>;

const path = "/v1/chat/completions";
const json = { "content-type": "application/json" };
const scenarios = [false, true].map((streamed) => ({ streamed, connections: 10 }));

async function entrances(stack: ClusterStack): Promise<readonly Entrance[]> {
  const { api, place } = stack;
  const model = await api.get<Service & Manifest>(`/api/v1/namespaces/${namespaces.services}/services/model`);
  const [port] = model?.spec?.ports ?? [];
  if (model?.spec?.clusterIP === undefined || port === undefined) throw new Error("the stack has no service model");
  return [
    {
      name: "platform",
      url: `https://${place.address}:${ports.https}${path}`,
      servername: HOST,
      headers: { ...json, host: HOST, authorization: `Bearer ${await stack.adminKey()}` },
    },
    { name: "provider", url: `http://${model.spec.clusterIP}:${port.port}${path}`, headers: json },
  ];
}

/** Calls through the gateway and the service, and the same ones of the provider. */
export async function compareCalls(stack: ClusterStack, effort: Effort): Promise<readonly Found[]> {
  const ways = await entrances(stack);
  const found: Found[] = [];
  for (const { streamed, connections } of scenarios) {
    const body = JSON.stringify({ model: models.quick, messages, stream: streamed });
    const isWhole = streamed ? isWholeStream : isWholeAnswer;
    const calls = (entrance: Entrance, seconds: number) =>
      makeCalls({ ...entrance, body, connections, seconds, isWhole });
    found.push(await inTurns({ streamed, connections }, ways, calls, effort));
  }
  return found;
}

export const isWholeAnswer = (answer: string): boolean => answer.includes(WHOLE);

/** Each token is in a frame of its own. */
export const isWholeStream = (answer: string): boolean =>
  WHOLE.split(/(?= )/).every((token) => answer.includes(`"${token}"`)) && answer.endsWith("data: [DONE]\n\n");

export const callsTable = (found: readonly Found[]): Table => [
  ["", "", "gateway and service", "provider", "ratio"],
  ...comparisonRows("platform", ["provider"], found),
];

export const failedOf = (found: readonly Found[]): number =>
  found.flatMap(({ all }) => all).reduce((sum, { failed }) => sum + failed, 0);
