/** Services that the platform runs: with all that one can have, one that others use, and those that answer nobody. */
export const running = {
  api: {
    image: "ghcr.io/acme/api:1.4.2",
    uses: ["database", "cache", "service:search", "models"],
    secrets: ["OPENAI_API_KEY"],
    routes: [
      { path: "/", websockets: true, cors: { origins: ["https://app.example.com"], credentials: true } },
      { path: "/v1", rateLimit: { requests: 600 }, affinity: "cookie" },
    ],
    probes: { live: "/health", ready: "/health/ready" },
    metrics: { business: ["orders_total"] },
    autoscaling: { requestsPerSecond: 100 },
    connections: 10,
    migrate: { command: ["node", "migrate.js"] },
    cron: { report: { schedule: "0 3 * * *", command: ["node", "report.js"] } },
  },
  search: { image: "ghcr.io/acme/search:2.0.0", port: 8080, uses: ["database"], connections: 5, replicas: { max: 3 } },
  mail: {
    image: "ghcr.io/acme/mail:1.0.0",
    kind: "worker",
    volumes: { outbox: { path: "/var/outbox", size: 5 } },
    permissions: [{ resources: ["configmaps"], names: ["mail"], verbs: ["get", "watch"] }],
  },
  seed: {
    image: "ghcr.io/acme/seed:1.0.0",
    kind: "job",
    uses: ["database"],
    connections: 1,
    replicas: { min: 1, max: 1 },
  },
};

/** What measures them, beside the platform: KEDA scales those that say by what. */
export const measuring = { mode: "none", query: "http://prometheus.monitoring:9090" };

/** What watches them: with somebody who is woken, as production must have. */
export const watching = {
  mode: "inCluster",
  receivers: {
    pagerduty: { routingKey: "PAGERDUTY_KEY" },
    slack: { webhook: "SLACK_WEBHOOK", channel: "#alerts" },
    email: { to: ["on-call@example.com"], from: "alerts@example.com", host: "smtp.example.com" },
  },
};

/** What it may keep beyond that: measurements in a bucket, lines in the cluster, and dashboards that are reached from outside. */
export const keeping = {
  archive: { bucket: "main" },
  logs: { to: "openSearch", openSearch: { nodes: 3 } },
  tracing: { replicas: 2 },
  grafana: { host: "grafana.agents.example.com" },
};

/** Parts that exist already. */
export const watchedElsewhere = {
  mode: "existing",
  query: "https://prometheus.example.com",
  remoteWrite: "https://prometheus.example.com/api/v1/write",
  token: "PROMETHEUS_TOKEN",
  alertmanager: "https://alertmanager.example.com",
  grafanaUrl: "https://grafana.example.com",
  grafanaToken: "GRAFANA_TOKEN",
  otlp: "https://otlp.example.com:4318",
  otlpToken: "OTLP_TOKEN",
};
