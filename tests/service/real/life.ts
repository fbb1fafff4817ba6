import { rmSync } from "node:fs";
import type { Running } from "./server-process.js";

/** What every server of these tests can be made to do. */
export interface Server {
  readonly url: string;
  /** Another one after `restart`. */
  readonly pid: number;
  /** Ends it without asking, and leaves its data for `restart`. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** On the same port and data; ends it in good order first, if it is there. */
  restart(): Promise<void>;
  /** Ends it for good, and removes its data. */
  stop(): Promise<void>;
}

export async function live(
  start: () => Promise<Running>,
  { gently, folder }: { readonly gently: NodeJS.Signals; readonly folder: string },
): Promise<Omit<Server, "url">> {
  let running = await start();
  return {
    get pid() {
      return running.pid;
    },
    kill: (signal = "SIGKILL") => running.end(signal),
    restart: async () => {
      await running.end(gently);
      running = await start();
    },
    stop: async () => {
      await running.end(gently);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
