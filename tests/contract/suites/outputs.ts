import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { isKnown, isSecret } from "../../support/deploy.js";
import { caseNamed, cases, preview, run } from "../cases.js";
import { plainOf } from "../values.js";

const outputsOf = async (name: Parameters<typeof caseNamed>[0]) => plainOf((await run(caseNamed(name))).result.outputs);
const keys = [
  "schemaVersion",
  "cloud",
  "region",
  "environment",
  "url",
  "gatewayAddress",
  "grafanaUrl",
  "bootstrapKey",
  "domain",
  "nameServers",
  "network",
  "cluster",
  "kubeconfig",
  "namespaces",
  "secretStore",
  "databases",
  "caches",
  "buckets",
  "registry",
  "logs",
  "services",
];

describe("stack outputs", () => {
  it("are these, in every case", async () => {
    for (const one of cases) assert.deepEqual(Object.keys((await run(one)).result.outputs), keys, one.name);
  });

  it("are described in docs/outputs.md, each of them", () => {
    const text = readFileSync(join(import.meta.dirname, "../../../docs/outputs.md"), "utf8");
    const rows = text.split("\n").filter((line) => line.startsWith("| `"));
    const described = rows.flatMap((row) =>
      [...(row.split("|")[1] ?? "").matchAll(/`([A-Za-z]+)/g)].map(([, key]) => key),
    );
    assert.deepEqual([...new Set(described)].sort(), [...keys].sort());
  });

  it("of AWS are these", async () => {
    const { kubeconfig, databases, network, ...outputs } = await outputsOf("aws, production");
    assert.deepEqual(outputs, {
      schemaVersion: 1,
      cloud: "aws",
      region: "eu-west-1",
      environment: "production",
      url: "",
      gatewayAddress: "",
      grafanaUrl: "",
      bootstrapKey: { store: "", key: "" },
      domain: { name: "agents.example.com", zone: "Z-agents-production" },
      nameServers: ["ns-1.example.org", "ns-2.example.org"],
      cluster: { id: "agents-production" },
      namespaces: { services: "agents-production" },
      secretStore: {
        id: "arn:aws:kms:eu-west-1:123456789012:key/agents-production-secrets",
        store: "eu-west-1",
      },
      caches: {
        main: {
          host: "master.agents-production-kv-main.abc.euw1.cache.amazonaws.com",
          port: 6379,
          tls: true,
          ca: "",
          authSecret: "agents-production-kv-main-app-1a2b3c4",
          authStore: "eu-west-1",
          authIdentity:
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:agents-production-kv-main-app-1a2b3c4-AbCdEf",
          clusterMode: false,
        },
      },
      buckets: {
        main: {
          id: "agents-production-bucket-main-1a2b3c4",
          url: "s3://agents-production-bucket-main-1a2b3c4",
          region: "eu-west-1",
          identity: "arn:aws:s3:::agents-production-bucket-main-1a2b3c4",
          encryptionKey: "arn:aws:kms:eu-west-1:123456789012:key/agents-production-bucket-main-key",
          endpoint: "",
          credentialsSecret: "",
        },
      },
      registry: "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
      logs: "/agent-platform/agents-production/services",
      services: {
        api: {
          principal: "arn:aws:iam::123456789012:role/agents-production-api-1a2b3c4",
          roles: { main: "agents-production-api-db-main-1a2b3c4" },
          secrets: { OPENAI_API_KEY: "agents-production-openai-api-key-1a2b3c4" },
        },
      },
    });
    const { ca, ...database } = (databases as Record<string, Record<string, unknown>>)["main"] ?? {};
    assert.match(String(ca), /^-----BEGIN CERTIFICATE-----/);
    assert.deepEqual(database, {
      version: "17",
      host: "agents-production-db-main.abc.eu-west-1.rds.amazonaws.com",
      port: 5432,
      name: "agents",
      readHosts: ["agents-production-db-main-replica-1.abc.eu-west-1.rds.amazonaws.com"],
      tls: true,
      ownerSecret: "agents-production-db-main-owner-1a2b3c4",
      ownerStore: "eu-west-1",
      ownerIdentity:
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:agents-production-db-main-owner-1a2b3c4-AbCdEf",
      identity: "arn:aws:rds:eu-west-1:123456789012:db:agents-production-db-main-1a2b3c4",
    });
    assert.deepEqual(Object.keys((network as { subnets: object }).subnets), ["public", "private", "data"]);
    assert.equal((JSON.parse(String(kubeconfig)) as Record<string, unknown>)["current-context"], "agents-production");
  });

  it("of a cluster that exists have the same names, and nothing where there is nothing", async () => {
    const outputs = await outputsOf("local, development");
    assert.deepEqual(outputs, {
      schemaVersion: 1,
      cloud: "local",
      region: "local",
      environment: "development",
      url: "",
      gatewayAddress: "",
      grafanaUrl: "",
      bootstrapKey: { store: "", key: "" },
      domain: { name: "", zone: "" },
      nameServers: [],
      network: { id: "", subnets: { public: [], private: [], data: [] } },
      cluster: { id: "current" },
      kubeconfig: "",
      namespaces: { services: "agents-development" },
      secretStore: { id: "agents-development-secrets", store: "agents-development-secrets" },
      databases: {
        main: {
          version: "17",
          host: "agents-development-db-main-rw.agents-development-data.svc",
          port: 5432,
          name: "agents",
          readHosts: ["agents-development-db-main-rw.agents-development-data.svc"],
          tls: true,
          ca: "CA OF THE OPERATOR",
          ownerSecret: "agents-development-db-main-owner",
          ownerStore: "agents-development-secrets",
          ownerIdentity: "agents-development-db-main-owner",
          identity: "agents-development-data/agents-development-db-main",
        },
      },
      caches: {
        main: {
          host: "agents-development-kv-main.agents-development-data.svc",
          port: 6379,
          tls: false,
          ca: "",
          authSecret: "agents-development-kv-main-auth",
          authStore: "agents-development-secrets",
          authIdentity: "agents-development-kv-main-auth",
          clusterMode: false,
        },
      },
      buckets: {},
      registry: "",
      logs: "",
      services: {
        api: {
          principal: "",
          roles: { main: "agents-development-api-db-main" },
          secrets: { OPENAI_API_KEY: "agents-development-openai-api-key" },
        },
      },
    });
  });

  it("hold one secret, the kubeconfig", async () => {
    for (const one of cases) {
      const { outputs } = (await run(one)).result;
      for (const [key, value] of Object.entries(outputs)) {
        assert.equal(await isSecret(pulumi.output(value as unknown)), key === "kubeconfig", `${one.name}: ${key}`);
      }
    }
  });

  it("of one stack fill what another takes from it", async () => {
    const [theirs, ours] = [await outputsOf("aws, production"), await outputsOf("aws, all from another stack")];
    for (const key of ["network", "cluster", "secretStore", "domain"]) assert.deepEqual(ours[key], theirs[key], key);
    const taken = {
      databases: ["host", "port", "name", "readHosts", "ca", "ownerSecret", "ownerStore", "ownerIdentity", "identity"],
      caches: ["host", "port", "authSecret", "authStore", "authIdentity"],
      buckets: ["id", "url", "identity", "encryptionKey"],
    };
    for (const [part, values] of Object.entries(taken)) {
      const mainOf = (outputs: Record<string, unknown>) =>
        (outputs[part] as Record<string, Record<string, unknown>>)["main"] ?? {};
      for (const key of values) assert.deepEqual(mainOf(ours)[key], mainOf(theirs)[key], `${part}: ${key}`);
    }
  });

  it("are unknown in a preview where only the cloud can tell, and known where it cannot", async () => {
    const { outputs } = (await preview(caseNamed("aws, production"))).result;
    assert.equal(await isKnown(pulumi.output(outputs.network.id)), false);
    assert.equal(await isKnown(pulumi.output(outputs.databases["main"]?.host)), false);
    assert.equal(outputs.region, "eu-west-1");
    assert.equal(outputs.databases["main"]?.tls, true);
  });
});
