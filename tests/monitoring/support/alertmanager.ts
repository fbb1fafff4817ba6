import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageFiles, renderAlertmanagerConfig } from "../../../components/monitoring/alerting/config.js";
import type { Receivers } from "../../../config/monitoring/receivers.js";
import { receiverSecrets } from "../../../config/monitoring/secrets.js";
import { freePorts } from "../../engine/cluster/process.js";
import { runFolder } from "../../service/real/run-folder.js";
import { startServer } from "../../service/real/server-process.js";
import { tool } from "../../tools/cache.js";

export interface Files {
  /** The configuration. */
  readonly config: string;
  readonly folder: string;
}

/** What the operator and External Secrets would mount, in a folder: the configuration, its texts, and the secrets. */
export function writeFiles(receivers: Receivers, secretValues: Readonly<Record<string, string>> = {}): Files {
  const folder = mkdtempSync(join(runFolder(), "alertmanager-"));
  const secrets = join(folder, "secrets");
  mkdirSync(secrets);
  for (const name of receiverSecrets(receivers)) writeFileSync(join(secrets, name), secretValues[name] ?? "x");
  for (const [name, text] of Object.entries(messageFiles)) writeFileSync(join(folder, name), text);
  const config = join(folder, "alertmanager.yaml");
  writeFileSync(config, renderAlertmanagerConfig(receivers, { config: folder, secrets }));
  return { config, folder };
}

export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly endsAt?: string;
}

export interface HeldAlert {
  readonly labels: PostedAlert["labels"];
  readonly inhibited: boolean;
  readonly mutedBy: readonly string[];
}

export interface Alertmanager {
  readonly url: string;
  readonly address: string;
  /** As Prometheus tells it. */
  post(alerts: readonly PostedAlert[]): Promise<void>;
  /** The alerts that it holds, by group and receiver, with whether others mute them, and which times do. */
  alerts(): Promise<readonly HeldAlert[]>;
  stop(): Promise<void>;
}

/** As its API says it. */
interface Held {
  readonly labels: PostedAlert["labels"];
  readonly status: { readonly inhibitedBy: readonly string[]; readonly mutedBy: readonly string[] };
}

/** A real Alertmanager on this machine with the platform's own configuration, gone with the process that started it. */
export async function startAlertmanager(
  receivers: Receivers,
  secretValues: Readonly<Record<string, string>> = {},
): Promise<Alertmanager> {
  const { config, folder } = writeFiles(receivers, secretValues);
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const running = await startServer({
    program: tool("alertmanager"),
    options: [
      `--config.file=${config}`,
      `--storage.path=${folder}/data`,
      `--web.listen-address=${address}`,
      "--web.external-url=http://alertmanager.example.com",
      // Alone: no gossip.
      "--cluster.listen-address=",
      "--enable-feature=utf8-strict-mode",
    ],
    log: join(folder, "log"),
    ready: /msg="Listening on"/,
  });
  const api = `http://${address}/api/v2/alerts`;
  return {
    url: `http://${address}`,
    address,
    async post(alerts) {
      const headers = { "Content-Type": "application/json" };
      const response = await fetch(api, { method: "POST", headers, body: JSON.stringify(alerts) });
      if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    },
    async alerts() {
      const groups = (await (await fetch(`${api}/groups`)).json()) as readonly { readonly alerts: readonly Held[] }[];
      return groups.flatMap(({ alerts }) =>
        alerts.map(({ labels, status }) => ({
          labels,
          inhibited: status.inhibitedBy.length > 0,
          mutedBy: status.mutedBy,
        })),
      );
    },
    async stop() {
      await running.end("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
