import { once } from "node:events";
import { createServer } from "node:https";
import { selfSigned } from "./certificate.js";
import { freePorts } from "./process.js";

/** The webhook of an operator, which the API server asks about each of the operator's own objects. */
export interface Webhook {
  readonly url: string;
  /** PEM */
  readonly ca: string;
  /** How many objects it was asked about since it is ready. */
  asked(): number;
  /** From now on it answers. */
  becomeReady(): void;
  stop(): Promise<void>;
}

/** One that is there and does not answer yet, as a pod that starts; then it takes everything. */
export async function startWebhook(): Promise<Webhook> {
  const { certificate, key } = selfSigned("webhook", [127, 0, 0, 1]);
  let ready = false;
  let asked = 0;
  const server = createServer({ cert: certificate, key }, (request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => {
      if (!ready) return response.writeHead(503).end();
      if (body === "") return response.end();
      asked += 1;
      const { request: review } = JSON.parse(body) as { request: { uid: string } };
      const answer = { uid: review.uid, allowed: true };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: answer }));
    });
  });
  const [port] = await freePorts(1);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `https://127.0.0.1:${port}/`,
    ca: certificate,
    asked: () => asked,
    becomeReady: () => {
      ready = true;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
