import type { IncomingHttpHeaders } from "node:http";
import { json } from "node:stream/consumers";
import { listening } from "../../service/support/listening.js";
import { eventually } from "./eventually.js";

/** What Alertmanager tells a webhook of one alert. */
export interface ToldAlert {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Told {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: each receiver is told in a form of its own.
  readonly body: any;
}

export interface Listener {
  readonly url: string;
  /** All that came, in order. */
  readonly told: readonly Told[];
  /** The first message, there already or still to come, that is so. */
  heard(what: string, so: (told: Told) => boolean, seconds?: number): Promise<Told>;
  /** The first of a webhook's alerts with that name and status. */
  alert(name: string, status: ToldAlert["status"], seconds?: number): Promise<ToldAlert>;
  stop(): Promise<void>;
}

/** Stands for whoever is told: takes every message and says that it did. */
export async function startListener(): Promise<Listener> {
  const told: Told[] = [];
  const server = await listening((request, response) => {
    const { url = "", headers } = request;
    json(request).then(
      (body) => {
        told.push({ path: url, headers, body });
        // PagerDuty says 202, and Slack `ok`.
        response.writeHead(url.startsWith("/pagerduty") ? 202 : 200, { "Content-Type": "text/plain" }).end("ok");
      },
      () => response.writeHead(400).end(),
    );
  });
  const heard: Listener["heard"] = (what, so, seconds) => eventually(what, async () => told.find(so), seconds);
  const alertsOf = ({ body }: Told): readonly ToldAlert[] => body.alerts ?? [];
  return {
    url: server.url,
    told,
    heard,
    alert: (name, status, seconds) =>
      eventually(
        `${name}, ${status},`,
        async () => told.flatMap(alertsOf).find((one) => one.labels["alertname"] === name && one.status === status),
        seconds,
      ),
    stop: () => server.close(),
  };
}
