import { createServer, type RequestListener } from "node:http";
import { codeOf } from "../error-code.js";
import type { Telemetry } from "./telemetry.js";

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Prometheus exporters of OpenTelemetry listen here by custom. */
const USUAL_PORT = 9464;

/**
 * `/metrics` on a port of its own, without a key: the network keeps strangers from it. A port that was asked for is
 * served or refused; the usual one may belong to another process, and then the service starts without.
 */
export async function serveMetrics(
  telemetry: Pick<Telemetry, "log" | "metrics">,
  port: number | undefined,
  host: string,
  usualPort = USUAL_PORT,
): Promise<MetricsServer | undefined> {
  const server = createServer(answer(telemetry));
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port ?? usualPort, host, resolve);
    });
  } catch (error) {
    const where = `${port ?? usualPort} on ${host} can't be listened on (${codeOf(error)})`;
    if (port !== undefined)
      throw new Error(`METRICS_PORT: ${where}; expected a free port, or 0 for any`, { cause: error });
    telemetry.log.warn(`no metrics port: ${where}; set METRICS_PORT to a free one, or to 0 for any`);
    return undefined;
  }
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

const answer =
  ({ log, metrics }: Pick<Telemetry, "log" | "metrics">): RequestListener =>
  (request, response) => {
    const send = (status: number, contentType: string, body: string) =>
      response.writeHead(status, { "Content-Type": contentType }).end(request.method === "HEAD" ? undefined : body);
    const path = request.url?.split("?", 1)[0];
    if (path !== "/metrics" || (request.method !== "GET" && request.method !== "HEAD")) {
      send(404, "text/plain; charset=utf-8", "there is only GET /metrics\n");
      return;
    }
    metrics.text(request.headers.accept).then(
      ({ contentType, body }) => send(200, contentType, body),
      (error: unknown) => {
        log.error({ err: error }, "metrics can't be written");
        send(500, "text/plain; charset=utf-8", "metrics can't be written; the log says why\n");
      },
    );
  };
