import { WebSocket } from "ws";
import type { Access } from "../../engine/cluster/api.js";

/** What a command in a pod said, and how it ended. */
export interface Said {
  readonly out: string;
  readonly error: string;
  readonly code: number;
}

/** The first byte of a frame says what it belongs to. */
const channels = { out: 1, error: 2, end: 3 } as const;
const PROTOCOL = "v5.channel.k8s.io";

interface End {
  readonly status?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

/** Runs commands in pods, as `kubectl exec` does. */
export class Inside {
  constructor(readonly access: Access) {}

  run(namespace: string, pod: string, command: readonly string[], container?: string): Promise<Said> {
    const { endpoint, ca, token, cert, key } = this.access;
    const query = new URLSearchParams([
      ...command.map((word) => ["command", word] as [string, string]),
      ["stdout", "true"],
      ["stderr", "true"],
      ...(container === undefined ? [] : [["container", container] as [string, string]]),
    ]);
    const url = `${endpoint.replace(/^http/, "ws")}/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query}`;
    const socket = new WebSocket(url, PROTOCOL, {
      ca,
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
      ...(cert === undefined ? {} : { cert, key }),
    });
    return new Promise((resolve, reject) => {
      const texts = { out: "", error: "", end: "" };
      socket.on("message", (data: Buffer) => {
        for (const [name, number] of Object.entries(channels) as [keyof typeof texts, number][])
          if (data[0] === number) texts[name] += data.subarray(1).toString("utf8");
      });
      socket.on("error", reject);
      socket.on("close", () => {
        const code = texts.end === "" ? undefined : codeOf(JSON.parse(texts.end) as End);
        if (code === undefined)
          reject(new Error(`${namespace}/${pod}: ${command.join(" ")}: ${texts.end || "no end"}`));
        else resolve({ out: texts.out, error: texts.error, code });
      });
    });
  }
}

/** Undefined where it was not run. */
function codeOf({ status, details }: End): number | undefined {
  if (status === "Success") return 0;
  const code = details?.causes?.find(({ reason }) => reason === "ExitCode")?.message;
  return code === undefined ? undefined : Number(code);
}
