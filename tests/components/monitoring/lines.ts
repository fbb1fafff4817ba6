import type { LuaRecord } from "../../support/lua.js";

/** What goes in as Fluent Bit reads it, and what must come out: here, and by Fluent Bit's own Lua. */

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
const PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----";

/** Texts with a secret in them, and what is left of them. */
export const masked: readonly (readonly [text: string, left: string])[] = [
  ["key sk-proj-abcdefghijklmnop0123 is wrong", "key [secret] is wrong"],
  ["sk-ant-api03-abcdefghij_klmnop", "[secret]"],
  ["token ghp_abcdefghijklmnopqrstuvwxyz012345!", "token [secret]!"],
  ["github_pat_11ABCDEFG0123456789abc", "[secret]"],
  ["glpat-abcdefghij0123456789", "[secret]"],
  ["xoxb-1234567890-abcdef", "[secret]"],
  ["pul-0123456789abcdef0123456789abcdef01234567", "[secret]"],
  ["hf_abcdefghijklmnopqrst", "[secret]"],
  ["key ak_live_7f3a_S3cr3tS3cr3t of acme", "key [secret] of acme"],
  ["AKIAIOSFODNN7EXAMPLE and ASIAIOSFODNN7EXAMPLE", "[secret] and [secret]"],
  ["AIzaSyA1234567890abcdefghijklmnopqrstu", "[secret]"],
  [`cookie is ${JWT}.`, "cookie is [secret]."],
  [`before ${PEM} after`, "before [secret] after"],
  ["cut: -----BEGIN PRIVATE KEY-----MIIEow", "cut: [secret]"],
  [`${PEM}${PEM}`, "[secret][secret]"],
  ["postgres://app:pa55w@rd@db:5432/app?x=1", "postgres://app:[secret]@db:5432/app?x=1"],
  ["redis://:pa55@cache:6379", "redis://:[secret]@cache:6379"],
  ["GET /cb?access_token=abc123&page=2", "GET /cb?access_token=[secret]&page=2"],
  [`host=db password='a b c' user=app`, "host=db password=[secret] user=app"],
  [`--client-secret="a b" --name=x`, "--client-secret=[secret] --name=x"],
  [
    `sent {"password":"a\\"b","user":"u","apiKey" : "zz"}`,
    `sent {"password":"[secret]","user":"u","apiKey" : "[secret]"}`,
  ],
  [
    `body {\\"client_secret\\":\\"abc\\",\\"a\\":\\"b\\"} end`,
    `body {\\"client_secret\\":\\"[secret]\\",\\"a\\":\\"b\\"} end`,
  ],
  [`unclosed {"token":"abc`, `unclosed {"token":"[secret]`],
  ["authorization: Bearer abcdef123456", "authorization: [secret]"],
  ["> Cookie: sid=1; b=2\r\n> Accept: */*", "> Cookie: [secret]\r\n> Accept: */*"],
  ["X-API-Key: abc\nnext: line", "X-API-Key: [secret]\nnext: line"],
  ["curl -H 'Bearer abc123def456'", "curl -H 'Bearer [secret]'"],
  ["proxy Basic dXNlcjpwYXNzd29yZA== refused", "proxy Basic [secret] refused"],
  ["https://hooks.slack.com/services/T000/B000/abcDEF", "https://hooks.slack.com/services/[secret]"],
  ["client-key-data=LS0tLS1", "client-key-data=[secret]"],
  [`DATABASE_URL=postgres://a:b@c/d API_TOKEN=t0ken`, "DATABASE_URL=postgres://a:[secret]@c/d API_TOKEN=[secret]"],
];

/** Texts that say nothing secret, and stay as they are. */
export const plain: readonly string[] = [
  "",
  "GET /v1/agents 200 in 12 ms",
  "the bearer of bad news asked for a basic configuration",
  "task-force at desk-level: risk-assessment",
  "used 12 tokens=34 maxTokens=100 keyId=7",
  "https://agents.example.com:8443/path?q=1",
  `{"tokens":12,"keyId":"k1","name":"secretary"}`,
  "ghost_writer AIzabc AKIA123 eyJ.a sk-1",
  "ümlaut, 漢字 and \u0000 stay",
];

/** What the kubernetes filter adds. */
const kubernetes = {
  pod_name: "api-6f7d-x2k9p",
  namespace_name: "agents-production",
  container_name: "api",
  host: "node-1",
  labels: { "app.kubernetes.io/name": "api", "pod-template-hash": "6f7d" },
};
const of = {
  stack: "agents-production",
  environment: "production",
  namespace: "agents-production",
  pod: "api-6f7d-x2k9p",
  container: "api",
  node: "node-1",
  service: "api",
  stream: "stdout",
};

interface Shaped {
  readonly title: string;
  readonly record: LuaRecord;
  readonly line: LuaRecord;
}

const pod = (title: string, record: LuaRecord, line: LuaRecord): Shaped => ({
  title,
  record: { stream: "stdout", kubernetes, ...record },
  line: { ...of, ...line },
});

export const shaped: readonly Shaped[] = [
  pod(
    "a line of the service has its call's ids as fields of its own, and the rest in `fields`",
    {
      parsed: {
        level: "warn",
        time: "2026-11-21T10:00:00.000Z",
        service: "agent-service",
        version: "1.4.2",
        msg: "provider failed over",
        requestId: "r-1",
        traceId: "0af7651916cd43dd8448eb211c80319c",
        spanId: "b7ad6b7169203331",
        tenant: "acme",
        err: { type: "Error", message: "401 with sk-abcdefghijklmnop", status: 401 },
      },
    },
    {
      level: "warn",
      message: "provider failed over",
      requestId: "r-1",
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      fields: {
        time: "2026-11-21T10:00:00.000Z",
        version: "1.4.2",
        tenant: "acme",
        err: { type: "Error", message: "401 with [secret]", status: 401 },
      },
    },
  ),
  pod(
    "names that others have for the same are known",
    {
      parsed: {
        severity: "CRITICAL",
        message: "down",
        correlation_id: "c-1",
        "trace.id": "t-1",
        span_id: "s-1",
        password: "hunter2",
        nested: { apiKey: "k", list: ["Bearer abc123def", 2] },
      },
    },
    {
      level: "fatal",
      message: "down",
      requestId: "c-1",
      traceId: "t-1",
      spanId: "s-1",
      fields: { password: "[secret]", nested: { apiKey: "[secret]", list: ["Bearer [secret]", 2] } },
    },
  ),
  pod("levels may be numbers", { parsed: { level: 50, msg: "broken" } }, { level: "error", message: "broken" }),
  pod(
    "the gateway's line of a call gets a sentence, and is an error where the call failed",
    { parsed: { method: "POST", path: "/v1/chat", status: 503, requestId: "r-2" } },
    {
      level: "error",
      message: "POST /v1/chat 503",
      requestId: "r-2",
      fields: { method: "POST", path: "/v1/chat", status: 503 },
    },
  ),
  pod(
    "a line that is no JSON is a message",
    { stream: "stderr", log: "listening on redis://:pa55@cache:6379\n" },
    { stream: "stderr", level: "info", message: "listening on redis://:[secret]@cache:6379" },
  ),
  pod(
    "Kubernetes' own programs begin with a letter for the level",
    { log: "E1121 10:00:00.000000       1 main.go:12] no" },
    { level: "error", message: "E1121 10:00:00.000000       1 main.go:12] no" },
  ),
  {
    title: "a line without metadata is still a line",
    record: { log: "hello", stream: "stdout" },
    line: { level: "info", message: "hello", stack: "agents-production", environment: "production", stream: "stdout" },
  },
];

export const events: readonly Shaped[] = [
  {
    title: "a warning about a pod",
    record: {
      metadata: { name: "api.17a", namespace: "agents-production" },
      involvedObject: { kind: "Pod", namespace: "agents-production", name: "api-6f7d-x2k9p" },
      reason: "BackOff",
      message: "Back-off pulling image with token=abc",
      type: "Warning",
      source: { component: "kubelet", host: "node-1" },
      count: 4,
    },
    line: {
      level: "warn",
      message: "BackOff: Back-off pulling image with token=[secret]",
      stack: "agents-production",
      environment: "production",
      namespace: "agents-production",
      pod: "api-6f7d-x2k9p",
      node: "node-1",
      stream: "event",
      fields: { kind: "Pod", name: "api-6f7d-x2k9p", reason: "BackOff", count: 4, component: "kubelet" },
    },
  },
  {
    title: "what happens to a node",
    record: {
      involvedObject: { kind: "Node", name: "node-2" },
      reason: "NodeReady",
      message: "ready",
      type: "Normal",
      reportingComponent: "node-controller",
    },
    line: {
      level: "info",
      message: "NodeReady: ready",
      stack: "agents-production",
      environment: "production",
      node: "node-2",
      stream: "event",
      fields: { kind: "Node", name: "node-2", reason: "NodeReady", component: "node-controller" },
    },
  },
];
