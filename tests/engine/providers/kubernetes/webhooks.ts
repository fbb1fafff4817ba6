import { request } from "node:https";
import type { Props } from "../serve.js";
import { at } from "./objects.js";

/** Who is asked about the objects of a chart's own kinds, where a scenario plays that. */
export interface Asked {
  readonly url: string;
  /** PEM */
  readonly ca: string;
}

/** `STANDIN_WEBHOOKS`: chart -> webhook, as JSON. */
export const webhookOf = (chart: string, { STANDIN_WEBHOOKS: all = "{}" }: NodeJS.ProcessEnv): Asked | undefined =>
  (JSON.parse(all) as Readonly<Record<string, Asked>>)[chart.slice(chart.lastIndexOf("/") + 1)];

export const configurationNamed = (name: string): Props => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingWebhookConfiguration",
  metadata: { name },
});

/** From when it is there nothing of these kinds is taken until the webhook answers. */
export const configurationOf = (name: string, { url, ca }: Asked, definitions: readonly Props[]): Props => ({
  ...configurationNamed(name),
  webhooks: [
    {
      name: "played.webhook.example.com",
      clientConfig: { url, caBundle: Buffer.from(ca).toString("base64") },
      rules: [
        {
          apiGroups: [...new Set(definitions.map((one) => at(one, "spec", "group")))],
          apiVersions: ["*"],
          operations: ["CREATE", "UPDATE"],
          resources: ["*"],
        },
      ],
      failurePolicy: "Fail",
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
      timeoutSeconds: 5,
    },
  ],
});

/** True once it does; what Helm waits for is the readiness of the pod that serves it. */
export const answers = ({ url, ca }: Asked): Promise<true | undefined> =>
  new Promise((resolve) => {
    request(url, { ca }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? true : undefined);
    })
      .on("error", () => resolve(undefined))
      .end();
  });
