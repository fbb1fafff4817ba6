import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../engine/cluster/process.js";
import { isWholeAnswer, type Model } from "./answers.js";
import { type Measured, startMeasured } from "./process.js";
import { type Command, type Place, type ProgramName, programs, upstreamCommand } from "./programs.js";

/** How something is called. */
export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  body(model: Model, streamed: boolean): string;
}

/** A running program in front of the upstream. */
export interface Gateway extends Target, Measured {
  readonly name: ProgramName;
}

export interface Gateways {
  readonly upstream: Measured;
  readonly gateways: readonly Gateway[];
  close(): Promise<void>;
}

const messages = [
  { role: "system", content: "You are a helpful assistant. Answer briefly." },
  { role: "user", content: "Which token comes after a token?" },
];

function targetAt(port: number, headers: Target["headers"] = {}, nameOf = (model: Model): string => model): Target {
  return {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    headers: { "content-type": "application/json", ...headers },
    body: (model, stream) => JSON.stringify({ model: nameOf(model), messages, stream }),
  };
}

async function answers({ url, headers, body }: Target): Promise<boolean> {
  const response = await fetch(url, { method: "POST", headers, body: body("instant", false) });
  return response.status === 200 && isWholeAnswer(await response.text());
}

/** The upstream and the programs in front of it, each with a folder of its own, until `close`. */
export async function openGateways(names: readonly ProgramName[]): Promise<Gateways> {
  const folder = mkdtempSync(join(tmpdir(), "bench-gateway-"));
  const started: Measured[] = [];
  const start = async (name: string, target: Target, command: (folder: string) => Command): Promise<Measured> => {
    const within = mkdtempSync(join(folder, `${name}-`));
    const measured = await startMeasured(name, command(within), within, () => answers(target));
    started.push(measured);
    return measured;
  };
  const close = async () => {
    for (const one of started) await one.end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [upstreamPort = 0, ...ports] = await freePorts(names.length + 1);
    const upstream = await start("upstream", targetAt(upstreamPort), () => upstreamCommand(upstreamPort));
    const place: Pick<Place, "upstream"> = { upstream: `http://127.0.0.1:${upstreamPort}` };
    const gateways: Gateway[] = [];
    for (const [index, name] of names.entries()) {
      const { command, headers, model } = programs[name];
      const port = ports[index] ?? 0;
      const target = targetAt(port, headers(place.upstream), model);
      const measured = await start(name, target, (within) => command({ ...place, port, folder: within }));
      gateways.push({ name, ...target, ...measured });
    }
    return { upstream, gateways, close };
  } catch (error) {
    await close();
    throw error;
  }
}
