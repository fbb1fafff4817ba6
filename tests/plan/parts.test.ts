import assert from "node:assert/strict";
import { isReal } from "../../plan/cluster-objects.js";
import { countOf, partsOf } from "../../plan/parts.js";
import { planOfCase, servicesCases } from "../matrix/cases.js";
import { planOf } from "../support/stacks.js";

describe("the parts of a plan", () => {
  it("are told in one order, with their mode and what they are compared by", async () => {
    const parts = partsOf(await planOf("prod"));
    assert.deepEqual(
      parts.map(({ title, mode }) => [title, mode]),
      [
        ["network", "managed"],
        ["cluster", "managed"],
        ["secret store", "managed"],
        ["database main", "managed"],
        ["bootstrap of main", undefined],
        ["cache main", "managed"],
        ["bucket main", "managed"],
        ["registry", "managed"],
        ["logs", undefined],
        ["keys of api", undefined],
        ["keys of monitoring", undefined],
        ["service api", undefined],
        ["pods of api", undefined],
        ["secrets for pods", undefined],
        ["metrics", undefined],
        ["way in", undefined],
        ["nodes on demand", undefined],
        ["load balancers", undefined],
        ["monitoring", undefined],
      ],
    );
    const facts = (title: string) => Object.fromEntries(parts.find((part) => part.title === title)?.facts ?? []);
    assert.deepEqual(facts("cluster"), {
      service: "EKS 1.36",
      "nodes apps": "3-20 m7g.2xlarge",
      "nodes spot": "0-30 m7g.2xlarge spot",
      "nodes system": "3-6 m7g.xlarge",
      access: "public for 203.0.113.0/24",
      encryption: "own key, new every 90 d",
      logs: "90 d",
    });
    assert.deepEqual(facts("database main"), {
      service: "RDS PostgreSQL 17",
      size: "db.r7g.2xlarge",
      storage: "400-4000 GiB gp3",
      copies: "standby in a second zone; 2 x read replica db.r7g.2xlarge",
      access: "private",
      encryption: "own key, new every 90 d",
      transit: "TLS required",
      backup: "30 d, point in time",
    });
    assert.deepEqual(facts("bucket main"), {
      service: "S3",
      access: "private",
      encryption: "own key, new every 90 d",
      backup: "versions kept",
    });
  });

  it("tell of services that run what runs, how much of it and when", async () => {
    const [one] = servicesCases;
    assert.ok(one !== undefined);
    const parts = partsOf(await planOfCase(one));
    const becomes = (title: string) => parts.find((part) => part.title === title)?.becomes.join("; ");
    assert.equal(becomes("pods of api"), "api:1.4.2, 500m CPU, 1024Mi; 2-10 pods; at 0 3 * * *; Job");
    assert.equal(becomes("pods of mail"), "mail:1.0.0, 1 pod, 500m CPU, 1024Mi");
    assert.equal(becomes("bootstrap of main"), "Job");
    assert.match(becomes("secrets for pods") ?? "", /chart external-secrets \d/);
    assert.match(becomes("metrics") ?? "", /chart metrics-server \d/);
  });

  it("in a cluster are compared by the same rows", async () => {
    const parts = partsOf(await planOf("dev"));
    const facts = (title: string) => Object.fromEntries(parts.find((part) => part.title === title)?.facts ?? []);
    assert.deepEqual(facts("cluster"), {
      service: "a cluster that exists",
      access: "the current context of kubectl",
    });
    assert.equal(facts("database main")["service"], "PostgreSQL 17 by CloudNativePG");
    assert.equal(facts("database main")["transit"], "TLS required");
    assert.equal(facts("cache main")["backup"], "none beyond its volumes");
    assert.deepEqual(facts("secret store"), { service: "Kubernetes Secrets" });
  });

  it("say of a standby's database that it follows another", async () => {
    const part = partsOf(await planOf("dr")).find(({ title }) => title === "database main");
    assert.equal(part?.mode, "replica");
    assert.equal(part?.facts.get("service"), "RDS PostgreSQL, follows another");
  });

  it("hold every resource but what stands under the platform itself", async () => {
    const { resources } = await planOf("dev");
    const parts = partsOf(await planOf("dev"));
    const held = parts.reduce((sum, part) => sum + countOf(part), 0);
    const platform = resources.find(({ type }) => type === "agent-platform:index:Platform")?.urn;
    const real = resources.filter(isReal);
    const others = real.filter(({ parent }) => parent === undefined || parent === platform);
    assert.equal(held + others.length, real.length);
  });
});
