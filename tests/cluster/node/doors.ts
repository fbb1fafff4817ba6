import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { type Life, lifeOf } from "./life.js";
import { outsideOf } from "./namespaces.js";
import { typescript } from "./typescript.js";

/** A loopback port of the machine, and what it leads to in the node. */
export interface Door {
  /** 0 is any that is free. */
  readonly port: number;
  readonly to: { readonly host: string; readonly port: number };
}

export interface Doors {
  /** In the order of what was asked. */
  readonly ports: readonly number[];
  /** Somebody stands in them, until the node ends. */
  open(holder: Life, first: Life, log: string): Promise<Life>;
  close(): void;
}

/** Takes the ports, before there is anything behind them. */
export async function takeDoors(doors: readonly Door[]): Promise<Doors> {
  const servers: Server[] = [];
  const close = () => {
    for (const server of servers) server.close();
  };
  try {
    for (const { port } of doors) servers.push(await listening(port));
  } catch (error) {
    close();
    throw error;
  }
  return {
    ports: servers.map((server) => (server.address() as { port: number }).port),
    close,
    open: async (holder, first, log) => {
      const out = openSync(log, "a");
      // A socket belongs to the network that it was made in, whoever holds it: this one holds the machine's, and calls
      // from outside the node. It is the node's process otherwise, and ends with it.
      const child = spawn(
        "nsenter",
        [
          ...[`--target=${first.pid}`, "--pid", `--net=${outsideOf(holder)}`, process.execPath],
          ...typescript(join(import.meta.dirname, "doorkeeper.ts")),
        ],
        { stdio: ["ignore", out, out, "ipc"], detached: true },
      );
      closeSync(out);
      const stands = new Promise<void>((resolve, reject) => {
        child.once("error", reject);
        child.once("exit", (code) => reject(new Error(`nobody stands in the doors: ended with ${code}; see ${log}`)));
        let answers = 0;
        child.on("message", () => {
          answers += 1;
          if (answers === servers.length) resolve();
        });
      });
      for (const [index, server] of servers.entries()) child.send(doors[index]?.to ?? {}, server);
      await stands;
      close();
      child.disconnect();
      child.unref();
      const life = lifeOf(child.pid ?? 0);
      if (life === undefined) throw new Error(`nobody stands in the doors; see ${log}`);
      return life;
    },
  };
}

const listening = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    // Whoever comes too early is sent away: nobody would answer, and a call that is kept keeps this process.
    const server = createServer((early) => early.destroy());
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new Error(`port ${port} of this machine is somebody else's`) : error),
    );
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
