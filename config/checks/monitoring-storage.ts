import { daysIn, gibPerDay, prometheusReplicas, seriesOf, storageFor, tell } from "../monitoring/size.js";
import { listed } from "../problems.js";
import { type Check, isSaid, remove, set } from "./finding.js";

const STORAGE = ["monitoring", "storage"];
const RETENTION = ["monitoring", "retention"];

/** A volume that is full of the last weeks keeps nothing of the months that the stack asks for. */
export const retentionFits: Check = (settings, context, found) => {
  const { monitoring } = settings;
  if (monitoring.mode !== "inCluster") return;
  const { retention, storage } = monitoring;
  const needed = storageFor(retention, settings);
  if (needed <= storage) return;
  const what = `${storage} GiB hold about ${daysIn(storage, settings)} of ${retention} days`;
  const estimate = `${seriesOf(settings)} series (${tell(settings)}) every ${monitoring.scrapeInterval} s make ${gibPerDay(settings).toFixed(2)} GiB a day`;
  const asked = isSaid(context, STORAGE) ? STORAGE : RETENTION;
  if (isSaid(context, asked))
    found.problem(
      asked,
      `${what}: ${estimate}`,
      `at least ${needed} GiB of storage, fewer days, or an archive`,
      set(context, STORAGE, needed),
    );
  else found.warning(`monitoring.storage: ${what}, and the oldest go: ${estimate}; ${set(context, STORAGE, needed)}`);
};

export const archiveThere: Check = (settings, context, found) => {
  const { monitoring, buckets } = settings;
  if (monitoring.mode !== "inCluster" || monitoring.archive === undefined) return;
  const { bucket, retention } = monitoring.archive;
  const path = ["monitoring", "archive"];
  if (!Object.hasOwn(buckets, bucket)) {
    const have = Object.keys(buckets);
    const [first] = have;
    found.problem(
      [...path, "bucket"],
      `there is no buckets.${bucket}`,
      have.length === 0 ? "a key of buckets, which has none" : listed(have),
      first === undefined ? remove(context, path) : set(context, [...path, "bucket"], first),
    );
  }
  if (retention <= monitoring.retention)
    found.problem(
      [...path, "retention"],
      `${retention} days, and the disk keeps ${monitoring.retention}`,
      "more than monitoring.retention",
      set(context, [...path, "retention"], 2 * monitoring.retention),
    );
};

/** What is kept twice is paid for twice: with an archive the disk needs only what is asked for every day. */
const DAYS_BESIDE_ARCHIVE = 15;

export const diskBesideArchive: Check = (settings, context, found) => {
  const { monitoring } = settings;
  if (monitoring.mode !== "inCluster" || monitoring.archive === undefined) return;
  if (monitoring.retention <= DAYS_BESIDE_ARCHIVE || isSaid(context, RETENTION)) return;
  const copies = prometheusReplicas(settings);
  found.warning(
    `monitoring.retention: ${monitoring.retention} days are on ${copies} ${copies === 1 ? "disk" : "disks"} and in buckets.${monitoring.archive.bucket}; ${DAYS_BESIDE_ARCHIVE} on the disk are enough: ${set(context, RETENTION, DAYS_BESIDE_ARCHIVE)}`,
  );
};

/** Whoever is on the way reads what is not encrypted. Inside a cluster that is nobody else's matter. */
export const tokenCovered: Check = (settings, context, found) => {
  const { monitoring } = settings;
  if (monitoring.mode !== "existing") return;
  const sent = [
    ["remoteWrite", monitoring.token],
    ["query", monitoring.token],
    ["alertmanager", monitoring.alertmanagerToken],
  ] as const;
  for (const [key, token] of sent) {
    const address = monitoring[key];
    if (token === undefined || address === undefined) continue;
    const { protocol, hostname } = new URL(address);
    if (protocol === "https:" || isInCluster(hostname)) continue;
    const path = ["monitoring", key];
    found.problem(
      path,
      `the token ${token} would go to ${hostname} unencrypted`,
      "an https address",
      set(context, path, address.replace(/^http:/, "https:")),
    );
  }
};

export const isInCluster = (hostname: string): boolean => /^[^.]+$|\.svc(\.|$)/.test(hostname);
