import { agents } from "./agents-schema.js";
import { amount, dnsLabel, nonEmpty, oneOf, path, secretName, text, whole } from "./fields.js";
import { route } from "./gateway-schema.js";
import { budget } from "./monitoring/budget.js";
import { severityNames } from "./monitoring/receivers.js";
import z from "./zod.cjs";

/** What a stack may say of one service. An image and a port are enough; the rest has defaults that hold for most. */

const uses = text(
  /^(models|(database|cache|bucket)(:[a-z][a-z0-9-]*)?|service:[a-z][a-z0-9-]*)$/,
  "database, cache or bucket (with :KEY for one that is not main), service:NAME, or models",
  "database",
);

const image = text(
  /^[a-z0-9]+([._:/-]+[a-z0-9]+)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$/,
  "an image with a tag or digest, such as ghcr.io/acme/api:1.4.2",
  "ghcr.io/acme/api:1.4.2",
  500,
);
const variable = text(
  /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
  "the name of an environment variable: letters, digits and underscores",
  "LOG_LEVEL",
  128,
);
const words = z.array(nonEmpty("node")).min(1).max(64);
const schedule = text(
  /^(@(hourly|daily|weekly|monthly)|([0-9*,/-]+ +){4}[0-9A-Z*,/-]+)$/,
  "five fields of cron in UTC, or @hourly, @daily, @weekly, @monthly",
  "0 3 * * *",
  100,
);

const probes = z.strictObject({
  startup: path.optional().describe("Answers 2xx once the service has started; `live` where it is not said."),
  ready: path.optional().describe("Answers 2xx while the service may get calls; `live` where it is not said."),
  live: path.optional().describe("Answers 2xx unless the process must be started again. Without it the port is tried."),
});

const autoscaling = z.strictObject({
  cpu: whole(1, 100).default(70).describe("Percent of the cores asked for, beyond which pods are added."),
  memory: whole(1, 100).default(80).describe("Percent of the memory asked for, beyond which pods are added."),
  upSeconds: whole(0, 3600).default(0).describe("Seconds for which there must be more to do before pods are added."),
  downSeconds: whole(0, 3600).default(300).describe("Seconds for which there must be less to do before pods go."),
  requestsPerSecond: amount(0.001, 1_000_000)
    .optional()
    .describe("Requests a second for each pod, beyond which pods are added."),
  queueDepth: amount(0.001, 1_000_000).optional().describe("Runs that wait for each pod, beyond which pods are added."),
  tokensPerSecond: amount(0.001, 10_000_000)
    .optional()
    .describe("Tokens a second for each pod, beyond which pods are added."),
});

/** What the service itself promises; monitoring holds it to that. */
const slo = z.strictObject({
  availability: amount(50, 99.999).default(99.9).describe("Percent of the requests that are answered well."),
  errors: amount(0.001, 50).default(1).describe("Percent of the requests that may fail."),
  p95: amount(0.001, 3600).default(0.5).describe("Seconds within which 95 of 100 requests are answered."),
  p99: amount(0.001, 3600).default(1).describe("Seconds within which 99 of 100 are."),
  agentHealth: amount(0.01, 0.999).default(0.95).describe("Least part of the agents that are well."),
});

const metricName = text(
  /^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}$/,
  "the name of a metric: letters, digits, underscores and colons, beginning with no digit",
  "orders_total",
  200,
);

/** By its name alone, or with what is shown and told of it. */
const businessMetric = z
  .union([
    metricName,
    z.strictObject({
      name: metricName.describe(
        "As the service shows it. One that ends in `_total` is told as what came in the last hour, any other as it is.",
      ),
      title: nonEmpty("Orders").optional().describe("What people call it; its name otherwise."),
      unit: nonEmpty("orders").optional().describe("What it counts."),
      across: oneOf(["sum", "average", "most"])
        .default("sum")
        .describe("What several pods say together: the sum, the average, or the most that one says."),
      alert: z
        .strictObject({
          above: z.number().optional().describe("An alert beyond it."),
          below: z.number().optional().describe("An alert short of it."),
          minutes: whole(0, 1440).default(15).describe("How long it must be so."),
          severity: oneOf(severityNames).default("warning").describe("How bad that is."),
        })
        .meta({ expected: "a map with above or below", example: { below: 1 } })
        .optional()
        .describe("Whom it wakes, and when."),
    }),
  ])
  .meta({
    expected: "the name of a metric (letters, digits, underscores and colons), or a map with name",
    example: "orders_total",
  });

const permission = z
  .strictObject({
    groups: z.array(z.string().max(253)).default([""]).describe("API groups; an empty text is the core one."),
    resources: z.array(nonEmpty("configmaps")).min(1).describe("Kinds, in the plural."),
    names: z
      .array(nonEmpty("my-config"))
      .default([])
      .describe("Objects by name; all of the namespace where none is said."),
    verbs: z
      .array(oneOf(["get", "list", "watch", "create", "update", "patch", "delete"]))
      .min(1)
      .describe("What it may do with them."),
  })
  .meta({ example: { resources: ["configmaps"], verbs: ["get"] } });

const build = z.strictObject({
  context: nonEmpty(".").describe("Folder that the image is built from, from the project's own."),
  dockerfile: nonEmpty("Dockerfile")
    .optional()
    .describe("From the same folder; `Dockerfile` in the context otherwise."),
  target: nonEmpty("runtime").optional().describe("Stage to stop at; the last one otherwise."),
  args: z
    .record(variable, z.string().max(1000))
    .default({})
    .describe("Build arguments; no secrets, they stay in the image."),
});

export const service = z.strictObject({
  image: image
    .optional()
    .describe(
      "What runs. A service without one gets its identity, database role and secrets only: something else deploys it.",
    ),
  build: build
    .optional()
    .describe("Builds the image for both architectures and keeps it in the stack's registry, in place of `image`."),
  agents: agents.optional().describe("Runs the platform's own agent service; fills what it needs."),
  pullSecret: secretName
    .optional()
    .describe("Secret in `agent-secrets:` with what pulls the image: the JSON of a Docker config file."),
  kind: oneOf(["web", "worker", "job"])
    .default("web")
    .describe(
      "`web` answers calls on its port; a `worker` has none; a `job` ends, and runs once for each change of it.",
    ),
  port: whole(1, 65535).default(3000).describe("Where a web service listens; handed over as `PORT`."),
  command: words.optional().describe("In place of the image's entrypoint."),
  args: words.optional().describe("In place of the image's command."),
  env: z
    .record(variable, z.string().max(10_000))
    .default({})
    .describe("Environment variables that are no secrets, beside those that the platform hands over."),
  uid: whole(1, 65_535).default(10_001).describe("User that the pods run as; never root."),
  cpu: amount(0.01, 64).default(0.5).describe("Cores that a pod is promised; it may take more where they are free."),
  memory: amount(0.0625, 512).default(1).describe("GiB that a pod is promised and may take at most."),
  disk: amount(0.0625, 100).default(1).describe("GiB of the node's disk: logs and /tmp."),
  scratch: z
    .record(
      dnsLabel,
      z.strictObject({
        path: path.describe("Where it is mounted."),
        size: amount(0.0625, 500).default(1).describe("GiB."),
      }),
    )
    .default({})
    .describe("Folders that the service may write to, each pod its own; they go with the pod."),
  volumes: z
    .record(
      dnsLabel,
      z.strictObject({
        path: path.describe("Where it is mounted."),
        size: amount(1, 65_536).describe("GiB; it can grow, and never shrinks."),
        storageClass: nonEmpty("standard")
          .optional()
          .describe("Storage class; the cluster's solid state one otherwise."),
      }),
    )
    .default({})
    .describe(
      "Disks that outlive the pod. A disk is one pod's: such a service has one, and it stops before the next one starts.",
    ),
  pool: dnsLabel.optional().describe("Pool of nodes to run on; any without taints where it is not said."),
  uses: z
    .array(uses)
    .default([])
    .describe("What the service works with: `database`, `cache:sessions`, `bucket`, `service:search`, `models`, ..."),
  secrets: z.array(secretName).default([]).describe("Secrets that it gets, by their names in `agent-secrets:`."),
  replicas: z
    .strictObject({
      min: whole(0, 1000).default(2).describe("Fewest pods."),
      max: whole(1, 1000).default(10).describe("Most pods."),
    })
    .prefault({}),
  autoscaling: autoscaling.prefault({}).describe("When there are more pods than `replicas.min`."),
  routes: z.array(route).default([]).describe("Where it is reached from outside, through the gateway."),
  permissions: z
    .array(permission)
    .default([])
    .describe("What it may do with objects of its own namespace in the cluster; its pods have no token without it."),
  probes: probes.prefault({}).describe("How Kubernetes sees that a pod is well."),
  migrate: z
    .strictObject({
      command: words.describe("Brings the database's schema to this image's version; runs once for an image."),
      timeout: whole(10, 3600).default(600).describe("Seconds that it may take."),
    })
    .optional()
    .describe("Runs before pods of a new image start; the old ones serve until it is done, and on when it fails."),
  cron: z
    .record(
      dnsLabel,
      z.strictObject({
        schedule: schedule.describe("When, in UTC."),
        command: words.describe("What runs, in the service's image and with all that the service has."),
        timeout: whole(10, 86_400).default(3600).describe("Seconds that it may take."),
      }),
    )
    .default({})
    .describe("What runs at times."),
  metrics: z
    .strictObject({
      port: whole(1, 65535).default(9464).describe("Handed over as `METRICS_PORT`."),
      path: path.default("/metrics").describe("Where Prometheus reads."),
      business: z
        .array(businessMetric)
        .default([])
        .describe("Metrics that tell how the business goes, for its dashboard: a name each, or a map with name."),
    })
    .optional()
    .describe("Where the service shows its metrics."),
  slo: slo.prefault({}).describe("What it promises its callers."),
  budget,
  connections: whole(1, 1000).default(20).describe("Database connections that each pod may open."),
  requestTimeout: whole(1, 3600).default(60).describe("Seconds that one request may take."),
  drain: whole(1, 3600).default(75).describe("Seconds that a pod going away keeps serving what it has begun."),
  preStop: whole(0, 300).default(5).describe("Seconds before draining, for load balancers to look elsewhere."),
  terminationGrace: whole(1, 7200).default(90).describe("Seconds after which a pod going away is killed."),
});

export type ServiceSettings = z.infer<typeof service>;

/** The metrics that tell how a service's business goes, however they were said. */
export type BusinessMetric = Exclude<NonNullable<ServiceSettings["metrics"]>["business"][number], string>;
export const businessOf = ({ metrics }: Pick<ServiceSettings, "metrics">): readonly BusinessMetric[] =>
  (metrics?.business ?? []).map((one) => (typeof one === "string" ? { name: one, across: "sum" } : one));
