import { amount, text } from "../fields.js";
import z from "../zod.cjs";

/** What alerts begin at. Where two things may be said of one alert, the first is a warning and the second wakes somebody. */

const percent = amount(0.001, 100);

const levels = (
  about: string,
  values: ReturnType<typeof amount>,
  warning: number,
  critical: number,
  side: "beyond" | "short of" = "beyond",
) =>
  z
    .strictObject({
      warning: values.default(warning).describe(`${about}: a warning ${side} it.`),
      critical: values.default(critical).describe(`${about}: critical ${side} it.`),
    })
    .prefault({});

const seconds = amount(0.001, 86_400);
const many = amount(0, 1_000_000_000);
const gib = amount(0.001, 65_536);
const days = amount(0.1, 365);

export const alerts = z
  .strictObject({
    runbooks: text(
      /^https:\/\/[^\s?#@]+\/$/,
      "an https address that ends in /",
      "https://git.example.com/platform/docs/runbooks/",
    )
      .optional()
      .describe("Where the pages of docs/runbooks are read: alerts link there."),
    errorRate: levels("Percent of a service's calls that it fails (5xx)", percent, 1, 10),
    responseTime: seconds.default(2).describe("Seconds: a warning where 1 of 20 calls takes longer (95th percentile)."),
    latency: seconds.default(1).describe("Seconds: a warning where 1 of 100 calls takes longer (99th percentile)."),
    firstToken: seconds
      .default(10)
      .describe("Seconds to a model's first token: a warning where 1 of 20 takes longer (95th percentile)."),
    databaseConnections: levels(
      "Percent of the connections that a service's pools or a database may have open, in use",
      percent,
      80,
      95,
    ),
    databaseConnectionCount: many
      .default(80)
      .describe("Connections of all of a service's pods that are in use at once: a warning beyond it."),
    databaseWaiting: many.default(5).describe("Calls of a service that wait for a connection: a warning beyond it."),
    processMemory: many.default(1024).describe("MiB that one process holds: a warning beyond it."),
    podMemory: levels("Percent of its memory limit that a container uses", percent, 80, 95),
    podCpu: amount(1, 100_000)
      .default(150)
      .describe("Percent of the cores that it was promised, which a container uses: a warning beyond it."),
    eventLoopLag: seconds.default(0.2).describe("Seconds that a Node.js process is late: a warning beyond it."),
    agentFailures: percent.default(5).describe("Percent of the runs of agents that fail: a warning beyond it."),
    agentFailuresPerSecond: amount(0.0001, 1_000_000)
      .default(0.05)
      .describe("Runs of agents that fail each second: critical beyond it."),
    queueDepth: many.default(100).describe("Runs that wait for a worker: a warning beyond it."),
    deadLetters: many.default(0).describe("Runs that were given up: a warning beyond it."),
    deadLetterHours: amount(0.1, 8760)
      .default(24)
      .describe("Hours that one of them waits for a person: a warning beyond it."),
    failovers: many
      .default(10)
      .describe("Model calls that went on to another provider, in 10 minutes: a warning beyond it."),
    replicationLag: levels("MiB of changes that a copy of a database has not taken over", many, 100, 1000),
    databaseCpu: percent.default(80).describe("Percent of a managed database's cores in use: a warning beyond it."),
    databaseFree: levels("GiB that a managed database has left", gib, 5, 2, "short of"),
    cacheMemory: percent
      .default(90)
      .describe("Percent of its memory that a cache uses which may not drop keys at will: a warning beyond it."),
    volumeUsed: levels("Percent of a volume in use", percent, 85, 95),
    nodeCpu: percent.default(90).describe("Percent of a node's cores in use: a warning beyond it."),
    nodeMemory: percent.default(90).describe("Percent of a node's memory in use: a warning beyond it."),
    nodeDisk: levels("Percent of a node's disk in use", percent, 80, 90),
    diskDays: days
      .default(4)
      .describe("Days ahead: a warning where a disk or a volume would be full by then, going on as in the last hours."),
    autoscalerMinutes: amount(1, 1440)
      .default(30)
      .describe("Minutes that an autoscaler has been at its most pods: a warning after them."),
    targetsDown: percent.default(10).describe("Percent of a job's targets that do not answer: a warning beyond it."),
    certificateDays: levels("Days that a certificate has left", days, 21, 7, "short of"),
    gatewayConnectFailures: amount(0.0001, 1_000_000)
      .default(1)
      .describe("Connections a second that the gateway cannot open to services: a warning beyond it."),
    loadBalancerErrors: amount(0.0001, 1_000_000)
      .default(1)
      .describe("Errors a second of the cloud's own load balancer: a warning beyond it."),
    modeMinutes: amount(1, 10_080)
      .default(60)
      .describe("Minutes that maintenance or read-only mode has been on: a warning after them."),
  })
  .prefault({})
  .describe("What alerts begin at.");

export type AlertSettings = z.infer<typeof alerts>;
