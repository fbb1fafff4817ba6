import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceSettings } from "../../config/service-schema.js";
import { contentName } from "../content-name.js";
import { labelsOf } from "./labels.js";
import { metadataOf } from "./manifests.js";
import { renderTaskPod, type WorkloadSpec } from "./pod.js";

/** What runs and ends: a migration, what runs at times, and a service that is nothing else. */

type Job = kubernetes.types.input.batch.v1.Job;
type Migration = NonNullable<ServiceSettings["migrate"]>;

/** A failed one is made anew by the next `up`. */
const annotations = { "pulumi.com/replaceUnready": "true" };

/** Another image is another name: what ran for one is found done, and does not run again. */
export const migrationName = (stem: string, { image }: Pick<WorkloadSpec, "image">, { command }: Migration): string =>
  contentName(`${stem}-migrate`, [image.fixed, ...command]);

/** What a migration exits with where another try would end the same. */
const REFUSED = 3;

export const renderMigration = (spec: WorkloadSpec, migration: Migration): Job => ({
  metadata: { ...metadataOf(spec, migrationName(spec.service, spec, migration)), annotations },
  spec: {
    backoffLimit: 2,
    podFailurePolicy: { rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [REFUSED] } }] },
    activeDeadlineSeconds: migration.timeout,
    template: renderTemplate(spec, "migrate", migration.command),
  },
});

export function renderCron(
  spec: WorkloadSpec,
  key: string,
  { schedule, command, timeout }: ServiceSettings["cron"][string],
): kubernetes.types.input.batch.v1.CronJob {
  return {
    metadata: metadataOf(spec, `${spec.service}-${key}`),
    spec: {
      schedule,
      timeZone: "Etc/UTC",
      // The one before is still at it: it is not started twice, and not missed for good.
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 300,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: { backoffLimit: 1, activeDeadlineSeconds: timeout, template: renderTemplate(spec, key, command) },
      },
    },
  };
}

/** Seconds that a service of kind `job` may take, all tries together. */
export const JOB_SECONDS = 3600;

/** Another pod, be it by its image or by what it is handed, is another Job. */
export function renderJob(spec: WorkloadSpec): Job {
  const template = renderTemplate(spec, "run");
  return {
    metadata: {
      ...metadataOf(spec),
      name: pulumi.output(template).apply((content) => contentName(spec.service, content)),
      annotations,
    },
    spec: { backoffLimit: 2, activeDeadlineSeconds: JOB_SECONDS, template },
  };
}

const renderTemplate = (spec: WorkloadSpec, component: string, command?: readonly string[]) => ({
  metadata: { labels: { ...labelsOf(spec.service), "app.kubernetes.io/component": component, ...spec.podLabels } },
  spec: renderTaskPod(spec, command),
});
