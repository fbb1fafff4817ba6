import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JobArgs } from "@pulumi/kubernetes/batch/v1/job.js";
import type * as pulumi from "@pulumi/pulumi";
import { images } from "../../../config/versions.js";
import { logTexts } from "../../../providers/contract.js";
import { hardenedContainer, hardenedPod } from "../../hardened.js";
import { imageOf } from "../../image.js";
import { INDEX } from "./open-search.js";

type Input<T> = pulumi.Input<T>;

export const setupLabels = { "app.kubernetes.io/name": "opensearch-setup" };

const FILES = "/etc/opensearch-setup";
const UID = 10_001;
const RETRIES = 4;
const DEADLINE_SECONDS = 900;

/** Lines are forgotten by the day: a day's index goes when it is that old. */
export const renderRetention = (days: number) => ({
  policy: {
    description: `Lines stay for ${days} days.`,
    default_state: "kept",
    states: [
      {
        name: "kept",
        actions: [],
        transitions: [{ state_name: "gone", conditions: { min_index_age: `${days}d` } }],
      },
      { name: "gone", actions: [{ delete: {} }], transitions: [] },
    ],
    ism_template: [{ index_patterns: [`${INDEX}-*`], priority: 100 }],
  },
});

/** What programs say of themselves is one field, so that no name of theirs makes a column. */
export const renderTemplate = (nodes: number) => ({
  index_patterns: [`${INDEX}-*`],
  priority: 100,
  template: {
    settings: { number_of_shards: 1, number_of_replicas: nodes > 1 ? 1 : 0, refresh_interval: "10s" },
    mappings: {
      dynamic: false,
      properties: {
        "@timestamp": { type: "date_nanos" },
        ...Object.fromEntries(logTexts.map((text) => [text, { type: text === "message" ? "text" : "keyword" }])),
        fields: { type: "flat_object" },
      },
    },
  },
});

/** What the Job runs and reads, by file. */
export const setupFiles = (retention: number, nodes: number): Readonly<Record<string, string>> => ({
  "run.sh": readFileSync(join(import.meta.dirname, "open-search-setup.sh"), "utf8"),
  "retention.json": JSON.stringify(renderRetention(retention), undefined, 2),
  "template.json": JSON.stringify(renderTemplate(nodes), undefined, 2),
});

export interface SetupJob {
  readonly name: Input<string>;
  readonly namespace: Input<string>;
  readonly mirror: string | undefined;
  /** Where OpenSearch answers. */
  readonly url: Input<string>;
  /** The ConfigMap with the files. */
  readonly files: Input<string>;
}

export const renderSetup = ({ name, namespace, mirror, url, files }: SetupJob) =>
  ({
    // Otherwise the next `up` would wait for a Job that has failed already.
    metadata: { name, namespace, labels: setupLabels, annotations: { "pulumi.com/replaceUnready": "true" } },
    spec: {
      backoffLimit: RETRIES,
      activeDeadlineSeconds: DEADLINE_SECONDS,
      template: {
        metadata: { labels: setupLabels },
        spec: {
          restartPolicy: "Never",
          ...hardenedPod(UID),
          containers: [
            {
              name: "setup",
              image: imageOf(images.openSearch, mirror),
              imagePullPolicy: "IfNotPresent",
              command: ["sh", `${FILES}/run.sh`],
              env: [
                { name: "URL", value: url },
                { name: "FILES", value: FILES },
                { name: "INDEX", value: INDEX },
              ],
              terminationMessagePolicy: "FallbackToLogsOnError",
              resources: {
                requests: { cpu: "20m", memory: "64Mi", "ephemeral-storage": "16Mi" },
                limits: { memory: "64Mi", "ephemeral-storage": "16Mi" },
              },
              ...hardenedContainer,
              volumeMounts: [{ name: "files", mountPath: FILES, readOnly: true }],
            },
          ],
          volumes: [{ name: "files", configMap: { name: files } }],
        },
      },
    },
  }) satisfies JobArgs;
