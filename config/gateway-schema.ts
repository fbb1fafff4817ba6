import { amount, hostName, nonEmpty, oneOf, range, text, whole } from "./fields.js";
import z from "./zod.cjs";

/** What a stack may say of the way in, and a service of where it is reached. */

const origin = text(
  /^(\*|https?:\/\/[^\s/]+)$/,
  "an origin such as https://app.example.com, or *",
  "https://app.example.com",
);
const method = oneOf(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
/** As the Gateway API takes it: what a path comes down to, with no way round it. */
const routePath = text(
  /^(?=.{1,255}$)(?!.*(\/\/|\/\.{1,2}(\/|$)|%2[fF]))\/([A-Za-z0-9/._~!$&'()*+,;=:@-]|%[0-9a-fA-F]{2})*$/,
  "a path that begins with /, without //, /./, /../ or %2F",
  "/api",
  255,
);
const header = text(/^[A-Za-z0-9-]{1,100}$/, "the name of a header: letters, digits and hyphens", "x-request-id", 100);

export const route = z.strictObject({
  host: hostName
    .optional()
    .describe("Host name; the domain's own where it is not said, or any where there is no domain."),
  path: routePath.default("/").describe("What paths begin with; the longest of all routes wins."),
  websockets: z
    .boolean()
    .default(false)
    .describe("Connections may stay open for as long as something comes within the gateway's `idleTimeout`."),
  affinity: oneOf(["none", "cookie"]).default("none").describe("`cookie` leads a caller to the same pod every time."),
  timeout: whole(1, 3600)
    .optional()
    .describe("Seconds that one request may take; the service's `requestTimeout` otherwise."),
  rateLimit: z
    .strictObject({
      requests: whole(1, 1_000_000).describe("Requests that one address may make."),
      per: oneOf(["second", "minute", "hour"]).default("minute").describe("In which time."),
    })
    .optional()
    .describe(
      "Beyond it the gateway answers 429: it holds back who calls far more often than others. Each of its pods counts by itself and forgets who has not called for long, so it is no exact bound.",
    ),
  cors: z
    .strictObject({
      origins: z
        .array(origin)
        .min(1)
        .meta({ expected: "a list of origins", example: ["https://app.example.com"] })
        .describe("Pages that may call."),
      methods: z.array(method).min(1).default(["GET", "POST"]).describe("What they may do."),
      headers: z.array(header).default([]).describe("Headers that they may send."),
      credentials: z.boolean().default(false).describe("Whether they may send cookies."),
      maxAge: whole(0, 86_400).default(600).describe("Seconds for which a browser need not ask again."),
    })
    .optional()
    .describe("Which pages in browsers may call; the service answers that itself where it is not said."),
});

export const gateway = z.strictObject({
  expose: oneOf(["loadBalancer", "nodePort"]).describe(
    "How it is reached: by a load balancer of the cloud, or by a port of every node where nothing makes load balancers.",
  ),
  internal: z.boolean().default(false).describe("Reached from inside the network only."),
  sources: z
    .array(range("203.0.113.0/24"))
    .min(1)
    .meta({ expected: "a list of IPv4 ranges", example: ["203.0.113.0/24"] })
    .optional()
    .describe("Addresses that may call; all of them where it is not said."),
  nodeAddress: text(/^[a-z0-9]([a-z0-9.:-]*[a-z0-9])?$/, "a host name or an address", "localhost", 253)
    .default("localhost")
    .describe("Where a node is reached, for `nodePort`."),
  nodePorts: z
    .strictObject({
      http: whole(1024, 65_535).default(30080).describe("Leads to https."),
      https: whole(1024, 65_535).default(30443).describe("Where the gateway answers."),
      nodes: oneOf(["all", "withProxy"])
        .default("all")
        .describe(
          "Who answers there: `all`, and a call loses its client's address on the way; or those that run a proxy, and it keeps it. The latter is for a cluster of one node, and for balancers that look which nodes answer.",
        ),
    })
    .prefault({}),
  replicas: z.strictObject({
    min: whole(1, 100).describe("Fewest pods."),
    max: whole(1, 100).describe("Most pods; added by use of processor time."),
  }),
  cpu: amount(0.05, 16).default(0.25).describe("Cores that a pod is promised."),
  memory: amount(0.0625, 32).default(0.25).describe("GiB that a pod is promised and may take at most."),
  idleTimeout: whole(60, 3600)
    .default(300)
    .describe("Seconds that a silent connection is kept, by load balancer and gateway."),
  drain: whole(0, 3600)
    .default(300)
    .describe("Seconds that a gateway's pod going away keeps serving what it has begun."),
  tls: z
    .strictObject({
      minVersion: oneOf(["1.2", "1.3"]).default("1.2").describe("Oldest version of TLS that callers may speak."),
      secret: nonEmpty("team/certificate")
        .optional()
        .describe(
          "Entry of the secret store with `certificate` and `privateKey` as PEM, in place of one that the platform gets.",
        ),
    })
    .prefault({}),
  acme: z
    .strictObject({
      server: nonEmpty("https://acme-v02.api.letsencrypt.org/directory")
        .default("https://acme-v02.api.letsencrypt.org/directory")
        .describe("Authority that certificates of a domain come from."),
      email: nonEmpty("ops@example.com").optional().describe("Whom the authority may write to."),
    })
    .prefault({}),
});

export type RouteSettings = z.infer<typeof route>;
export type GatewaySettings = z.infer<typeof gateway>;
