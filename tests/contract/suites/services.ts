import assert from "node:assert/strict";
import { cloudNames } from "../../../config/names.js";
import type { RecordedResource } from "../../../plan/record.js";
import { all, only } from "../../support/deploy.js";
import { caseNamed, cases, run } from "../cases.js";
import { waitsFor } from "../graph.js";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const CHART = "kubernetes:helm.sh/v4:Chart";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const JOB = "kubernetes:batch/v1:Job";

/** Who serves the custom resources of a group: the chart that brings their controller. */
const served: Readonly<Record<string, string>> = {
  "cert-manager.io": "cert-manager",
  "external-secrets.io": "external-secrets",
  "gateway.envoyproxy.io": "gateway-helm",
  "gateway.networking.k8s.io": "gateway-helm",
  "keda.sh": "keda",
  // Whoever reads them may come later: they are kept as soon as they are defined.
  "monitoring.coreos.com": "prometheus-operator-crds",
  "postgresql.cnpg.io": "cloudnative-pg",
};
/** Of its address, where it is in a registry. */
const chartOf = ({ name, chart }: RecordedResource["inputs"]): unknown =>
  String(chart ?? name)
    .split("/")
    .at(-1);
const groupOf = ({ type }: RecordedResource): string => /^kubernetes:([^/:]+)\//.exec(type)?.[1] ?? "";
const ofItsOwn = (group: string): boolean =>
  group in served || (group.includes(".") && !/(^|\.)(k8s\.io|helm\.sh)$/.test(group));

describe("custom resources", () => {
  it("come after the controller and webhook that serve them", async () => {
    let seen = 0;
    for (const one of cases) {
      const { resources } = await run(one);
      for (const custom of resources.filter((made) => !made.read && ofItsOwn(groupOf(made)))) {
        const chart = served[groupOf(custom)];
        assert.ok(chart !== undefined, `${one.name}: nothing is known of who serves ${custom.type}`);
        const release = [RELEASE, CHART]
          .flatMap((type) => all(resources, type))
          .find(({ inputs }) => chartOf(inputs) === chart);
        assert.ok(release !== undefined && waitsFor(resources, custom, release), `${one.name}: ${custom.name}`);
        seen += 1;
      }
    }
    assert.ok(seen > 20, String(seen));
  });
});

for (const cloud of cloudNames) {
  describe(`services that run on ${cloud}`, () => {
    const resourcesOf = async () => (await run(caseNamed(`${cloud}, services`))).resources;
    const ending = (resources: readonly RecordedResource[], type: string, name: string) =>
      only(
        all(resources, type).filter((one) => one.name.endsWith(name)),
        type,
      );

    it("start after the database is ready for them, their migration, and those that they use", async () => {
      const resources = await resourcesOf();
      const api = ending(resources, DEPLOYMENT, "-api");
      const search = ending(resources, DEPLOYMENT, "-search");
      const bootstrap = ending(resources, JOB, "-bootstrap");
      const migration = all(resources, JOB).find(({ name }) => name.includes("-api-migrate-"));
      assert.ok(migration !== undefined);
      assert.ok(waitsFor(resources, migration, bootstrap));
      assert.ok(waitsFor(resources, api, migration));
      assert.ok(waitsFor(resources, search, bootstrap));
      assert.ok(waitsFor(resources, api, search));
      assert.equal(waitsFor(resources, search, api), false);
    });

    it("are measured by what the cluster has, or by what the platform brings", async () => {
      const resources = await resourcesOf();
      const brought = all(resources, RELEASE).filter(({ inputs }) => chartOf(inputs) === "metrics-server");
      assert.equal(brought.length, cloud === "aws" || cloud === "local" ? 1 : 0);
    });

    it("are closed to all but what they use, and the namespace of their data too", async () => {
      const policies = all(await resourcesOf(), "kubernetes:networking.k8s.io/v1:NetworkPolicy").map(({ inputs }) => {
        const { name, namespace } = inputs["metadata"] as { name: string; namespace: string };
        return `${namespace} ${name}`;
      });
      for (const namespace of ["agents-development", "agents-development-data"])
        for (const name of ["platform.default-deny", "platform.names"])
          assert.ok(policies.includes(`${namespace} ${name}`), `${namespace} ${name}`);
      for (const service of ["api", "search", "mail", "seed"])
        assert.ok(policies.includes(`agents-development ${service}`), service);
    });
  });
}

describe("secrets of services that run", () => {
  it("are read from the store by one identity, and by no service", async () => {
    const { resources } = await run(caseNamed("aws, services"));
    const policies = new Map(
      all(resources, "aws:iam/rolePolicy:RolePolicy").map(({ name, inputs }) => [name, String(inputs["policy"])]),
    );
    const { Statement } = JSON.parse(policies.get("agents-development-external-secrets") ?? "{}") as {
      Statement: { Sid: string; Resource: string[] }[];
    };
    const entries = Statement.find(({ Sid }) => Sid === "ReadSecrets")?.Resource ?? [];
    assert.deepEqual(entries.map((arn) => /:secret:agents-development-(.*)-1a2b3c4-/.exec(arn)?.[1]).sort(), [
      "api-db-main",
      "db-main-owner",
      "kv-main-app",
      "openai-api-key",
      "search-db-main",
      "seed-db-main",
    ]);
    for (const service of ["api", "search", "mail", "seed"])
      assert.doesNotMatch(policies.get(`agents-development-${service}`) ?? "", /ReadSecrets/);
  });
});
